package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
)

// details adds the details of the trained encoder and the best of the others: curve, histogram and hardest pairs, and
// the encoder's cosines, with which reports can be compared later. There are no tables by class, because pairs have no
// classes.
func (o *overPairs) details(_ context.Context, e *evaluation) error {
	out := &report.Details{Config: e.model.Config, Cosines: o.cosines(e.methods[0].scores)}
	// Both from the cosines that are kept: nothing is embedded again.
	for _, m := range []method{e.methods[0], e.methods[e.best()]} {
		scores, same, weights := pairs.ByKind(o.test.Pairs, m.scores)
		v, err := metric.Verify(scores, same, weights,
			metric.VerificationOptions{FPRs: []float64{}, Points: detailPoints, Bins: detailBins})
		if err != nil {
			return fmt.Errorf("details: %s: %w", quote.Text(m.metrics.Name), err)
		}
		out.Of = append(out.Of, &report.Detail{
			Name: m.metrics.Name, Curve: v.Curve, Histogram: v.Histogram, Same: o.hardest(m.scores, 1),
			Different: o.hardest(m.scores, -1),
		})
	}
	e.report.Details = out
	return nil
}

// hardest returns the test pairs with labels above .5 (kind 1) or below (kind -1) that scores [B] get most wrong, those
// first: lowest cosines of same pairs, highest of different ones. Pairs of weight 0 are left out, and so are those with
// the label .5, which no score gets wrong.
func (o *overPairs) hardest(scores []float64, kind float64) []report.HardPair {
	test := o.test
	var all []metric.ScoredPair
	for k, label := range test.Pairs.Label {
		if kind*(float64(label)-.5) > 0 && test.Pairs.WeightOf(k) > 0 {
			all = append(all, metric.ScoredPair{Left: int(test.Pairs.Left[k]), Right: int(test.Pairs.Right[k]),
				Score: scores[k]})
		}
	}
	slices.SortStableFunc(all, func(a, b metric.ScoredPair) int { return cmp.Compare(kind*a.Score, kind*b.Score) })
	// Without classes, which given pairs do not have.
	var out []report.HardPair
	for _, p := range fewOf(all) {
		out = append(out, report.HardPair{Left: test.Items.IDs[p.Left], Right: test.Items.IDs[p.Right],
			Cosine: p.Score})
	}
	return out
}
