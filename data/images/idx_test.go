package images_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
)

func TestReadIDX(t *testing.T) {
	good := labtest.Idx(8, []uint32{2, 1, 3}, 1, 2, 3, 4, 5, 6)
	want := &images.IDX{Dims: []int{2, 1, 3}, Data: []byte{1, 2, 3, 4, 5, 6}}
	for name, file := range map[string][]byte{"plain": good, "gzip": labtest.Gzipped(good)} {
		for _, most := range []int64{6, 0} { // 0 is the default bound
			got, err := images.ReadIDX(bytes.NewReader(file), most)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got) %s", name, diff)
			}
		}
	}
}

func TestReadIDXErrors(t *testing.T) {
	good := labtest.Idx(8, []uint32{2, 3}, 1, 2, 3, 4, 5, 6)
	wrongSum := labtest.Gzipped(good)
	wrongSum[len(wrongSum)-5] ^= 1
	huge := uint32(1<<32 - 1)
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "header"},
		{"short header", []byte{0, 0, 8}, "unexpected EOF"},
		{"text", []byte("id,label\n1,2\n"), "not an IDX file"},
		{"no dimension", []byte{0, 0, 8, 0}, "not an IDX file"},
		{"floats", labtest.Idx(0x0d, []uint32{1}, 0, 0, 0, 0), "float32"},
		{"unknown type", labtest.Idx(0x77, []uint32{1}, 0), "0x77"},
		{"truncated dimensions", []byte{0, 0, 8, 2, 0, 0, 0, 1, 0}, "dimension 2 of 2"},
		{"truncated values", good[:len(good)-1], "5 of 6"},
		{"more values", append(bytes.Clone(good), 9), "more than the 6"},
		{"too large", labtest.Idx(8, []uint32{2, 50}), "99 bytes"},
		{"overflowing", labtest.Idx(8, []uint32{huge, huge, huge}), "allowed"},
		{"cut gzip", labtest.Gzipped(good)[:20], "EOF"},
		{"gzip header only", []byte{0x1f, 0x8b}, "gzip header"},
		{"gzip checksum", wrongSum, "checksum"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := images.ReadIDX(bytes.NewReader(c.file), 99)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
		})
	}
}

// A header that promises much must not cost memory: the reader stops where the bytes stop.
func TestReadIDXClaimsMuch(t *testing.T) {
	file := labtest.Idx(8, []uint32{1 << 30}, 1, 2, 3)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := images.ReadIDX(bytes.NewReader(file), 1<<31); err == nil {
		t.Fatal("no error")
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("%d bytes allocated for a file of %d", got, len(file))
	}
}

func TestOpenIDX(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pixels, labels := write("images", labtest.Idx(8, []uint32{2, 1, 2}, 10, 20, 30, 40)),
		write("labels", labtest.Idx(8, []uint32{2}, 200, 7))
	want := &images.Images{
		Items: []images.Image{{W: 2, H: 1, C: 1, Pix: []byte{10, 20}}, {W: 2, H: 1, C: 1, Pix: []byte{30, 40}}},
		IDs:   []string{"00000", "00001"}, Labels: []string{"200", "7"},
	}
	for _, path := range []string{labels, ""} {
		got, err := images.OpenIDX(pixels, path, 0)
		if err != nil {
			t.Fatal(err)
		}
		if path == "" {
			want.Labels = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("labels %q: %s", path, diff)
		}
	}
	for _, c := range []struct{ images, labels, want string }{
		{filepath.Join(dir, "none"), "", "none: "}, {pixels, filepath.Join(dir, "none"), "labels: open"},
		{labels, "", "want 3"}, {pixels, pixels, "want 1"},
		{pixels, write("one", labtest.Idx(8, []uint32{1}, 1)), pixels + ": 2 images but 1 labels"},
	} {
		if _, err := images.OpenIDX(c.images, c.labels, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := images.OpenIDX(pixels, labels, 3); err == nil {
		t.Error("4 bytes were read where 3 are allowed")
	}
}

func FuzzReadIDX(f *testing.F) {
	good := labtest.Idx(8, []uint32{2, 3}, 1, 2, 3, 4, 5, 6)
	f.Add(good)
	f.Add(labtest.Gzipped(good))
	f.Add(labtest.Idx(8, []uint32{0}))
	f.Fuzz(imagestest.CheckIDX)
}

func TestReadIDXImages(t *testing.T) {
	pix := labtest.Idx(8, []uint32{2, 1, 2}, 10, 20, 30, 40)
	got, err := images.ReadIDXImages(bytes.NewReader(pix), bytes.NewReader(labtest.Idx(8, []uint32{2}, 1, 0)), "d",
		[]string{"a", "b"}, 100)
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
		{"no such class", pix, labtest.Idx(8, []uint32{2}, 1, 2), "item 1"},
		{"no pixels", labtest.Idx(8, []uint32{2, 0, 2}), labtest.Idx(8, []uint32{2}, 1, 0), "empty images"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := images.ReadIDXImages(bytes.NewReader(c.images), bytes.NewReader(c.labels), "d",
				[]string{"a", "b"}, 100)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
		})
	}
	if _, err := images.ReadIDXImages(iotestErr{}, nil, "d", nil, 100); err == nil ||
		!strings.Contains(err.Error(), "closed pipe") {
		t.Errorf("a failing reader gave %v", err)
	}
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
