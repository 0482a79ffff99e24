package features_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/option"
)

// noise returns a picture of random values, of c channels and of 8 bits or deep ones.
func noise(w, h, c int, deep bool) images.Image {
	rng := rand.New(rand.NewPCG(3, uint64(c)))
	m := images.Image{W: w, H: h, C: c}
	for range w * h * c {
		if deep {
			m.Deep = append(m.Deep, rng.Float32())
		} else {
			m.Pix = append(m.Pix, uint8(rng.IntN(256)))
		}
	}
	if deep {
		m.Range = [2]float64{0, 1}
	}
	return m
}

// movedPixel is the oracle's picture: pixel by pixel, by its own arithmetic.
func movedPixel(m images.Image, right, down int) images.Image {
	clamp := func(v, n int) int {
		if v < 0 {
			return 0
		}
		if v >= n {
			return n - 1
		}
		return v
	}
	out := m
	out.Pix, out.Deep = append([]uint8(nil), m.Pix...), append([]float32(nil), m.Deep...)
	for i := range m.W * m.H * m.C {
		x, y, k := i/m.C%m.W, i/m.C/m.W, i%m.C
		from := (clamp(y-down, m.H)*m.W+clamp(x-right, m.W))*m.C + k
		if m.Deep != nil {
			out.Deep[i] = m.Deep[from]
		} else {
			out.Pix[i] = m.Pix[from]
		}
	}
	return out
}

func TestShiftIsTheMeanOfMovedPictures(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		name           string
		picture        images.Image
		shift          int
		width, height  int
		grey, withRing bool
	}{
		{"grey, one pixel", noise(28, 28, 1, false), 1, 0, 0, false, false},
		{"colour, two pixels, LBP", noise(20, 18, 3, false), 2, 0, 0, false, true},
		{"colour made grey and resized", noise(40, 30, 3, false), 1, 20, 16, true, false},
		{"deep", noise(20, 20, 1, true), 1, 0, 0, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := features.Default()
			c.Grey, c.Width, c.Height, c.Scale = test.grey, test.width, test.height, features.ScaleType
			if test.withRing {
				c.LBP = features.LBPConfig{Points: 8, Radius: 1, Method: features.LBPUniform, Grids: []int{1}}
			}
			picture := test.picture
			if test.width > 0 {
				picture = *picture.Resize(test.width, test.height) // it is moved in the size that features are of
			}
			set := &images.Images{}
			for k, by := range [][2]int{{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
				set.Items = append(set.Items, movedPixel(picture, by[0]*test.shift, by[1]*test.shift))
				set.IDs = append(set.IDs, string(rune('a'+k)))
			}
			plain, err := features.Extract(ctx, set, c, nil)
			if err != nil {
				t.Fatal(err)
			}
			c.Shift = test.shift
			got, err := features.Extract(ctx,
				&images.Images{Items: []images.Image{test.picture}, IDs: []string{"a"}}, c, nil)
			if err != nil {
				t.Fatal(err)
			}
			differs := false
			for j := range plain.F() {
				want := 0.0
				for i := range 5 {
					want += float64(plain.X[i*plain.F()+j]) / 5
				}
				if is := float64(got.X[j]); math.Abs(is-want) > 2e-6*(1+math.Abs(want)) {
					t.Fatalf("%s is %v, want %v", got.Columns[j], is, want)
				}
				differs = differs || got.X[j] != plain.X[j]
			}
			if !differs {
				t.Error("the features are those of the picture as it is")
			}
			if strings.Join(got.Columns, " ") != strings.Join(plain.Columns, " ") {
				t.Error("columns have other names")
			}
			back, err := features.ParseSettings(got.Settings)
			if err != nil || back.Shift != test.shift || got.Settings == plain.Settings {
				t.Errorf("settings %s are read as a shift of %d, %v", got.Settings, back.Shift, err)
			}
		})
	}
}

func TestShiftOutOfRange(t *testing.T) {
	for _, test := range []struct {
		shift, width int
		want         string
	}{{-1, 0, "want 0 pixels or more"}, {28, 0, "cannot be moved so far"}, {12, 12, "cannot be moved so far"}} {
		c := features.Default()
		c.Shift, c.Width, c.Height = test.shift, test.width, test.width
		_, _, err := c.Columns(28, 28)
		var named *option.Error
		if !errors.As(err, &named) || named.Option != "Shift" || !strings.Contains(err.Error(), test.want) {
			t.Errorf("shift %d of pictures of %d pixels: %v", test.shift, test.width, err)
		}
	}
}
