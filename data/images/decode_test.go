package images

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/internal/labtest"
)

// What Pillow reads in files that it has written: formats, bit depths, CMYK, palettes, alpha and all eight
// orientations.
func TestDecodeGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/images/want.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Files map[string]struct {
			W, H, C, Tolerance int
			Pix                string // base64
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Files) < 25 {
		t.Fatalf("only %d files", len(golden.Files))
	}
	for name, want := range golden.Files {
		file, err := os.ReadFile(filepath.Join("testdata/images", name))
		if err != nil {
			t.Fatal(err)
		}
		pix, err := base64.StdEncoding.DecodeString(want.Pix)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(bytes.NewReader(file), DecodeOptions{Background: "black"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.W != want.W || got.H != want.H {
			t.Errorf("%s: %d x %d pixels, want %d x %d", name, got.W, got.H, want.W, want.H)
			continue
		}
		if p, err := readHeader(bytes.NewReader(file), DecodeOptions{}); err != nil {
			t.Errorf("%s: header: %v", name, err)
		} else if w, h := p.orientation().size(); w != got.W || h != got.H {
			t.Errorf("%s: its header says %d x %d pixels, it has %d x %d", name, w, h, got.W, got.H)
		}
		for i := range pix {
			at := i
			if got.C == 3 && want.C == 1 { // a palette of greys
				at = 3 * i
			}
			value := func() int { return int(got.Pix[at]) }
			if got.Deep != nil { // the golden values are the upper bytes
				value = func() int { return int(got.Deep[at]) >> 8 }
			}
			if d := value() - int(pix[i]); d < -want.Tolerance || d > want.Tolerance {
				t.Errorf("%s: byte %d is %d, want %d", name, i, value(), pix[i])
				break
			}
		}
	}
}

// A GIF picture may cover a part of its screen; the rest is the background.
func TestDecodeGIFScreen(t *testing.T) {
	part := image.NewPaletted(image.Rect(2, 1, 4, 2), palette.Plan9)
	part.SetColorIndex(2, 1, 255)
	part.SetColorIndex(3, 1, 255)
	file := labtest.Encoded(t, func(buf *bytes.Buffer) error {
		return gif.EncodeAll(buf, &gif.GIF{Image: []*image.Paletted{part}, Delay: []int{0},
			Config: image.Config{ColorModel: color.Palette(palette.Plan9), Width: 5, Height: 3}})
	})
	got, err := Decode(bytes.NewReader(file), DecodeOptions{Background: "black"})
	if err != nil {
		t.Fatal(err)
	}
	want := &Image{W: 5, H: 3, C: 3, Pix: make([]uint8, 45)}
	for i := 3 * 7; i < 3*9; i++ {
		want.Pix[i] = 255
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got)", diff)
	}
}

// plain hides the type of a picture, so that FromStd takes the general way.
type plain struct{ image.Image }

// The quick ways give the bits of the general one, also for parts of pictures.
func TestFromStdQuickWays(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	r := image.Rect(-3, 2, 14, 15)
	fill := func(all ...[]uint8) {
		for _, pix := range all {
			for i := range pix {
				pix[i] = uint8(rng.Uint32())
			}
		}
	}
	var all []image.Image
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio410} {
		m := image.NewYCbCr(r, ratio)
		fill(m.Y, m.Cb, m.Cr)
		all = append(all, m, m.SubImage(image.Rect(0, 3, 9, 12)))
	}
	rgba, nrgba, grey, grey16, paletted := image.NewRGBA(r), image.NewNRGBA(r), image.NewGray(r), image.NewGray16(r),
		image.NewPaletted(r, palette.Plan9)
	fill(rgba.Pix, nrgba.Pix, grey.Pix, grey16.Pix, paletted.Pix)
	for i := 3; i < len(nrgba.Pix); i += 8 {
		nrgba.Pix[i] = 255
	}
	part := image.Rect(-1, 4, 10, 15)
	all = append(all, rgba, nrgba, grey, grey16, paletted, rgba.SubImage(part), nrgba.SubImage(part),
		grey.SubImage(part), grey16.SubImage(part), paletted.SubImage(part))
	for _, m := range all {
		if diff := cmp.Diff(FromStd(plain{m}), FromStd(m)); diff != "" {
			t.Errorf("%T %v (-want +got) %s", m, m.Bounds(), diff)
		}
	}
	if got := FromStd(&image.Paletted{Pix: []uint8{9}, Stride: 1, Rect: image.Rect(0, 0, 1, 1),
		Palette: color.Palette{color.White}}); got.Pix[0] != 0 {
		t.Errorf("an index beyond the palette is %v, want black", got.Pix)
	}
}

// Orientations in files that are cut or nonsense are none.
func TestOrientationTagOfNonsense(t *testing.T) {
	good, err := os.ReadFile("testdata/images/turned.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if got := orientationTag("JPEG", good); got != 6 {
		t.Fatalf("orientation %d, want 6", got)
	}
	for n := range 80 {
		if got := orientationTag("JPEG", good[:n]); got != 1 && got != 6 {
			t.Errorf("cut at %d: orientation %d", n, got)
		}
	}
	little := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	for _, c := range []struct {
		name string
		tiff []byte
		want int
	}{
		{"nine", append(bytes.Clone(little), 9, 0, 0, 0), 1},
		{"eight", append(bytes.Clone(little), 8, 0, 0, 0), 8},
		{"cut", little, 1},
		{"beyond the end", []byte("MM\x00*\xff\xff\xff\xff"), 1},
		{"neither", []byte("XX\x00*\x00\x00\x00\x08"), 1},
		{"short", []byte("MM"), 1},
	} {
		if got := tagOf(c.tiff); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
