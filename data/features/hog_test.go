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

func TestOrientationBin(t *testing.T) {
	for _, c := range []struct {
		gy, gx  float64
		n, want int
	}{
		{0, 0, 9, 0}, {0, 5, 9, 0}, {0, -5, 9, 0}, {1, 1, 4, 1}, {-1, -1, 4, 1}, {1, 0, 4, 2}, {-1, 0, 4, 2},
		{1, -1, 4, 3}, {-1, 255, 9, 8}, {1, -255, 9, 8}, {1, 255, 180, 0}, {7, 7, 180, 45}, {7, -7, 180, 135},
		{3, 2, 1, 0},
		// The square roots make 30, 60, 120 and 150 degrees, which no rounding may push under the edge.
		{1, math.Sqrt(3), 6, 1}, {math.Sqrt(3), 1, 6, 2}, {math.Sqrt(3), -1, 6, 4}, {8, -math.Sqrt(192), 6, 5},
		{-math.Sqrt(192), 8, 9, 6}, {math.Sqrt(192), 8, 9, 3},
	} {
		if got := orientationBin(c.gy, c.gx, c.n); got != c.want {
			t.Errorf("orientationBin(%v, %v, %d) = %d, want %d", c.gy, c.gx, c.n, got, c.want)
		}
	}
}

// Every whole-numbered gradient lies within its bin, by exact cross products with the bin's edges where these are
// not ambiguous, and turning it by 180 degrees changes nothing.
func TestBinTable(t *testing.T) {
	for _, n := range []int{1, 2, 7, 9, 180} {
		table := binTable(n)
		for gy := -255; gy <= 255; gy++ {
			for gx := -255; gx <= 255; gx++ {
				k := int(table[(gy+255)*gradientSpan+gx+255])
				if opposite := int(table[(255-gy)*gradientSpan+255-gx]); opposite != k {
					t.Fatalf("n=%d: (%d,%d) is in bin %d, its opposite in %d", n, gy, gx, k, opposite)
				}
				y, x := float64(gy), float64(gx)
				if gy < 0 || gy == 0 && gx < 0 {
					y, x = -y, -x
				}
				lowSin, lowCos := math.Sincos(math.Pi * float64(k) / float64(n))
				highSin, highCos := math.Sincos(math.Pi * float64(k+1) / float64(n))
				if y*lowCos-x*lowSin < -1e-9 || y*highCos-x*highSin > 1e-9 {
					t.Fatalf("n=%d: (%d,%d) is not in bin %d", n, gy, gx, k)
				}
			}
		}
	}
}

func TestHOGProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	grey := imagestest.RandomImage(rng, 26, 19, 1)
	colour := &images.Image{W: grey.W, H: grey.H, C: 3}
	inverse := &images.Image{W: grey.W, H: grey.H, C: 1}
	for _, v := range grey.Pix {
		colour.Pix = append(colour.Pix, v, v, v)
		inverse.Pix = append(inverse.Pix, 255-v)
	}
	for _, norm := range []BlockNorm{NormL1, NormL1Sqrt, NormL2, NormL2Hys} {
		c := HOGConfig{Orientations: 9, Cell: [2]int{4, 4}, Block: [2]int{2, 2}, Norm: norm}
		want, err := HOG(grey, c)
		if err != nil {
			t.Fatal(err)
		}
		for name, m := range map[string]*images.Image{"three equal channels": colour, "the negative": inverse} {
			got, err := HOG(m, c)
			if err != nil {
				t.Fatal(err)
			}
			labtest.SameValues(t, string(norm)+": "+name, got, want)
		}
		// A block has norm 1: L1, the squares of L1-sqrt, or L2.
		sum := 0.0
		for _, v := range want[:36] {
			if norm == NormL1 {
				sum += v
			} else {
				sum += v * v
			}
		}
		if math.Abs(sum-1) > 1e-4 {
			t.Errorf("%s: the norm of a block is %v", norm, sum)
		}
	}
}

// The three ways to gradients: whole-numbered ones of a grey image and of a colour image, and those of square roots.
func BenchmarkHOG(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name     string
		channels int
		sqrt     bool
	}{{"Grey", 1, false}, {"Colour", 3, false}, {"Sqrt/C=1", 1, true}, {"Sqrt/C=3", 3, true}} {
		m := imagestest.RandomImage(rng, 224, 224, c.channels)
		e := newHOG(HOGConfig{Orientations: 9, Cell: [2]int{8, 8}, Block: [2]int{2, 2}, Norm: NormL2Hys, Sqrt: c.sqrt},
			m.W, m.H)
		out := make([]float64, 27*27*36)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.extract(m, out)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(m.W*m.H*b.N), "ns/pixel")
		})
	}
}

func TestHOGErrors(t *testing.T) {
	grey := &images.Image{W: 8, H: 8, C: 1, Pix: make([]uint8, 64)}
	good := HOGConfig{Orientations: 9, Cell: [2]int{4, 4}, Block: [2]int{2, 2}, Norm: NormL2}
	bad := HOGConfig{Orientations: 181, Cell: [2]int{0, 4}, Block: [2]int{1, -1}, Norm: "L3"}
	large := good
	large.Block = [2]int{3, 2}
	for _, c := range []struct {
		name   string
		m      *images.Image
		config HOGConfig
		want   []string
	}{
		{"off", grey, HOGConfig{}, []string{"Orientations is 0"}},
		{"all wrong", grey, bad, []string{"Orientations is 181", "Cell is [0 4]", "Block is [1 -1]", `Norm is "L3"`}},
		{"too small", grey, large, []string{"8 x 8", "8 x 12"}},
		{"empty", &images.Image{}, good, []string{"empty"}},
	} {
		_, err := HOG(c.m, c.config)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want one about %q", c.name, err, want)
			}
		}
	}
}
