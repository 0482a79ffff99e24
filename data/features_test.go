package data

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The default frame is, value by value, what the single functions give.
func TestFeaturesDefault(t *testing.T) {
	images, err := BuiltinSample(4, 11)
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultFeatures()
	f, err := Features(context.Background(), images, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.N() != 80 || f.F() != 1776 {
		t.Fatalf("%d x %d, want 80 x 1776", f.N(), f.F())
	}
	if diff := cmp.Diff([]Block{{"hog", 0, 1296}, {"glcm", 1296, 1776}}, f.Blocks); diff != "" {
		t.Error("blocks (-want +got)", diff)
	}
	if diff := cmp.Diff([][]string{images.IDs, images.Labels, images.Domains}, [][]string{f.IDs, f.Labels, f.Domains}); diff != "" {
		t.Error("items (-want +got)", diff)
	}
	names := map[string]int{}
	for i, name := range f.Columns {
		names[name] = i
	}
	if len(names) != f.F() {
		t.Errorf("%d different names of %d columns", len(names), f.F())
	}
	for i, m := range images.Items {
		want, err := HOG(&m, c.HOG)
		if err != nil {
			t.Fatal(err)
		}
		sameValues(t, f.IDs[i], doubles(f.Row(i)[:1296]), singles(want))
		whole := quantised(t, &m, c.GLCM)
		tile := quantised(t, &Image{W: 14, H: 14, C: 1, Pix: cut(&m, 14, 0, 14, 14)}, c.GLCM)
		for name, want := range map[string]float64{
			"glcm/1.0.0/contrast/d1/a0":     property(t, whole, Contrast)[0],
			"glcm/1.0.0/ASM/d3/a90":         property(t, whole, ASM)[2*4+2],
			"glcm/2.0.1/correlation/d2/a45": property(t, tile, Correlation)[1*4+1],
			"glcm/2.0.1/energy/d4/a135":     property(t, tile, Energy)[3*4+3],
			"hog/b5.4/c1.0/o8":              want[((5*6+4)*4+2)*9+8],
		} {
			if got := f.Row(i)[names[name]]; !near(float64(got), float64(float32(want))) {
				t.Errorf("%s: %s is %v, want %v", f.IDs[i], name, got, want)
			}
		}
	}
}

func doubles(v []float32) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = float64(v[i])
	}
	return out
}

func singles(v []float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = float64(float32(v[i]))
	}
	return out
}

// cut returns the grey pixels of a part of an image.
func cut(m *Image, x0, y0, w, h int) []uint8 {
	var out []uint8
	for y := y0; y < y0+h; y++ {
		out = append(out, m.Pix[y*m.W+x0:y*m.W+x0+w]...)
	}
	return out
}

