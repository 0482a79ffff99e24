// Package datatest makes frames for tests.
package datatest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/go-siamese/lab/data"
)

// Crowded returns n items of width correlated features: items crowd around a third as many
// centres at all distances, some are there twice, some values are missing or infinite, and two
// columns are constant.
func Crowded(n, width int, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 1))
	f := Table(n, width)
	mixing := make([]float64, 5*width)
	for k := range mixing {
		mixing[k] = rng.NormFloat64()
	}
	for i := range n {
		row := f.Row(i)
		if i > 2 && rng.IntN(3) > 0 {
			copy(row, f.Row(rng.IntN(i)))
			if noise := math.Pow(10, -3*rng.Float64()); rng.IntN(8) > 0 {
				for j := range row {
					row[j] += float32(noise * rng.NormFloat64())
				}
			}
			continue
		}
		var factors [5]float64
		for k := range factors {
			factors[k] = rng.NormFloat64()
		}
		for j := range row {
			v := 0.1 * rng.NormFloat64()
			for k, x := range factors {
				v += x * mixing[k*width+j]
			}
			row[j] = float32(v)
		}
		if rng.IntN(4) == 0 {
			row[rng.IntN(width)] = float32(math.NaN())
		}
		if rng.IntN(8) == 0 {
			row[rng.IntN(width)] = float32(math.Inf(1))
		}
	}
	for i := range n {
		f.Row(i)[0], f.Row(i)[width/2] = 3, 1e9
	}
	return f
}

// Small is a sound frame of 4 items, 2 blocks and 5 columns; X counts from 0.
func Small() *data.Frame {
	f := &data.Frame{
		Columns: []string{"hog/0", "hog/1", "hog/2", "glcm/0", "glcm/1"},
		Blocks:  []data.Block{{Name: "hog", Start: 0, End: 3}, {Name: "glcm", Start: 3, End: 5}},
		IDs:     []string{"a", "b", "c", "d"},
		Labels:  []string{"shoe", "coat", "", "shoe"},
		Domains: []string{"x", "x", "y", "y"},
	}
	for k := range 20 {
		f.X = append(f.X, float32(k))
	}
	return f
}

// Table returns a frame of the numbers that features are: small, of both signs, many digits.
func Table(n, width int) *data.Frame {
	rng := rand.New(rand.NewPCG(6, 7))
	f := &data.Frame{X: make([]float32, n*width), Blocks: []data.Block{{Name: "f", Start: 0, End: width}}}
	for j := range width {
		f.Columns = append(f.Columns, "f/"+strconv.Itoa(j))
	}
	for i := range n {
		f.IDs = append(f.IDs, "i"+strconv.Itoa(i))
		f.Labels = append(f.Labels, strconv.Itoa(i%10))
	}
	for k := range f.X {
		f.X[k] = float32(rng.NormFloat64())
	}
	return f
}

// Wild returns a frame of random bits and awkward names, in blocks that no names suggest.
func Wild(n, width int, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 0))
	f := &data.Frame{}
	for j := range width {
		f.Columns = append(f.Columns, fmt.Sprintf("%c %d,\"é.", 'a'+rng.IntN(3), j))
	}
	cut := 1 + rng.IntN(width)
	f.Blocks = []data.Block{{Name: "x,\"", Start: 0, End: cut}}
	if cut < width {
		f.Blocks = append(f.Blocks, data.Block{Name: "ÿ", Start: cut, End: width})
	}
	for i := range n {
		f.IDs = append(f.IDs, fmt.Sprintf(" %d,\"é\r\n", i))
		f.Labels = append(f.Labels, []string{"", "x", "y;z", "\tt"}[rng.IntN(4)])
		f.Domains = append(f.Domains, []string{"d", "\ufeffe"}[rng.IntN(2)])
		for range width {
			v := math.Float32frombits(rng.Uint32())
			if v-v != 0 {
				v = float32(math.Copysign(0, -1))
			}
			f.X = append(f.X, v)
		}
	}
	return f
}
