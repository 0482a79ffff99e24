package siamese

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/go-siamese/lab/data"
)

// Score is how similar two items are.
type Score struct {
	Cosine float64 // in [-1, 1]; with ReLU embeddings in [0, 1]
	Same   bool    // Cosine is at or above the model's threshold

	// Probability that the items are the same, among pairs as many of which are the same as of the validation pairs; see
	// [Model.Probability] for others. Calibrated is whether the model can tell: without a calibration it is 0.
	Probability float64
	Calibrated  bool

	Warnings []string // what is degenerate, for instance a zero embedding
}

// Score returns how similar item i of a is to item j of b. An index out of range is an error, and so is all
// that is one for [Model.Embed].
func (m *Model) Score(ctx context.Context, backend compute.Backend, a *data.Frame, i int, b *data.Frame, j int) (Score, error) {
	if a == nil || b == nil {
		return Score{}, errors.New("score: a frame is nil")
	}
	if i < 0 || i >= a.N() || j < 0 || j >= b.N() {
		return Score{}, fmt.Errorf("score: items %d and %d of frames with %d and %d items", i, j, a.N(), b.N())
	}
	left, err := m.Embed(ctx, backend, a.Select([]int{i}))
	if err != nil {
		return Score{}, fmt.Errorf("left item: %w", err)
	}
	right, err := m.Embed(ctx, backend, b.Select([]int{j}))
	if err != nil {
		return Score{}, fmt.Errorf("right item: %w", err)
	}
	cosine := max(-1, min(1, dot(left.Values, right.Values)))
	score := Score{
		Cosine: cosine, Same: cosine >= m.Threshold,
		Warnings: append(left.Warnings(), right.Warnings()...),
	}
	if m.Calibration == nil {
		return score, nil
	}
	score.Calibrated = true
	score.Probability, err = m.Probability(cosine, 0)
	return score, err
}

// ScoreAll returns the cosine, in [-1, 1], of every item of a with every item of b, [a.N, b.N] row by row.
// It returns an error when the widths differ.
func ScoreAll(a, b *Embeddings) ([]float32, error) {
	if a.E != b.E {
		return nil, fmt.Errorf("score: embeddings of widths %d and %d cannot be compared: use one model for both", a.E, b.E)
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
		out[k] = max(-1, min(1, cosine)) // rounding can go a little beyond
	}
	return out, nil
}

// Neighbour is one of the references most similar to a query.
type Neighbour struct {
	Item   int // number of the reference
	Cosine float32
}

// Nearest returns, for every query, its k most similar references, most similar first; equal ones by number.
// With self true queries and references are the same items, and an item is not its own neighbour.
// Fewer than k are returned when there are fewer references.
func Nearest(queries, references *Embeddings, k int, self bool) ([][]Neighbour, error) {
	if k < 1 {
		return nil, fmt.Errorf("nearest: k is %d: it must be at least 1", k)
	}
	if self && queries.N != references.N {
		return nil, fmt.Errorf("nearest: %d queries and %d references cannot be the same items", queries.N, references.N)
	}
	const block = 256 // queries scored at once, so that memory stays small for many
	out := make([][]Neighbour, queries.N)
	for start := 0; start < queries.N; start += block {
		end := min(start+block, queries.N)
		part := &Embeddings{Values: queries.Values[start*queries.E : end*queries.E], N: end - start, E: queries.E}
		scores, err := ScoreAll(part, references)
		if err != nil {
			return nil, err
		}
		for q := start; q < end; q++ {
			skip := -1
			if self {
				skip = q
			}
			out[q] = top(scores[(q-start)*references.N:(q-start+1)*references.N], k, skip)
		}
	}
	return out, nil
}

// top returns the k highest scores, without item skip.
func top(scores []float32, k, skip int) []Neighbour {
	k = min(k, len(scores))
	best := make([]Neighbour, 0, k+1)
	for item, score := range scores {
		if item != skip {
			best = insert(best, Neighbour{item, score}, k)
		}
	}
	return best
}

// insert puts one into best, which is in order and keeps at most k: the highest cosine first, equal ones by number.
func insert(best []Neighbour, one Neighbour, k int) []Neighbour {
	before := func(a, b Neighbour) int { return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.Item, b.Item)) }
	if len(best) == k && before(one, best[k-1]) > 0 {
		return best
	}
	at, _ := slices.BinarySearchFunc(best, one, before)
	best = slices.Insert(best, at, one)
	return best[:min(len(best), k)]
}
