package images_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/labimages"
)

func FuzzReadIDX(f *testing.F) {
	good := labtest.Idx(8, []uint32{2, 3}, 1, 2, 3, 4, 5, 6)
	f.Add(good)
	f.Add(labtest.Gzipped(good))
	f.Add(labtest.Idx(8, []uint32{0}))
	f.Fuzz(labimages.CheckIDX)
}

func TestReadIDXImages(t *testing.T) {
	pix := labtest.Idx(8, []uint32{2, 1, 2}, 10, 20, 30, 40)
	got, err := images.ReadIDXImages(bytes.NewReader(pix), bytes.NewReader(labtest.Idx(8, []uint32{2}, 1, 0)), "d", []string{"a", "b"}, 100)
	if err != nil {
		t.Fatal(err)
	}
	want := &images.Images{
		Items: []images.Image{{W: 2, H: 1, C: 1, Pix: []byte{10, 20}}, {W: 2, H: 1, C: 1, Pix: []byte{30, 40}}},
		IDs:   []string{"d/00000", "d/00001"}, Labels: []string{"d/b", "d/a"}, Domains: []string{"d", "d"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got)", diff)
	}
	unlabelled, err := images.ReadIDXImages(bytes.NewReader(pix), nil, "d", nil, 100)
	if err != nil || unlabelled.Labels != nil {
		t.Errorf("without labels: %v, %v", unlabelled, err)
	}
	for _, c := range []struct {
		name           string
		images, labels []byte
		want           string
	}{
		{"images broken", pix[:5], labtest.Idx(8, []uint32{2}, 1, 0), "images of d"},
		{"labels broken", pix, []byte{1}, "labels of d"},
		{"images are labels", labtest.Idx(8, []uint32{2}, 1, 0), labtest.Idx(8, []uint32{2}, 1, 0), "want 3"},
		{"labels are images", pix, pix, "want 1"},
		{"counts differ", pix, labtest.Idx(8, []uint32{1}, 1), "2 images but 1 labels"},
		{"no such class", pix, labtest.Idx(8, []uint32{2}, 1, 2), "item 1 has the value 2"},
		{"no pixels", labtest.Idx(8, []uint32{2, 0, 2}), labtest.Idx(8, []uint32{2}, 1, 0), "empty images"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := images.ReadIDXImages(bytes.NewReader(c.images), bytes.NewReader(c.labels), "d", []string{"a", "b"}, 100)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
		})
	}
	if _, err := images.ReadIDXImages(iotestErr{}, nil, "d", nil, 100); err == nil || !strings.Contains(err.Error(), "closed pipe") {
		t.Errorf("a failing reader gave %v", err)
	}
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
