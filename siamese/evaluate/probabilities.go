package evaluate

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/stats"
)

// probabilityPairs is the number of pairs on which probabilities are assessed: beyond it as many are drawn.
const probabilityPairs = 500_000

// reliability returns how far the model's probabilities can be believed on pairs of items with class numbers as labels
// (negative ones are the same as nothing); nil where it has none, or all pairs are of one kind.
func reliability(m *siamese.Model, z *embedding.Embeddings, labels []int32) (*stats.Reliability, error) {
	if m.Calibration == nil {
		return nil, nil
	}
	var cosines, weights []float64
	var same []bool
	forPairs(z.N, probabilityPairs, streams.Rand(m.Config.Seed, streams.Labelled), func(i, j int) {
		cosines, weights = append(cosines, z.Cosine(i, j)), append(weights, 1)
		same = append(same, labels[i] >= 0 && labels[i] == labels[j])
	})
	return believe(m, cosines, same, weights)
}

// pairReliability is [reliability] for listed pairs of these cosines by their weights; nil where all weight is of one
// kind.
func pairReliability(m *siamese.Model, cosines []float64, given pairs.Pairs) (*stats.Reliability, error) {
	if m.Calibration == nil {
		return nil, nil
	}
	scores, same, weights := pairs.ByKind(given, cosines)
	return believe(m, scores, same, weights)
}

// believe returns how far the probabilities of pairs of these cosines can be believed, at the calibration's prevalence;
// nil where they are of one kind. The cosines become probabilities, the weights are balanced.
func believe(m *siamese.Model, cosines []float64, same []bool, weights []float64) (*stats.Reliability, error) {
	if err := m.Calibration.Validate(); err != nil {
		return nil, err
	}
	if !slices.Contains(same, true) || !slices.Contains(same, false) {
		return nil, nil
	}
	for k, cosine := range cosines {
		cosines[k] = m.Calibration.Probability(cosine)
	}
	balance(same, weights, m.Calibration.Prevalence)
	return stats.MeasureReliability(cosines, same, weights, stats.ReliabilityOptions{})
}

// probabilityIntervals adds the intervals of the probabilities' figures, and of the shares in bins, by subsamples of
// the items.
func (o *overItems) probabilityIntervals(ctx context.Context, e *evaluation) error {
	r, n := e.report.Probabilities, e.report.Items
	if r == nil || n < fewestSubsampled {
		return nil
	}
	size := subsampleOf(n)
	s := subsampled{share: float64(size) / float64(n), confidence: e.opt.Confidence}
	var brier, ece []float64
	var widths, masses [][]stats.Bin
	for _, items := range stats.Subsamples(n, size, detailSamples, e.model.Config.Seed) {
		if err := ctx.Err(); err != nil {
			return err
		}
		one, err := reliability(e.model, e.methods[0].z.Select(items), embedding.Pick(o.labels, items))
		if err != nil {
			return err
		}
		if one != nil { // it is where there are no two items that are the same
			brier, ece = append(brier, one.Brier), append(ece, one.ECE)
			widths, masses = append(widths, one.EqualWidth), append(masses, one.EqualMass)
		}
	}
	if len(brier) < detailSamples/2 {
		return nil
	}
	for _, f := range []struct {
		value  float64
		values []float64
		to     **stats.Interval
	}{{r.Brier, brier, &r.BrierInterval}, {r.ECE, ece, &r.ECEInterval}} {
		i, err := s.interval(f.value, 0, n, f.values)
		if err != nil {
			return err
		}
		*f.to = &i
	}
	if err := s.binIntervals(r.EqualWidth, widths, n, func(one []stats.Bin, k int) int {
		return slices.IndexFunc(one, func(b stats.Bin) bool { return b.High == r.EqualWidth[k].High })
	}); err != nil {
		return err
	}
	return s.binIntervals(r.EqualMass, masses, n, func(one []stats.Bin, k int) int {
		if len(one) != len(r.EqualMass) {
			return -1 // probabilities that occur often are at other places
		}
		return k
	})
}

// binIntervals puts intervals by subsamples of n items in the place of those that take pairs as independent. Each of
// drawn are the bins of a subsample, of which at returns the place of the one like bin k, below 0 where there is none.
func (s subsampled) binIntervals(bins []stats.Bin, drawn [][]stats.Bin, n int,
	at func(one []stats.Bin, k int) int) error {
	for k := range bins {
		var values []float64
		for _, one := range drawn {
			if at := at(one, k); at >= 0 {
				values = append(values, one[at].Share.Value)
			}
		}
		i, err := s.interval(bins[k].Share.Value, 0, min(n, bins[k].Pairs), values)
		if err != nil {
			return err
		}
		bins[k].Share = i
	}
	return nil
}

// balance changes weights of pairs, of both kinds, so that this share of them is of pairs that are the same.
func balance(same []bool, weights []float64, share float64) {
	var positive, all float64
	for k, w := range weights {
		all += w
		if same[k] {
			positive += w
		}
	}
	for k, is := range same {
		if is {
			weights[k] *= share / positive * all
		} else {
			weights[k] *= (1 - share) / (all - positive) * all
		}
	}
}

// forPairs calls visit for every pair of n items, or for limit pairs drawn at random where there are more.
func forPairs(n, limit int, rng *rand.Rand, visit func(i, j int)) {
	if n < 2 {
		return
	}
	if n*(n-1)/2 <= limit {
		for i := range n {
			for j := range i {
				visit(i, j)
			}
		}
		return
	}
	for range limit {
		i, j := rng.IntN(n), rng.IntN(n-1)
		if j >= i {
			j++
		}
		visit(i, j)
	}
}