func quantised(t *testing.T, m *Image, c GLCMConfig) *CoMatrix {
	t.Helper()
	out, err := GrayCoMatrix(Quantise(m, c.Levels), c, false)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func property(t *testing.T, m *CoMatrix, p Property) []float64 {
	t.Helper()
	out, err := m.Property(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Colour, sizes that differ and all three families; on one core and on many, in any order, the bits are the same.
func TestFeaturesSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	images := &Images{}
	for i := range 200 {
		images.Items = append(images.Items, *randomImage(rng, 20+rng.IntN(30), 20+rng.IntN(30), 1+2*(i%2)))
		images.IDs = append(images.IDs, string(rune('a'+i/26))+string(rune('a'+i%26)))
	}
	c := DefaultFeatures()
	c.Width, c.Height = 24, 30
	c.LBP = LBPConfig{Points: 8, Radius: 1, Method: LBPUniform, Grids: []int{1, 2}}
	many, err := Features(context.Background(), images, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := 6*5*36 + 480 + 5*10; many.F() != want || many.Blocks[2] != (Block{"lbp", want - 50, want}) {
		t.Fatalf("%d features, want %d; blocks %v", many.F(), want, many.Blocks)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	backwards := make([]int, images.N())
	for i := range backwards {
		backwards[i] = images.N() - 1 - i
	}
	one, err := Features(context.Background(), images.Select(backwards), c, nil)
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
	sameValues(t, "lbp of the whole image", doubles(many.Row(1)[many.F()-50:many.F()-40]), singles(hist))
}

func TestFeaturesProgressAndCancel(t *testing.T) {
	images, err := BuiltinSample(20, 1)
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	_, err = Features(context.Background(), images, DefaultFeatures(), func(done, total int) {
		if done <= last || total != images.N() {
			t.Errorf("progress(%d, %d) after %d", done, total, last)
		}
		last = done
	})
	if err != nil || last != images.N() {
		t.Errorf("ended at %d of %d: %v", last, images.N(), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f, err := Features(ctx, images, DefaultFeatures(), func(int, int) { cancel() })
	if f != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: frame %v, error %v", f, err)
	}
}

func TestFeaturesErrors(t *testing.T) {
	good := func() *Images {
		return &Images{IDs: []string{"a", "b"}, Items: []Image{
			{W: 28, H: 28, C: 1, Pix: make([]uint8, 784)}, {W: 28, H: 28, C: 1, Pix: make([]uint8, 784)}}}
	}
	for _, c := range []struct {
		name string
		harm func(*Images, *FeatureConfig)
		want []string
	}{
		{"no images", func(m *Images, _ *FeatureConfig) { *m = Images{} }, []string{"there is no image"}},
		{"empty image", func(m *Images, _ *FeatureConfig) { m.Items[1] = Image{} }, []string{"item 1 (b): the image is empty"}},
		{"cut image", func(m *Images, _ *FeatureConfig) { m.Items[1].Pix = m.Items[1].Pix[:700] }, []string{"item 1 (b)", "700 bytes, want 784"}},
		{"sizes", func(m *Images, _ *FeatureConfig) { m.Items[1] = *m.Items[1].Resize(20, 28) }, []string{"1 of 28 x 28 (such as item 0 (a))", "1 of 20 x 28 (such as item 1 (b))", "Width and Height"}},
		{"too small", func(_ *Images, c *FeatureConfig) { c.Width, c.Height = 7, 28 }, []string{"7 x 28 pixels is too small"}},
		{"many faults", func(m *Images, c *FeatureConfig) {
			m.IDs[1] = "a"
			c.Width = 5
			c.HOG.Norm = ""
			c.GLCM.Levels = 1
			c.GLCM.Angles = []float64{0, 0}
			c.LBP = LBPConfig{Points: 8, Radius: -1, Method: LBPUniform, Grids: []int{1}}
		}, []string{"Width is 5 and Height 0", "HOG.Norm", "GLCM.Levels is 1", "GLCM.Angles[1] 0 is there twice", "LBP.Radius is -1", `same id "a"`}},
		{"nothing asked for", func(_ *Images, c *FeatureConfig) { *c = FeatureConfig{} }, []string{"all off"}},
	} {
		m, config := good(), DefaultFeatures()
		c.harm(m, &config)
		_, err := Features(context.Background(), m, config, nil)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want one about %q", c.name, err, want)
			}
		}
	}
}

// Extracting an image costs no memory.
func TestExtractAllocates(t *testing.T) {
	images, err := BuiltinSample(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultFeatures()
	c.LBP = LBPConfig{Points: 8, Radius: 1, Method: LBPUniform, Grids: []int{1}}
	row := make([]float32, 1786)
	e := extractorOf(c, 28, 28, len(row))
	if n := testing.AllocsPerRun(20, func() { e.extract(&images.Items[3], row) }); n != 0 {
		t.Errorf("%v allocations an image", n)
	}
}

// Every tenth built-in image: those that testdata/bench_texture.py gives to scikit-image.
func BenchmarkFeatures(b *testing.B) {
	all, err := Builtin()
	if err != nil {
		b.Fatal(err)
	}
	var tenth []int
	for i := 0; i < all.N(); i += 10 {
		tenth = append(tenth, i)
	}
	images := all.Select(tenth)
	hog, glcm, lbp := DefaultFeatures(), DefaultFeatures(), FeatureConfig{}
	hog.GLCM = GLCMConfig{}
	glcm.HOG = HOGConfig{}
	lbp.LBP = LBPConfig{Points: 8, Radius: 1, Method: LBPUniform, Grids: []int{1, 2}}
	for _, c := range []struct {
		name   string
		config FeatureConfig
	}{{"Default", DefaultFeatures()}, {"HOG", hog}, {"GLCM", glcm}, {"LBP", lbp}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Features(b.Context(), images, c.config, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(images.N()*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}

// The cost of a pixel does not grow with the image: 1.6 million of them in images of several sizes. What an image costs
// however small it is, mostly the sums over 80 matrices, shows in the small ones.
func BenchmarkFeaturesBySize(b *testing.B) {
	const most = 448
	for _, side := range []int{28, 56, 112, 224, most} {
		images := &Images{}
		rng := rand.New(rand.NewPCG(1, 1))
		for i := range 8 * most * most / (side * side) {
			images.Items = append(images.Items, *randomImage(rng, side, side, 1))
			images.IDs = append(images.IDs, fmt.Sprint(i))
		}
		c := DefaultFeatures()
		c.HOG.Cell = [2]int{side / 7, side / 7}
		b.Run(fmt.Sprintf("Side=%d", side), func(b *testing.B) {
			for b.Loop() {
				if _, err := Features(b.Context(), images, c, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(8*most*most*b.N), "ns/pixel")
		})
	}
}
