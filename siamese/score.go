package siamese

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Score is how similar two items are.
type Score struct {
	Cosine float64 // in [-1, 1]; with ReLU embeddings in [0, 1]
	Same   bool    // whether Cosine is at or above the model's threshold

	// Probability that the items are the same, at the prevalence of the validation pairs; see [Model.Probability] for
	// other prevalences. Without a calibration it is 0 and Calibrated is false.
	Probability float64
	Calibrated  bool

	Warnings []string // about degenerate embeddings, for instance a zero one
}

// Score returns the similarity of item i of a and item j of b, which may be one frame. Every call embeds both items:
// for many pairs call [Model.Embed] once and take cosines of its rows. It returns the errors of [Model.Embed], and one
// for a nil frame or an index out of range.
func (m *Model) Score(ctx context.Context, backend compute.Backend, a *data.Frame, i int, b *data.Frame,
	j int) (Score, error) {
	if a == nil || b == nil {
		return Score{}, errors.New("score: a frame is nil")
	}
	if i < 0 || i >= a.N() || j < 0 || j >= b.N() {
		return Score{}, fmt.Errorf("score: items %d and %d of frames with %d and %d items", i, j, a.N(), b.N())
	}
	// One at a time, so that an error says which item it is about.
	left, err := m.Embed(ctx, backend, a.Select([]int{i}))
	if err != nil {
		return Score{}, fmt.Errorf("left item: %w", err)
	}
	right, err := m.Embed(ctx, backend, b.Select([]int{j}))
	if err != nil {
		return Score{}, fmt.Errorf("right item: %w", err)
	}
	cosine := embedding.Cosine(left.Values, right.Values)
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
