package data

import (
	"bytes"
	"compress/gzip"
	"image"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// idx encodes an IDX file.
func idx(kind byte, dims []uint32, data ...byte) []byte {
	out := []byte{0, 0, kind, byte(len(dims))}
	for _, d := range dims {
		out = append(out, byte(d>>24), byte(d>>16), byte(d>>8), byte(d))
	}
	return append(out, data...)
}

func gzipped(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Write(b)
	w.Close()
	return buf.Bytes()
}

func TestReadIDX(t *testing.T) {
	good := idx(8, []uint32{2, 1, 3}, 1, 2, 3, 4, 5, 6)
	want := &IDX{Dims: []int{2, 1, 3}, Data: []byte{1, 2, 3, 4, 5, 6}}
	for name, file := range map[string][]byte{"plain": good, "gzip": gzipped(good)} {
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
	good := idx(8, []uint32{2, 3}, 1, 2, 3, 4, 5, 6)
	wrongSum := gzipped(good)
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
		{"floats", idx(0x0d, []uint32{1}, 0, 0, 0, 0), "float32"},
		{"unknown type", idx(0x77, []uint32{1}, 0), "0x77"},
		{"truncated dimensions", []byte{0, 0, 8, 2, 0, 0, 0, 1, 0}, "dimension 2 of 2"},
		{"truncated values", good[:len(good)-1], "5 of 6 values"},
		{"more values", append(bytes.Clone(good), 9), "more than the 6 values"},
		{"too large", idx(8, []uint32{2, 50}), "allowed 99 bytes"},
		{"overflowing", idx(8, []uint32{huge, huge, huge}), "allowed"},
		{"cut gzip", gzipped(good)[:20], "EOF"},
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
	file := idx(8, []uint32{1 << 30}, 1, 2, 3)
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

func FuzzReadIDX(f *testing.F) {
	good := idx(8, []uint32{2, 3}, 1, 2, 3, 4, 5, 6)
	f.Add(good)
	f.Add(gzipped(good))
	f.Add(idx(8, []uint32{0}))
	f.Fuzz(checkIDX)
}

// checkIDX reads a file that may be anything.
func checkIDX(t *testing.T, file []byte) {
	got, err := ReadIDX(bytes.NewReader(file), 1<<16)
	if err != nil {
		return
	}
	n := 1
	for _, d := range got.Dims {
		n *= d
	}
	if n != len(got.Data) {
		t.Fatalf("dimensions %v with %d values", got.Dims, len(got.Data))
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
	images, labels := write("images", idx(8, []uint32{2, 1, 2}, 10, 20, 30, 40)), write("labels", idx(8, []uint32{2}, 200, 7))
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
		{labels, "", "want 3"}, {images, images, "want 1"}, {images, write("one", idx(8, []uint32{1}, 1)), images + ": 2 images but 1 labels"},
	} {
		if _, err := OpenIDX(c.images, c.labels, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := OpenIDX(images, labels, 3); err == nil {
		t.Error("4 bytes were taken where 3 were allowed")
	}
}

func TestReadIDXImages(t *testing.T) {
	pix := idx(8, []uint32{2, 1, 2}, 10, 20, 30, 40)
	got, err := ReadIDXImages(bytes.NewReader(pix), bytes.NewReader(idx(8, []uint32{2}, 1, 0)), "d", []string{"a", "b"}, 100)
	if err != nil {
		t.Fatal(err)
	}
	want := &Images{
		Items: []Image{{W: 2, H: 1, C: 1, Pix: []byte{10, 20}}, {W: 2, H: 1, C: 1, Pix: []byte{30, 40}}},
		IDs:   []string{"d/00000", "d/00001"}, Labels: []string{"d/b", "d/a"}, Domains: []string{"d", "d"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got)", diff)
	}
	unlabelled, err := ReadIDXImages(bytes.NewReader(pix), nil, "d", nil, 100)
	if err != nil || unlabelled.Labels != nil {
		t.Errorf("without labels: %v, %v", unlabelled, err)
	}
	for _, c := range []struct {
		name           string
		images, labels []byte
		want           string
	}{
		{"images broken", pix[:5], idx(8, []uint32{2}, 1, 0), "images of d"},
		{"labels broken", pix, []byte{1}, "labels of d"},
		{"images are labels", idx(8, []uint32{2}, 1, 0), idx(8, []uint32{2}, 1, 0), "want 3"},
		{"labels are images", pix, pix, "want 1"},
		{"counts differ", pix, idx(8, []uint32{1}, 1), "2 images but 1 labels"},
		{"no such class", pix, idx(8, []uint32{2}, 1, 2), "item 1 has the value 2"},
		{"no pixels", idx(8, []uint32{2, 0, 2}), idx(8, []uint32{2}, 1, 0), "empty images"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadIDXImages(bytes.NewReader(c.images), bytes.NewReader(c.labels), "d", []string{"a", "b"}, 100)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
		})
	}
	if _, err := ReadIDXImages(iotestErr{}, nil, "d", nil, 100); err == nil || !strings.Contains(err.Error(), "closed pipe") {
		t.Errorf("a failing reader gave %v", err)
	}
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

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
