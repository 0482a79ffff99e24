package embedding

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/go-siamese/lab/siamese/internal/scan"
)

// ScoreAll returns the cosine, in [-1, 1], of every item of a with every item of b, [a.N, b.N] row by row. It is one
// matrix product, O(a.N b.N E) in float32, and takes 4 a.N b.N bytes: score many queries in blocks. It returns an error
// if the widths differ.
func ScoreAll(a, b *Embeddings) ([]float32, error) {
	if a.E != b.E {
		return nil, fmt.Errorf("score: embeddings of widths %d and %d cannot be compared: use one model for both", a.E,
			b.E)
	}
	out := make([]float32, a.N*b.N)
	if len(out) == 0 {
		return out, nil
	}
	blas32.Gemm(blas.NoTrans, blas.Trans, 1,
		blas32.General{Rows: a.N, Cols: a.E, Stride: a.E, Data: a.Values},
		blas32.General{Rows: b.N, Cols: b.E, Stride: b.E, Data: b.Values},
		0, blas32.General{Rows: a.N, Cols: b.N, Stride: b.N, Data: out})
	for k, cosine := range out {
		out[k] = max(-1, min(1, cosine)) // rounding may exceed 1
	}
	return out, nil
}

// Neighbour is one of the references most similar to a query.
type Neighbour struct {
	Item   int // number of the reference
	Cosine float32
}

// Nearest returns the k most similar references of every query, most similar first, ties by number; fewer if there are
// fewer references. With self, queries and references are the same items and an item is not its own neighbour. It
// compares all of them, O(N M (E + log k)). k below 1, different widths and, with self, different numbers are errors.
func Nearest(queries, references *Embeddings, k int, self bool) ([][]Neighbour, error) {
	if k < 1 {
		return nil, fmt.Errorf("nearest: k is %d: it must be at least 1", k)
	}
	if self && queries.N != references.N {
		return nil, fmt.Errorf("nearest: %d queries and %d references cannot be the same items", queries.N,
			references.N)
	}
	// On processors without vectors that the scan knows, gonum's products are faster where it has its own for them.
	if queries.E == references.E && (scan.Kernel() != "plain" || runtime.GOARCH != "amd64") {
		if out, ok := scanned(queries, references, k, self); ok {
			return out, nil
		}
	}
	return compared(queries, references, k, self)
}

const block = 256 // queries scored at once, to bound memory

// compared is Nearest by a matrix of all cosines.
func compared(queries, references *Embeddings, k int, self bool) ([][]Neighbour, error) {
	out := make([][]Neighbour, queries.N)
	for start := 0; start < queries.N; start += block {
		end := min(start+block, queries.N)
		part := &Embeddings{Values: queries.Values[start*queries.E : end*queries.E], N: end - start, E: queries.E}
		scores, err := ScoreAll(part, references)
		if err != nil {
			return nil, err
		}
		for q := start; q < end; q++ {
			out[q] = top(scores[(q-start)*references.N:(q-start+1)*references.N], k, self, q)
		}
	}
	return out, nil
}

// top returns the k highest scores of a query, in descending order; with self without that of item query.
func top(scores []float32, k int, self bool, query int) []Neighbour {
	k = min(k, len(scores))
	best := make([]Neighbour, 0, k+1)
	for item, score := range scores {
		if !self || item != query {
			best = Insert(best, Neighbour{item, score}, k)
		}
	}
	return best
}

// Insert inserts one into best, which is sorted by descending cosine, ties by number, and keeps at most k, none where
// that is below 1. It changes best and returns it, as append does. A list of a few is faster than a heap, because most
// candidates fail the first comparison.
func Insert(best []Neighbour, one Neighbour, k int) []Neighbour {
	before := func(a, b Neighbour) int { return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.Item, b.Item)) }
	if len(best) == k && k > 0 && before(one, best[k-1]) > 0 {
		return best
	}
	at, _ := slices.BinarySearchFunc(best, one, before)
	best = slices.Insert(best, at, one)
	return best[:min(len(best), max(0, k))]
}
