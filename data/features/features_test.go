package features

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
)

// Colour, sizes that differ and all three families; on one core and on many, in any order, the bits are the same.
func TestExtractSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	images := &images.Images{}
	for i := range 200 {
		images.Items = append(images.Items, *imagestest.RandomImage(rng, 20+rng.IntN(30), 20+rng.IntN(30), 1+2*(i%2)))
		images.IDs = append(images.IDs, string(rune('a'+i/26))+string(rune('a'+i%26)))
	}
	c := Default()
	c.Width, c.Height = 24, 30
	c.LBP = LBPConfig{Points: 8, Radius: 1, Method: LBPUniform, Grids: []int{1, 2}}
	many, err := Extract(context.Background(), images, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := 6*5*36 + 480 + 5*10; many.F() != want ||
		many.Blocks[2] != (data.Block{Name: "lbp", Start: want - 50, End: want}) {
		t.Fatalf("%d features, want %d; blocks %v", many.F(), want, many.Blocks)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	backwards := make([]int, images.N())
	for i := range backwards {
		backwards[i] = images.N() - 1 - i
	}
	one, err := Extract(context.Background(), images.Select(backwards), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range images.Items {
		if !cmp.Equal(many.Row(i), one.Row(images.N()-1-i)) {
			t.Fatalf("item %d has other features in another order", i)
		}
	}
	small := images.Items[1].Resize(24, 30)
	hist, err := LBPHistogram(small, c.LBP)
	if err != nil {
		t.Fatal(err)
	}
	labtest.SameValues(t, "lbp of the whole image", labtest.Doubles(many.Row(1)[many.F()-50:many.F()-40]),
		labtest.Singles(hist))
}

func TestExtractErrors(t *testing.T) {
	good := func() *images.Images {
		return &images.Images{IDs: []string{"a", "b"}, Items: []images.Image{
			{W: 28, H: 28, C: 1, Pix: make([]uint8, 784)}, {W: 28, H: 28, C: 1, Pix: make([]uint8, 784)}}}
	}
	for _, c := range []struct {
		name string
		harm func(*images.Images, *Config)
		want []string
	}{
		{"no images", func(m *images.Images, _ *Config) { *m = images.Images{} }, []string{"no image"}},
		{"empty image", func(m *images.Images, _ *Config) { m.Items[1] = images.Image{} },
			[]string{"item 1 (b): ", "empty"}},
		{"cut image", func(m *images.Images, _ *Config) { m.Items[1].Pix = m.Items[1].Pix[:700] },
			[]string{"item 1 (b)", "700", "784"}},
		{"sizes", func(m *images.Images, _ *Config) { m.Items[1] = *m.Items[1].Resize(20, 28) },
			[]string{"1 of 28 x 28", "item 0 (a)", "1 of 20 x 28", "item 1 (b)", "Width and Height"}},
		{"too small", func(_ *images.Images, c *Config) { c.Width, c.Height = 7, 28 },
			[]string{"7 x 28", "too small"}},
		{"many faults", func(m *images.Images, c *Config) {
			m.IDs[1] = "a"
			c.Width = 5
			c.HOG.Norm = ""
			c.GLCM.Levels = 1
			c.GLCM.Angles = []float64{0, 0}
			c.LBP = LBPConfig{Points: 8, Radius: -1, Method: LBPUniform, Grids: []int{1}}
		}, []string{"Width is 5", "Height 0", "HOG.Norm", "GLCM.Levels is 1", "GLCM.Angles[1]", "LBP.Radius is -1",
			`items 0 and 1`, `"a"`}},
		{"nothing asked for", func(_ *images.Images, c *Config) { *c = Config{} }, []string{"all off"}},
	} {
		m, config := good(), Default()
		c.harm(m, &config)
		_, err := Extract(context.Background(), m, config, nil)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want one about %q", c.name, err, want)
			}
		}
	}
}

// The cost of a pixel does not grow with the image: 1.6 million of them in images of several sizes. What an image costs
// however small it is, mostly the sums over 80 matrices, shows in the small ones.
func BenchmarkExtractBySize(b *testing.B) {
	const most = 448
	for _, side := range []int{28, 56, 112, 224, most} {
		images := &images.Images{}
		rng := rand.New(rand.NewPCG(1, 1))
		for i := range 8 * most * most / (side * side) {
			images.Items = append(images.Items, *imagestest.RandomImage(rng, side, side, 1))
			images.IDs = append(images.IDs, fmt.Sprint(i))
		}
		c := Default()
		c.HOG.Cell = [2]int{side / 7, side / 7}
		b.Run(fmt.Sprintf("Side=%d", side), func(b *testing.B) {
			for b.Loop() {
				if _, err := Extract(b.Context(), images, c, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(8*most*most*b.N), "ns/pixel")
		})
	}
}
