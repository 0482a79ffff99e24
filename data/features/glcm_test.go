package features

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
)

// The image and matrices of Haralick's paper, figure 2: four levels, distance 1, pairs counted in both orders.
func TestGrayCoMatrixHaralick(t *testing.T) {
	m := &images.Image{W: 4, H: 4, C: 1, Pix: []uint8{0, 0, 1, 1, 0, 0, 1, 1, 0, 2, 2, 2, 2, 2, 3, 3}}
	got, err := GrayCoMatrix(m, GLCMConfig{Levels: 4, Distances: []float64{1}, Symmetric: true,
		Angles: []float64{0, math.Pi / 4, math.Pi / 2, 3 * math.Pi / 4}}, false)
	if err != nil {
		t.Fatal(err)
	}
	// The paper's 45 and 135 degrees look upwards, those here downwards: the two change places.
	want := []float64{
		4, 2, 1, 0, 2, 4, 0, 0, 1, 0, 6, 1, 0, 0, 1, 2,
		2, 1, 3, 0, 1, 2, 1, 0, 3, 1, 0, 2, 0, 0, 2, 0,
		6, 0, 2, 0, 0, 4, 2, 0, 2, 2, 2, 2, 0, 0, 2, 0,
		4, 1, 0, 0, 1, 2, 2, 0, 0, 2, 4, 1, 0, 0, 1, 0,
	}
	if diff := cmp.Diff(want, got.P); diff != "" {
		t.Error("(-want +got)", diff)
	}
	if got.At(0, 2, 3, 2) != 2 {
		t.Errorf("At(0, 2, 3, 2) = %v, want 2", got.At(0, 2, 3, 2))
	}
}

// Fast sums against the formulas, over random sizes, levels, regions and offsets.
func TestGLCMFastAgainstFormula(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		w, h := 1+rng.IntN(40), 1+rng.IntN(40)
		m := imagestest.RandomImage(rng, w, h, 1)
		c := GLCMConfig{Levels: 2 + rng.IntN(40), Distances: []float64{1, 1 + 5*rng.Float64()},
			Angles: []float64{0, rng.Float64() * 7, -2}, Symmetric: rng.IntN(2) == 0, Properties: Properties,
			Grids: []int{1, 3}}
		e := newGLCM(c, w, h)
		perRegion := len(Properties) * 6
		got := make([]float64, len(e.regions)*perRegion)
		e.extract(m.Pix, got)
		for r, in := range e.regions {
			cut := &images.Image{W: in.x1 - in.x0, H: in.y1 - in.y0, C: 1}
			for y := in.y0; y < in.y1; y++ {
				cut.Pix = append(cut.Pix, m.Pix[y*w+in.x0:y*w+in.x1]...)
			}
			want := &CoMatrix{Levels: c.Levels, Distances: 2, Angles: 3, P: make([]float64, 6*c.Levels*c.Levels)}
			if cut.W > 0 && cut.H > 0 {
				var err error
				if want, err = GrayCoMatrix(Quantise(cut, c.Levels), c, true); err != nil {
					t.Fatal(err)
				}
			}
			for i, p := range Properties {
				values, err := want.Property(p)
				if err != nil {
					t.Fatal(err)
				}
				labtest.SameValues(t, string(p), got[r*perRegion+i*6:][:6], values)
			}
		}
	}
}

func TestProductDiff(t *testing.T) {
	const big = 1 << 62
	for _, c := range []struct {
		a, b, c, d uint64
		want       float64
	}{
		{3, 4, 2, 5, 2}, {2, 5, 3, 4, -2}, {0, 9, 7, 0, 0}, {big, 4, big, 3, big},
		{big + 1, big + 1, big, big + 2, 1}, {big, big + 2, big + 1, big + 1, -1}, {0, 0, big, 4, -(1 << 64)},
	} {
		if got := productDiff(c.a, c.b, c.c, c.d); got != c.want {
			t.Errorf("%d*%d - %d*%d = %v, want %v", c.a, c.b, c.c, c.d, got, c.want)
		}
	}
}

func TestGLCMErrors(t *testing.T) {
	grey := &images.Image{W: 2, H: 1, C: 1, Pix: []uint8{0, 9}}
	good := GLCMConfig{Levels: 10, Distances: []float64{1}, Angles: []float64{0}}
	few := good
	few.Levels = 9
	for _, c := range []struct {
		name   string
		m      *images.Image
		config GLCMConfig
		want   string
	}{
		{"level out of range", grey, few, "row 0, column 1) has level 9"},
		{"colour", &images.Image{W: 1, H: 1, C: 3, Pix: []uint8{1, 2, 3}}, good, "3 channels"},
		{"empty", &images.Image{}, good, "empty"},
		{"zero", grey, GLCMConfig{}, "Levels is 0"},
	} {
		if _, err := GrayCoMatrix(c.m, c.config, false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one about %q", c.name, err, c.want)
		}
	}
	err := GLCMConfig{Levels: 300, Distances: []float64{0, math.NaN()}, Angles: []float64{math.Inf(1)},
		Properties: []Property{"x", Mean, Mean}, Grids: []int{0, 2, 2}}.Validate()
	for _, want := range []string{"Levels is 300", "Distances[0]", "Distances[1]", "Angles[0]", `"x"`,
		`Properties[2] "mean"`, "Grids[0]", "Grids[2] 2"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	matrix, err := GrayCoMatrix(grey, good, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := matrix.Property("sharpness"); err == nil {
		t.Error("an unknown property gave no error")
	}
}
