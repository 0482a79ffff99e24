package preprocess

import (
	"testing"

	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/internal/selection"
)

// The work of fitting and applying, 5,000 items of 2,000 features; components of a smaller table, since their cost
// grows with the cube of the width.
func BenchmarkFit(b *testing.B) {
	for _, c := range []struct {
		name     string
		n, width int
		p        Options
	}{
		{"standard/N=5000/F=2000", 5000, 2000, Options{}},
		{"robust/N=5000/F=2000", 5000, 2000, Options{Scale: ScaleRobust}},
		{"components/N=5000/F=500/K=64", 5000, 500, Options{Components: 64}},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := datatest.Table(c.n, c.width)
			items := selection.All(f.N())
			b.SetBytes(int64(4 * len(f.X)))
			for b.Loop() {
				fit(b, f, items, c.p)
			}
		})
	}
}

func BenchmarkApply(b *testing.B) {
	for _, c := range []struct {
		name     string
		n, width int
		p        Options
	}{
		{"standard/N=5000/F=2000", 5000, 2000, Options{}},
		{"components/N=5000/F=500/K=64", 5000, 500, Options{Components: 64}},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := datatest.Table(c.n, c.width)
			tr := fit(b, f, selection.All(f.N()), c.p)
			dst := make([]float32, f.N()*tr.Width())
			b.SetBytes(int64(4 * len(f.X)))
			for b.Loop() {
				if err := tr.Apply(dst, f.X); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
