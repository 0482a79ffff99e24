package embedding

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/internal/scan"
)

// scanned is [Nearest] by a scan, some times faster than compared, with the same cosines to the bit. It returns false
// where a scan is not worth it, or where numbers are so large, or not finite, that scores may be.
func scanned(queries, references *Embeddings, k int, self bool) ([][]Neighbour, bool) {
	if queries.N < 2 || references.N < 256 || queries.E == 0 || k > references.N/4 {
		return nil, false
	}
	a, b := norms(queries), norms(references)
	var largest float64
	for _, norm := range b {
		largest = max(largest, norm)
	}
	for _, norm := range a {
		if norm*largest > 1e30 { // also where one is infinite; they are never NaN
			return nil, false
		}
	}
	want := scan.Want{K: k, Floor: -2,
		Exact: func(q, r int) float32 {
			// As gonum's product of a block of queries: in blocks of 64 numbers, unless there are so few items that it is done
			// on one goroutine.
			rows := min(block, queries.N-q/block*block)
			return cosineOf(queries.Row(q), references.Row(r), (rows+63)/64*((references.N+63)/64) >= 4)
		},
		Margin: func(q int) float64 { return scan.Margin(queries.E, a[q], largest) }}
	if self {
		want.Skip = func(q, r int) bool { return q == r }
	}
	found, err := scan.Floats(context.Background(), queries.Values, queries.N, queries.E,
		func(_ []float32, from, to int) []float32 { return references.Values[from*queries.E : to*queries.E] },
		references.N, want)
	if err != nil {
		return nil, false
	}
	out := make([][]Neighbour, queries.N)
	for q := range out {
		out[q] = make([]Neighbour, len(found[q].Hits))
		for i, h := range found[q].Hits {
			out[q][i] = Neighbour{int(h.Row), h.Score}
		}
	}
	return out, true
}

// cosineOf returns the cosine of two rows as [ScoreAll] has it, to the bit.
func cosineOf(x, y []float32, blocked bool) float32 {
	size := len(x)
	if blocked {
		size = 64
	}
	var sum float32
	for from := 0; from < len(x); from += size {
		to := min(len(x), from+size)
		sum += blas32.Dot(blas32.Vector{N: to - from, Inc: 1, Data: x[from:to]},
			blas32.Vector{N: to - from, Inc: 1, Data: y[from:to]})
	}
	return max(-1, min(1, sum))
}

// norms returns the length of every row, a little too long rather than too short; +Inf where a number is not finite.
func norms(e *Embeddings) []float64 {
	out := make([]float64, e.N)
	const some = 256
	parallel.For((e.N+some-1)/some, func(part int) {
		for i := part * some; i < min(e.N, (part+1)*some); i++ {
			v := blas32.Vector{N: e.E, Inc: 1, Data: e.Row(i)}
			// Float32 sums of squares are off by a share of E 2^-24 at most, unless they underflow.
			square := float64(blas32.Dot(v, v))*(1+float64(e.E+8)/(1<<23)) + float64(e.E)*1e-37
			if out[i] = math.Sqrt(square); math.IsNaN(square) {
				out[i] = math.Inf(1)
			}
		}
	})
	return out
}
