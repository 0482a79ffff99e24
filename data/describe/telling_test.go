package describe

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
)

// TestTelling: copies of the label and what follows the order of a sorted table are found, good and noisy measurements
// are not.
func TestTelling(t *testing.T) {
	const n, classes = 600, 6
	rng := rand.New(rand.NewPCG(3, 5))
	columns := []struct {
		name  string
		value func(i, class int) float32
		want  string // class, "*" = all, "" = none
	}{
		{"noise", func(int, int) float32 { return rng.Float32() }, ""},
		{"good", func(_, c int) float32 { return float32(c) + float32(rng.NormFloat64()) }, ""},
		{"very good for c3", func(_, c int) float32 {
			if c == 3 {
				return 3.5 + float32(rng.NormFloat64())
			}
			return float32(rng.NormFloat64())
		}, ""},
		{"copy", func(_, c int) float32 { return float32(c) }, "*"},
		{"copy in another order", func(_, c int) float32 { return float32(c * 5 % 7) }, "*"},
		{"code of class and something", func(i, c int) float32 { return float32(c + 10*(i%2)) }, "*"},
		{"row", func(i, _ int) float32 { return float32(i) }, "*"},
		{"nearly the row", func(i, _ int) float32 { return float32(i) + float32(rng.NormFloat64())/2 }, "*"},
		{"is c2", func(_, c int) float32 {
			if c == 2 {
				return 1
			}
			return 0
		}, "c2"},
		{"below all for c5", func(_, c int) float32 {
			if c == 5 {
				return -1 - rng.Float32()
			}
			return rng.Float32()
		}, "c5"},
		{"constant", func(int, int) float32 { return 1 }, ""},
		{"coin", func(int, int) float32 { return float32(rng.IntN(2)) }, ""},
	}
	f := &data.Frame{}
	for k, c := range columns {
		f.Columns = append(f.Columns, c.name)
		f.Blocks = append(f.Blocks, data.Block{Name: c.name, Start: k, End: k + 1})
	}
	for i := range n {
		class := i * classes / n
		f.IDs = append(f.IDs, fmt.Sprint(i))
		f.Labels = append(f.Labels, fmt.Sprint("c", class))
		for _, c := range columns {
			f.X = append(f.X, c.value(i, class))
		}
	}
	got := map[string]string{}
	for _, told := range TellingColumns(f) {
		if got[told.Column] = told.Class; told.Class == "" {
			got[told.Column] = "*"
		}
	}
	for _, c := range columns {
		if got[c.name] != c.want {
			t.Errorf("%q tells %q, want %q", c.name, got[c.name], c.want)
		}
	}
	d, err := Frame(t.Context(), f, Options{})
	if err != nil || len(d.Telling) != len(got) || !strings.Contains(d.Advice[0], `"copy"`) ||
		!strings.Contains(d.Advice[3], "4 columns more") {
		t.Errorf("%v: %q", err, d.Advice)
	}
	// Without labels, with few items, and with one class there is nothing to tell.
	few := f.Select([]int{0, 1, 2, 300, 301, 599})
	one := f.Select([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
	f.Labels = nil
	for _, f := range []*data.Frame{f, few, one} {
		if found := TellingColumns(f); found != nil {
			t.Errorf("%v: %v", f, found)
		}
	}
}

// TestTellingNoise: in tables of noise with many columns and few items nothing is found.
func TestTellingNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for n := range 20 {
		f := &data.Frame{}
		for j := range 1000 {
			f.Columns = append(f.Columns, fmt.Sprint("f", j))
		}
		f.Blocks = []data.Block{{Name: "f", End: 1000}}
		for i := range 20 + 2*n {
			f.IDs, f.Labels = append(f.IDs, fmt.Sprint(i)), append(f.Labels, fmt.Sprint(i%2))
			for range 1000 {
				f.X = append(f.X, rng.Float32())
			}
		}
		if found := TellingColumns(f); found != nil {
			t.Errorf("%d items: %v", f.N(), found)
		}
	}
}

// TestTellingImages: no column of the features of the built-in images is suspected.
func TestTellingImages(t *testing.T) {
	images, err := builtin.Sample(30, 1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := features.Extract(t.Context(), images, features.Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if found := TellingColumns(f); found != nil {
		t.Errorf("%v", found)
	}
}
