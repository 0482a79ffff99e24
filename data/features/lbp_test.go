package features

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
)

func TestLBPHistogram(t *testing.T) {
	m := imagestest.RandomImage(rand.New(rand.NewPCG(5, 6)), 21, 13, 1)
	for _, method := range []LBPMethod{LBPDefault, LBPRotation, LBPUniform, LBPNRIUniform} {
		c := LBPConfig{Points: 8, Radius: 1, Method: method}
		codes, err := LBP(m, c)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float64, c.Bins())
		for _, code := range codes {
			want[code] += 1 / float64(len(codes))
		}
		got, err := LBPHistogram(m, c)
		if err != nil {
			t.Fatal(err)
		}
		labtest.SameValues(t, string(method), got, want)
	}
}

// Every pattern of nri_uniform that is uniform has a code of its own, and all codes are used.
func TestLBPCodes(t *testing.T) {
	for points := 2; points <= 12; points++ {
		used := map[uint32]int{}
		c := LBPConfig{Points: points, Method: LBPNRIUniform}
		for pattern := range uint32(1) << points {
			used[c.code(pattern)]++
		}
		others := uint32(points*(points-1) + 2)
		for code, n := range used {
			if code > others || code < others && n > 1 && points > 2 {
				t.Errorf("%d points: code %d stands for %d patterns", points, code, n)
			}
		}
	}
}

// Adding to all pixels changes no pattern (but for points outside the image, which stay 0): the inner codes stay.
func TestLBPShift(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	m := imagestest.RandomImage(rng, 15, 11, 1)
	brighter := &images.Image{W: m.W, H: m.H, C: 1, Pix: make([]uint8, len(m.Pix))}
	for i := range m.Pix {
		m.Pix[i] /= 2
		brighter.Pix[i] = m.Pix[i] + 64
	}
	c := LBPConfig{Points: 4, Radius: 2, Method: LBPDefault}
	a, err := LBP(m, c)
	if err != nil {
		t.Fatal(err)
	}
	b, err := LBP(brighter, c)
	if err != nil {
		t.Fatal(err)
	}
	for y := 2; y < m.H-2; y++ {
		for x := 2; x < m.W-2; x++ {
			if a[y*m.W+x] != b[y*m.W+x] {
				t.Fatalf("pixel (%d, %d): code %d became %d", y, x, a[y*m.W+x], b[y*m.W+x])
			}
		}
	}
}

func TestLBPErrors(t *testing.T) {
	grey := &images.Image{W: 1, H: 1, C: 1, Pix: []uint8{1}}
	if _, err := LBP(grey, LBPConfig{}); err == nil {
		t.Error("no error for zero points")
	}
	if _, err := LBPHistogram(grey, LBPConfig{}); err == nil {
		t.Error("no histogram error for zero points")
	}
	if _, err := LBPHistogram(grey, LBPConfig{Points: 16, Radius: 2, Method: LBPDefault}); err == nil ||
		!strings.Contains(err.Error(), "65536 codes") {
		t.Errorf("a histogram of 65,536 codes gave %v", err)
	}
	if _, err := LBP(&images.Image{}, LBPConfig{Points: 8, Radius: 1, Method: LBPUniform}); err == nil {
		t.Error("no error for an empty image")
	}
	err := LBPConfig{Points: 25, Radius: math.NaN(), Method: "var", Grids: nil}.Validate()
	for _, want := range []string{"Points is 25", "Radius is NaN", `Method is "var"`, "Grids is empty"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}
