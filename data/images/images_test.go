package images_test

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/images"
)

func TestImagesValidate(t *testing.T) {
	ok := images.Image{W: 1, H: 1, C: 1, Pix: []byte{0}}
	s := &images.Images{
		Items: []images.Image{ok, {}, {W: 2, H: 2, C: 1, Pix: []byte{1}}, {W: 1, H: 1, C: 2, Pix: []byte{1, 2}}, ok,
			{W: 1 << 20, H: 1 << 20, C: 1}},
		IDs: []string{"a", "b", "c", "d", "a", ""},
	}
	err := s.Validate()
	for _, want := range []string{"item 1 (b): ", "0 x 0", "item 2 (c): ", "1 bytes, want 4", "item 3 (d): ",
		"2 channels", "items 0 and 4", `"a"`, "item 5 has no id", "item 5 (): ", "1048576 x 1048576"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	s = &images.Images{Items: []images.Image{ok}, Labels: []string{"x", "y"}, Domains: []string{}}
	err = s.Validate()
	for _, want := range []string{"0 ids", "2 labels", "0 domains"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	many := &images.Images{Items: make([]images.Image, 50), IDs: make([]string, 50)}
	if err := many.Validate(); strings.Count(err.Error(), "\n") != 10 {
		t.Errorf("100 problems are reported as\n%v", err)
	}
}

func TestStd(t *testing.T) {
	grey := &images.Image{W: 2, H: 1, C: 1, Pix: []byte{7, 250}}
	colour := &images.Image{W: 1, H: 2, C: 3, Pix: []byte{1, 2, 3, 200, 100, 50}}
	deep := &images.Image{W: 1, H: 1, C: 3, Deep: []float32{1, 258, 65535}, Range: [2]float64{0, 65536}}
	for _, m := range []*images.Image{grey, colour, deep} {
		if diff := cmp.Diff(m, images.FromStd(m.Std())); diff != "" {
			t.Error("round trip (-want +got)", diff)
		}
	}
	sub := image.NewGray16(image.Rect(0, 0, 3, 3)).SubImage(image.Rect(1, 1, 3, 2)).(*image.Gray16)
	sub.SetGray16(2, 1, color.Gray16{Y: 0x8001})
	if diff := cmp.Diff(&images.Image{W: 2, H: 1, C: 1, Deep: []float32{0, 0x8001},
		Range: [2]float64{0, 65536}}, images.FromStd(sub)); diff != "" {
		t.Error("16 bits, with an offset (-want +got)", diff)
	}
	if got := colour.Grey().Pix; !cmp.Equal(got, []byte{2, 124}) { // 1.815 and 124.2
		t.Errorf("luma %v", got)
	}
	if grey.Grey() != grey {
		t.Error("a grey image was copied")
	}
}
