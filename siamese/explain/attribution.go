package explain

import (
	"math"

	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/stats"
)

// maxPart is the largest absolute part of a block: a mean of differences of two cosines, each in [-1, 1]. It bounds
// intervals that a single pair leaves open.
const maxPart = 2

// attributionOf returns the attribution from the parts of a block or a feature, [B], one for each pair of means. Each
// value is a weighted sum of the mean over same pairs and that over different pairs.
func attributionOf(means *stats.PairMeans, parts []float64) (c explained.Attribution, err error) {
	i := &c.Intervals
	for _, one := range []struct {
		to              *stats.Estimate
		values          []float64
		same, different float64
		low, high       float64
	}{
		{&i.Same, parts, 1, 0, -maxPart, maxPart},
		{&i.Different, parts, 0, 1, -maxPart, maxPart},
		{&i.Apart, parts, 1, -1, -2 * maxPart, 2 * maxPart},
		{&i.Magnitude, absolute(parts), 0.5, 0.5, 0, maxPart},
	} {
		if *one.to, err = means.Of(one.values, one.same, one.different, one.low, one.high); err != nil {
			return c, err
		}
	}
	c.Same, c.Different, c.Magnitude = i.Same.Value, i.Different.Value, i.Magnitude.Value
	return c, nil
}

// absolute returns the absolute values, in a new list.
func absolute(values []float64) []float64 {
	out := make([]float64, len(values))
	for k, v := range values {
		out[k] = math.Abs(v)
	}
	return out
}

// summarise sets the means over pairs, with their intervals: of cosines [B] and of the parts of blocks [M][B] and
// columns [F][B]. columns is nil if features are left out. s.Blocks must have the blocks, in the same order.
func summarise(s *explained.BlocksOf, given pairs.Pairs, e *Explainer, cosines []float64, blocks, columns [][]float64) error {
	means, err := stats.NewPairMeans(pairs.ForStats(given), 0)
	if err != nil {
		return err
	}
	i := &s.Intervals
	i.Baseline = e.baseline
	if i.Same, err = means.Of(cosines, 1, 0, -1, 1); err != nil {
		return err
	}
	if i.Different, err = means.Of(cosines, 0, 1, -1, 1); err != nil {
		return err
	}
	if i.Apart, err = means.Of(cosines, 1, -1, -2, 2); err != nil {
		return err
	}
	s.Baseline, s.Same, s.Different = i.Baseline.Value, i.Same.Value, i.Different.Value
	for k, parts := range blocks {
		if s.Blocks[k].Attribution, err = attributionOf(means, parts); err != nil {
			return err
		}
	}
	return listFeaturesOf(s, means, columns, e)
}

// listFeaturesOf appends the e.opt.Features columns of largest magnitude, given their parts [F][B]. Only these get
// intervals, which cost much more than means.
func listFeaturesOf(s *explained.BlocksOf, means *stats.PairMeans, columns [][]float64, e *Explainer) error {
	// By magnitude and not by Apart, in which a part that is equal in both kinds of pairs cancels out.
	sizes := make([]float64, len(columns))
	for k, parts := range columns {
		sizes[k] = means.Mean(absolute(parts), 0.5, 0.5)
	}
	for _, k := range largest(sizes, e.opt.Features) {
		attribution, err := attributionOf(means, columns[k])
		if err != nil {
			return err
		}
		s.Features = append(s.Features, explained.FeatureEffect{Name: e.columns.Columns[k], Block: blockOf(e.columns, k),
			Attribution: attribution})
	}
	return nil
}
