package siamese

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/siamese/embedding"
)

// Diagnostics shows whether the encoder collapses: whether it maps all items to one point or a few directions, which
// the loss may not show for a while. They are of the validation items and of the encoder's part of their embeddings,
// without appended features.
type Diagnostics struct {
	// Spread is the variance of unit vectors, 1 - |mean embedding|², in [0, 1]; 0 when all are one point. Zero
	// embeddings do not count as spread.
	Spread float64 `json:"spread"`
	// EffectiveRank is the number of directions in use, from 1 to E; 0 without variance. See effectiveRank.
	EffectiveRank float64 `json:"effective_rank"`
	Zero          int     `json:"zero"` // items with a zero embedding
	// Cosines of the validation pairs, counted in 20 bins of equal width from -1 to 1. Weights of pairs are ignored.
	Same      [20]int `json:"same"`
	Different [20]int `json:"different"`
	// Mean cosines of the pairs that are the same, and of those that are not; 0 without such pairs.
	MeanSame      float64 `json:"mean_same"`
	MeanDifferent float64 `json:"mean_different"`
}

// encoderPart returns the encoder's part of embeddings, at unit length: appended features would hide a collapse. It is
// z itself where nothing is appended, otherwise a copy [N, width of the last layer].
func (m *Model) encoderPart(z *embedding.Embeddings) *embedding.Embeddings {
	if m.Config.FeatureShare == 0 {
		return z
	}
	width := m.Layers[len(m.Layers)-1].Out
	part := &embedding.Embeddings{Values: make([]float32, 0, z.N*width), N: z.N, E: width}
	for i := range z.N {
		part.Values = append(part.Values, z.Row(i)[:width]...)
	}
	part.ToUnit()
	return part
}

// diagnose returns the diagnostics of embeddings z, which are unit vectors or zero, and of the cosines of some pairs
// with their labels. It fails only if eigenvalues do not converge.
func diagnose(z *embedding.Embeddings, scores []float32, same []bool) (Diagnostics, error) {
	h := Diagnostics{Zero: len(z.Zero)}
	mean := make([]float64, z.E)
	for i := range z.N {
		for k, v := range z.Row(i) {
			mean[k] += float64(v) / float64(z.N)
		}
	}
	var square float64
	for _, m := range mean {
		square += m * m
	}
	h.Spread = float64(z.N-len(z.Zero))/float64(z.N) - square
	var sums, counts [2]float64 // of different pairs, then of same ones
	for k, s := range scores {
		bins, side := &h.Different, 0
		if same[k] {
			bins, side = &h.Same, 1
		}
		bins[min(len(bins)-1, max(0, int((float64(s)+1)/2*float64(len(bins)))))]++
		sums[side] += float64(s)
		counts[side]++
	}
	h.MeanSame, h.MeanDifferent = sums[1]/max(1, counts[1]), sums[0]/max(1, counts[0])
	var err error
	h.EffectiveRank, err = effectiveRank(z, mean)
	return h, err
}

// effectiveRank returns exp(H) with H = -Σ p ln p over the shares p that the principal directions have in the variance
// of z (Roy and Vetterli 2007): n equal directions give n, one dominant direction gives 1. mean [E] is subtracted. It
// is taken over at most 256 items, evenly spaced, because it costs O(n³) and runs after every epoch. It is 0 when there
// is no variance.
func effectiveRank(z *embedding.Embeddings, mean []float64) (float64, error) {
	const most = 256
	n := min(z.N, most)
	centred := mat.NewDense(n, z.E, nil)
	for i := range n {
		for k, v := range z.Row(i * z.N / n) {
			centred.Set(i, k, float64(v)-mean[k])
		}
	}
	// X Xᵀ [n, n] has the nonzero eigenvalues of Xᵀ X [E, E], and n does not grow with the width of embeddings.
	gram := mat.NewSymDense(n, nil)
	gram.SymOuterK(1, centred)
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, false) {
		return 0, fmt.Errorf("computing the effective rank of %d embeddings: the eigenvalues did not converge", n)
	}
	values := eigen.Values(nil)
	var total, entropy float64
	for _, v := range values {
		total += max(0, v)
	}
	if total < 1e-12*float64(n) { // rounding: the embeddings are one point
		return 0, nil
	}
	for _, v := range values {
		if p := v / total; p > 0 {
			entropy -= p * math.Log(p)
		}
	}
	return math.Exp(entropy), nil
}

// Collapsed describes a collapse and what to do about it, or returns "". classes is the number of training classes (0 =
// not known): two classes need only one direction. The limits are far from the values of encoders that work, so that a
// warning is a reason to act; they say nothing of how good the others are.
func (h Diagnostics) Collapsed(classes int) string {
	// The advice names settings, which exist under these names in files, and as flags.
	const advice = "lower learning_rate, draw more pairs a batch, or choose a loss on all pairs of a batch"
	switch {
	case h.Spread < 1e-3:
		return fmt.Sprintf("the encoder has collapsed: all embeddings are nearly one point (spread %.2g): %s", h.Spread,
			advice)
	case classes > 2 && h.EffectiveRank < 1.5:
		return fmt.Sprintf("the encoder is collapsing: its embeddings use %.1f directions: %s", h.EffectiveRank, advice)
	case h.MeanDifferent > 0.95:
		return fmt.Sprintf("the encoder is collapsing: different items have cosine %.3f on average: %s",
			h.MeanDifferent, advice)
	}
	return ""
}
