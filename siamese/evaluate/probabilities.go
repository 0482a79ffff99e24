package evaluate

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/stats"
)

// probabilityPairs is the number of pairs on which probabilities are assessed at most; of more, so many are drawn.
const probabilityPairs = 500_000

// drawPairs returns the pairs of items on which probabilities and evidence are assessed, with their cosines: z are the
// embeddings of all items and labels [N] their class numbers (an item with a negative one is the same as no other).
// items are those that are in pairs, nil = all.
func drawPairs(seed uint64, z *embedding.Embeddings, labels []int32, items []int) (of stats.LabelledPairs,
	cosines []float64) {
	n, item := z.N, func(i int) int { return i }
	if items != nil {
		n, item = len(items), func(i int) int { return items[i] }
	}
	room := int(min(probabilityPairs, int64(n)*int64(n-1)/2))
	of.Left, of.Right = make([]int32, 0, room), make([]int32, 0, room)
	of.Label = make([]float32, 0, room)
	forPairs(n, probabilityPairs, streams.Rand(seed, streams.Labelled), func(i, j int) {
		i, j = item(i), item(j)
		label := float32(0)
		if labels[i] >= 0 && labels[i] == labels[j] {
			label = 1
		}
		of.Left, of.Right = append(of.Left, int32(i)), append(of.Right, int32(j))
		of.Label = append(of.Label, label)
	})
	return of, z.Cosines(of.Left, of.Right)
}

// reliability returns how well the probabilities of m are calibrated on pairs with labels [B] of 0 and 1 and these
// cosines [B]. It is nil where m has no calibration, or all pairs are of one kind. cosines become probabilities.
func reliability(m *siamese.Model, labels []float32, cosines []float64) (*stats.Reliability, error) {
	if m.Calibration == nil {
		return nil, nil
	}
	weights, same := make([]float64, len(labels)), make([]bool, len(labels))
	for k, label := range labels {
		weights[k], same[k] = 1, label == 1
	}
	return measureReliability(m, cosines, same, weights)
}

// pairReliability is [reliability] for given pairs with these cosines [B], which count by their weights; nil where all
// weight is of one kind. cosines are not changed.
func pairReliability(m *siamese.Model, cosines []float64, given pairs.Pairs) (*stats.Reliability, error) {
	if m.Calibration == nil {
		return nil, nil
	}
	scores, same, weights := pairs.ByKind(given, cosines)
	return measureReliability(m, scores, same, weights)
}

// measureReliability returns how well the probabilities of pairs with these cosines are calibrated, with same and
// different pairs weighed to the calibration's prevalence: at another one the probabilities would be wrong by
// construction. It is nil where pairs are of one kind. The arguments are used up: cosines become probabilities, and
// weights are balanced.
func measureReliability(m *siamese.Model, cosines []float64, same []bool,
	weights []float64) (*stats.Reliability, error) {
	if err := m.Calibration.Validate(); err != nil {
		return nil, err
	}
	// Nothing can be calibrated against pairs of one kind, and balance would divide by 0.
	if !slices.Contains(same, true) || !slices.Contains(same, false) {
		return nil, nil
	}
	for k, cosine := range cosines {
		cosines[k] = m.Calibration.Probability(cosine)
	}
	balance(same, weights, m.Calibration.Prevalence)
	return stats.MeasureReliability(cosines, same, weights, stats.ReliabilityOptions{})
}

// probabilityIntervals adds the intervals of Brier score, calibration error and the shares in bins, by subsamples of
// the items: pairs that share an item are not independent, which intervals by pairs would ignore. Nothing is added
// where there are no probabilities, too few items, or too few subsamples with pairs of both kinds.
func (o *overItems) probabilityIntervals(ctx context.Context, e *evaluation) error {
	r, n := e.report.Probabilities, e.report.Items
	if r == nil || n < fewestSubsampled {
		return nil
	}
	// As for details: subsamples leave out whole items, with all pairs that they are in.
	size := subsampleOf(n)
	s := subsampled{share: float64(size) / float64(n), confidence: e.opt.confidence()}
	// Metrics and bins on each subsample that has pairs of both kinds.
	var brier, ece []float64
	var widths, masses [][]stats.Bin
	all, err := stats.Subsamples(n, size, detailSamples, e.model.Config.Seed)
	if err != nil {
		return err
	}
	on := make([]*stats.Reliability, len(all))
	if err := parallel.Each(ctx, len(all), 0, func(_, k int) (err error) {
		of, cosines := drawPairs(e.model.Config.Seed, e.methods[0].z, o.labels, all[k])
		on[k], err = reliability(e.model, of.Label, cosines)
		return err
	}); err != nil {
		return err
	}
	for _, one := range on {
		if one != nil { // as it is for subsamples with pairs of one kind
			brier, ece = append(brier, one.Brier), append(ece, one.ECE)
			widths, masses = append(widths, one.EqualWidth), append(masses, one.EqualMass)
		}
	}
	// As for details: a metric that half of the subsamples do not define has no interval.
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
	// Bins of equal width are the same if they end alike: empty ones are left out.
	if err := s.binIntervals(r.EqualWidth, widths, n, func(one []stats.Bin, k int) int {
		return slices.IndexFunc(one, func(b stats.Bin) bool { return b.High == r.EqualWidth[k].High })
	}); err != nil {
		return err
	}
	return s.binIntervals(r.EqualMass, masses, n, func(one []stats.Bin, k int) int {
		if len(one) != len(r.EqualMass) {
			return -1 // ties in the probabilities moved the borders, so that bins do not correspond
		}
		return k
	})
}

// binIntervals replaces the intervals of bins, which take pairs as independent, by those from subsamples of n items.
// drawn are the bins of each subsample; at returns which of them corresponds to bin k, or a number below 0 for none.
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

// balance scales weights, in place, so that same pairs have the given share of their sum, which stays. Both kinds must
// have weight.
func balance(same []bool, weights []float64, share float64) {
	var positive, all float64
	for k, w := range weights {
		all += w
		if same[k] {
			positive += w
		}
	}
	// Same pairs get share of the sum, different ones the rest.
	for k, is := range same {
		if is {
			weights[k] *= share / positive * all
		} else {
			weights[k] *= (1 - share) / (all - positive) * all
		}
	}
}

// forPairs calls visit for every pair of n items or, if there are more than limit, for limit pairs drawn by rng with
// replacement. It calls nothing for fewer than two items.
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
	// j is drawn from the others of i: n-1 numbers, of which those from i on are moved up by one.
	for range limit {
		i, j := rng.IntN(n), rng.IntN(n-1)
		if j >= i {
			j++
		}
		visit(i, j)
	}
}
