package search

import (
	"testing"

	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// On features of the built-in images, 1,776 wide and standardised, int8 finds at least 99 of 100 neighbours, and
// float16 and float32 give one answer.
func TestBuiltin(t *testing.T) {
	pictures := labtest.Must(builtin.Sample(100, 1)) // of each of 20 classes
	frame := labtest.Must(features.Extract(t.Context(), pictures, features.Default(), nil))
	var all []int
	for i := range frame.N() {
		all = append(all, i)
	}
	transform := labtest.Must(preprocess.Fit(t.Context(), frame, all, preprocess.Default()))
	z := labtest.Must(embedding.UnitRows(t.Context(), transform, frame))
	opt := Options{Self: true, Sample: 400}
	var first *Found
	for _, s := range []Storage{Float32, Float16, Int8} {
		x := labtest.Must(New(z.E, Config{Storage: s}))
		if err := x.Add(t.Context(), z, frame); err != nil {
			t.Fatal(err)
		}
		found := labtest.Must(x.Search(t.Context(), z, opt))
		switch {
		case s == Float32:
			first = found
		case s == Float16:
			for q := range first.Lists {
				for i, n := range first.Lists[q] {
					if n != found.Lists[q][i] {
						t.Fatalf("query %d: %v, want %v", q, found.Lists[q], first.Lists[q])
					}
				}
			}
		case found.Certificate.Recall.Value < .99:
			t.Error(found)
		default:
			t.Log(found)
		}
	}
}
