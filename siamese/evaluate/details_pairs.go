package evaluate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// details adds the details that the options ask for, of the trained encoder and the best of the others.
func (e *pairEvaluation) details() error {
	if !e.opt.Details {
		return nil
	}
	out := &report.PairDetails{Config: e.model.Config, Cosines: e.cosines()}
	for _, s := range []stats.PairSystem{e.trained, e.best} {
		scores, same, weights := pairs.ByKind(e.test.Pairs, s.Scores)
		v, err := metric.Verify(scores, same, weights, metric.VerificationOptions{FPRs: []float64{}, Points: detailPoints, Bins: detailBins})
		if err != nil {
			return fmt.Errorf("details: %s: %w", s.Name, err)
		}
		one := &report.PairDetail{Name: s.Name, Curve: v.Curve, Histogram: v.Histogram}
		one.Same, one.Different = e.hardest(s.Scores, 1), e.hardest(s.Scores, -1)
		out.Of = append(out.Of, one)
	}
	e.report.Details = out
	return nil
}

// hardest returns the pairs that are more same than different (kind 1) or more different than same (kind -1), those that scores
// get most wrong first. What weighs nothing is left out, and so is what is as much the one as the other.
func (e *pairEvaluation) hardest(scores []float64, kind float64) []report.HardPair {
	test := e.test
	var all []metric.ScoredPair
	for k, label := range test.Pairs.Label {
		if kind*(float64(label)-.5) > 0 && test.Pairs.WeightOf(k) > 0 {
			all = append(all, metric.ScoredPair{Left: int(test.Pairs.Left[k]), Right: int(test.Pairs.Right[k]), Score: scores[k]})
		}
	}
	slices.SortStableFunc(all, func(a, b metric.ScoredPair) int { return cmp.Compare(kind*a.Score, kind*b.Score) })
	var out []report.HardPair
	for _, p := range fewOf(all) {
		out = append(out, report.HardPair{Left: test.Items.IDs[p.Left], Right: test.Items.IDs[p.Right], Cosine: p.Score})
	}
	return out
}
