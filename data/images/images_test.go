package images

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/internal/labtest"
)

func TestReadIDX(t *testing.T) {
	good := labtest.Idx(8, []uint32{2, 1, 3}, 1, 2, 3, 4, 5, 6)
	want := &IDX{Dims: []int{2, 1, 3}, Data: []byte{1, 2, 3, 4, 5, 6}}
	for name, file := range map[string][]byte{"plain": good, "gzip": labtest.Gzipped(good)} {
		got, err := ReadIDX(bytes.NewReader(file), 6)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got) %s", name, diff)
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
		{"truncated values", good[:len(good)-1], "5 of 6 values"},
		{"more values", append(bytes.Clone(good), 9), "more than the 6 values"},
		{"too large", labtest.Idx(8, []uint32{2, 50}), "allowed 99 bytes"},
		{"overflowing", labtest.Idx(8, []uint32{huge, huge, huge}), "allowed"},
		{"cut gzip", labtest.Gzipped(good)[:20], "EOF"},
		{"gzip header only", []byte{0x1f, 0x8b}, "gzip header"},
		{"gzip checksum", wrongSum, "checksum"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadIDX(bytes.NewReader(c.file), 99)
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
	if _, err := ReadIDX(bytes.NewReader(file), 1<<31); err == nil {
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
	images, labels := write("images", labtest.Idx(8, []uint32{2, 1, 2}, 10, 20, 30, 40)), write("labels", labtest.Idx(8, []uint32{2}, 200, 7))
	want := &Images{
		Items: []Image{{W: 2, H: 1, C: 1, Pix: []byte{10, 20}}, {W: 2, H: 1, C: 1, Pix: []byte{30, 40}}},
		IDs:   []string{"00000", "00001"}, Labels: []string{"200", "7"},
	}
	for _, path := range []string{labels, ""} {
		got, err := OpenIDX(images, path, 0)
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
		{filepath.Join(dir, "none"), "", "none: "}, {images, filepath.Join(dir, "none"), "labels: open"},
		{labels, "", "want 3"}, {images, images, "want 1"}, {images, write("one", labtest.Idx(8, []uint32{1}, 1)), images + ": 2 images but 1 labels"},
	} {
		if _, err := OpenIDX(c.images, c.labels, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := OpenIDX(images, labels, 3); err == nil {
		t.Error("4 bytes were taken where 3 were allowed")
	}
}

func TestImagesValidate(t *testing.T) {
	ok := Image{W: 1, H: 1, C: 1, Pix: []byte{0}}
	s := &Images{
		Items: []Image{ok, {}, {W: 2, H: 2, C: 1, Pix: []byte{1}}, {W: 1, H: 1, C: 2, Pix: []byte{1, 2}}, ok, {W: 1 << 20, H: 1 << 20, C: 1}},
		IDs:   []string{"a", "b", "c", "d", "a", ""},
	}
	err := s.Validate()
	for _, want := range []string{"item 1 (b): the image is empty", "item 2 (c): the image has 1 bytes, want 4",
		"item 3 (d): the image has 2 channels", `items 0 and 4 have the same id "a"`, "item 5 has no id", "more than the"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	s = &Images{Items: []Image{ok}, Labels: []string{"x", "y"}, Domains: []string{}}
	err = s.Validate()
	for _, want := range []string{"0 ids", "2 labels", "0 domains"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	many := &Images{Items: make([]Image, 50), IDs: make([]string, 50)}
	if err := many.Validate(); strings.Count(err.Error(), "\n") != 10 {
		t.Errorf("100 faults are told as\n%v", err)
	}
}

func TestStd(t *testing.T) {
	grey := &Image{W: 2, H: 1, C: 1, Pix: []byte{7, 250}}
	colour := &Image{W: 1, H: 2, C: 3, Pix: []byte{1, 2, 3, 200, 100, 50}}
	for _, m := range []*Image{grey, colour} {
		if diff := cmp.Diff(m, FromStd(m.Std())); diff != "" {
			t.Error("round trip (-want +got)", diff)
		}
	}
	sub := image.NewGray16(image.Rect(0, 0, 3, 3)).SubImage(image.Rect(1, 1, 3, 2)).(*image.Gray16)
	sub.SetGray16(2, 1, color.Gray16{Y: 0x8001})
	if diff := cmp.Diff(&Image{W: 2, H: 1, C: 1, Pix: []byte{0, 0x80}}, FromStd(sub)); diff != "" {
		t.Error("16 bits, with an offset (-want +got)", diff)
	}
	if got := colour.Grey().Pix; !cmp.Equal(got, []byte{2, 124}) { // 1.815 and 124.2
		t.Errorf("luma %v", got)
	}
	if grey.Grey() != grey {
		t.Error("a grey image was copied")
	}
}
