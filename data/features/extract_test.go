package features

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
)

// The default frame is, value by value, what the single functions give.
func TestExtractDefault(t *testing.T) {
	pictures, err := builtin.Sample(4, 11)
	if err != nil {
		t.Fatal(err)
	}
	c := Default()
	f, err := Extract(context.Background(), pictures, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.N() != 80 || f.F() != 1776 {
		t.Fatalf("%d x %d, want 80 x 1776", f.N(), f.F())
	}
	if diff := cmp.Diff([]data.Block{{Name: "hog", Start: 0, End: 1296}, {Name: "glcm", Start: 1296, End: 1776}},
		f.Blocks); diff != "" {
		t.Error("blocks (-want +got)", diff)
	}
	if diff := cmp.Diff([][]string{pictures.IDs, pictures.Labels, pictures.Domains},
		[][]string{f.IDs, f.Labels, f.Domains}); diff != "" {
		t.Error("items (-want +got)", diff)
	}
	names := map[string]int{}
	for i, name := range f.Columns {
		names[name] = i
	}
	if len(names) != f.F() {
		t.Errorf("%d different names of %d columns", len(names), f.F())
	}
	for i, m := range pictures.Items {
		want, err := HOG(&m, c.HOG)
		if err != nil {
			t.Fatal(err)
		}
		labtest.SameValues(t, f.IDs[i], labtest.Doubles(f.Row(i)[:1296]), labtest.Singles(want))
		whole := quantised(t, &m, c.GLCM)
		tile := quantised(t, &images.Image{W: 14, H: 14, C: 1, Pix: cut(&m, 14, 0, 14, 14)}, c.GLCM)
		for name, want := range map[string]float64{
			"glcm/1.0.0/contrast/d1/a0":     property(t, whole, Contrast)[0],
			"glcm/1.0.0/ASM/d3/a90":         property(t, whole, ASM)[2*4+2],
			"glcm/2.0.1/correlation/d2/a45": property(t, tile, Correlation)[1*4+1],
			"glcm/2.0.1/energy/d4/a135":     property(t, tile, Energy)[3*4+3],
			"hog/b5.4/c1.0/o8":              want[((5*6+4)*4+2)*9+8],
		} {
			if got := f.Row(i)[names[name]]; !labtest.Near(float64(got), float64(float32(want))) {
				t.Errorf("%s: %s is %v, want %v", f.IDs[i], name, got, want)
			}
		}
	}
}

// cut returns the grey pixels of a part of an image.
func cut(m *images.Image, x0, y0, w, h int) []uint8 {
	var out []uint8
	for y := y0; y < y0+h; y++ {
		out = append(out, m.Pix[y*m.W+x0:y*m.W+x0+w]...)
	}
	return out
}

func quantised(t *testing.T, m *images.Image, c GLCMConfig) *CoMatrix {
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

func TestExtractProgressAndCancel(t *testing.T) {
	images, err := builtin.Sample(20, 1)
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	_, err = Extract(context.Background(), images, Default(), func(done, total int) {
		if done <= last || total != images.N() {
			t.Errorf("progress(%d, %d) after %d", done, total, last)
		}
		last = done
	})
	if err != nil || last != images.N() {
		t.Errorf("ended at %d of %d: %v", last, images.N(), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f, err := Extract(ctx, images, Default(), func(int, int) { cancel() })
	if f != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: frame %v, error %v", f, err)
	}
}

// Extracting an image costs no memory.
func TestExtractAllocates(t *testing.T) {
	images, err := builtin.Sample(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := Default()
	c.LBP = LBPConfig{Points: 8, Radius: 1, Method: LBPUniform, Grids: []int{1}}
	row := make([]float32, 1786)
	e := newExtractor(c, 28, 28, len(row))
	if n := testing.AllocsPerRun(20, func() { e.Extract(&images.Items[3], row) }); n != 0 {
		t.Errorf("%v allocations an image", n)
	}
}

// Every tenth built-in image: those that testdata/bench_texture.py gives to scikit-image.
func BenchmarkExtract(b *testing.B) {
	all, err := builtin.Images()
	if err != nil {
		b.Fatal(err)
	}
	var tenth []int
	for i := 0; i < all.N(); i += 10 {
		tenth = append(tenth, i)
	}
	images := all.Select(tenth)
	hog, glcm, lbp := Default(), Default(), Config{}
	hog.GLCM = GLCMConfig{}
	glcm.HOG = HOGConfig{}
	lbp.LBP = LBPConfig{Points: 8, Radius: 1, Method: LBPUniform, Grids: []int{1, 2}}
	for _, c := range []struct {
		name   string
		config Config
	}{{"Default", Default()}, {"HOG", hog}, {"GLCM", glcm}, {"LBP", lbp}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Extract(b.Context(), images, c.config, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(images.N()*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
