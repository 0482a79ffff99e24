package siamese

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/history"
)

// encoderPart returns the encoder's part of embeddings, at unit length: appended features would hide a collapse. It is
// z itself where nothing is appended, otherwise a copy [N, width of the last layer].
func (m *Model) encoderPart(z *embedding.Embeddings) *embedding.Embeddings {
	if m.Config.FeatureShare == 0 {
		return z
	}
	return columns(z, 0, m.encoderWidth())
}

// columns returns columns from to end of z, each row at unit length.
func columns(z *embedding.Embeddings, from, end int) *embedding.Embeddings {
	part := &embedding.Embeddings{Values: make([]float32, 0, z.N*(end-from)), N: z.N, E: end - from}
	for i := range z.N {
		part.Values = append(part.Values, z.Row(i)[from:end]...)
	}
	part.ToUnit()
	return part
}

// collapsed returns what is wrong with single encoders of an ensemble, which the others would hide, by the embeddings z
// of m without PLDA: a text for each that collapses.
func (m *Model) collapsed(z *embedding.Embeddings, classes int) ([]string, error) {
	var texts []string
	from := 0
	for k, layers := range m.Encoders() {
		end := from + layers[len(layers)-1].Out
		d, err := diagnose(columns(z, from, end), nil, nil)
		if err != nil {
			return nil, err
		}
		if what := d.Collapsed(classes); what != "" {
			texts = append(texts, fmt.Sprintf("encoder %d of the ensemble: %s", k+1, what))
		}
		from = end
	}
	return texts, nil
}

// diagnose returns the diagnostics of embeddings z, which are unit vectors or zero, and of the cosines of some pairs
// with their labels. It fails only if eigenvalues do not converge.
func diagnose(z *embedding.Embeddings, scores []float32, same []bool) (history.Diagnostics, error) {
	h := history.Diagnostics{Zero: len(z.Zero)}
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
