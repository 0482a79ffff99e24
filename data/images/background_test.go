package images_test

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/option"
)

// writePNG writes a picture to a file.
func writePNG(t *testing.T, path string, m *images.Image) {
	t.Helper()
	if err := os.WriteFile(path, labtest.PngOf(t, m.Std()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Black icons on nothing lie on white, or on what is asked for, and not on black, where all are the same.
func TestBackground(t *testing.T) {
	icon := image.NewNRGBA(image.Rect(0, 0, 3, 1))
	icon.SetNRGBA(0, 0, color.NRGBA{A: 255})
	icon.SetNRGBA(1, 0, color.NRGBA{R: 200, G: 100, A: 51}) // a fifth
	deep := image.NewNRGBA64(image.Rect(0, 0, 2, 1))
	deep.SetNRGBA64(0, 0, color.NRGBA64{R: 1000, A: 0xffff})
	for name, want := range map[string][]uint8{
		"":        {0, 0, 0, 244, 224, 204, 255, 255, 255}, // 40+204, 20+204, 0+204
		"white":   {0, 0, 0, 244, 224, 204, 255, 255, 255},
		"black":   {0, 0, 0, 40, 20, 0, 0, 0, 0},
		"#0000ff": {0, 0, 0, 40, 20, 204, 0, 0, 255},
	} {
		m, err := images.Decode(bytes.NewReader(labtest.PngOf(t, icon)), images.DecodeOptions{Background: name})
		if err != nil || !slices.Equal(m.Pix, want) {
			t.Errorf("%q: %v, want %v, %v", name, m.Pix, want, err)
		}
		m, err = images.Decode(bytes.NewReader(labtest.PngOf(t, deep)), images.DecodeOptions{Background: name})
		if err != nil || m.Deep[0] != 1000 || m.Deep[3] != 257*float32(want[6]) {
			t.Errorf("%q: 16 bits %v, %v", name, m.Deep, err)
		}
	}
	for _, name := range []string{"whitish", "#12345", "#12345g", "1234567"} {
		_, err := images.Decode(bytes.NewReader(labtest.PngOf(t, icon)), images.DecodeOptions{Background: name})
		if !slices.Equal(option.Names(err), []string{"Background"}) {
			t.Errorf("%q: %v, want an error of Background", name, err)
		}
	}
}
