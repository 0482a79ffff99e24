package siamese

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// PairDetails are what a page wants to know of an evaluation on given pairs beyond its figures. [EvaluateOptions.Details] asks
// for them.
type PairDetails struct {
	// Of holds the trained encoder, then the untrained features that have the highest ROC-AUC.
	Of []*PairDetail `json:"of"`

	Cosines *PairCosines `json:"cosines,omitempty"` // nil for more than 10,000 pairs

	Config Config `json:"config"`          // of the model
	Facts  []Fact `json:"facts,omitempty"` // what else there is to know of how the report was made; free to the caller
}

// PairDetail is how one kind of similarity does on given pairs, in detail. Pairs count by their weights.
type PairDetail struct {
	Name      string              `json:"name"`
	Curve     []metric.CurvePoint `json:"curve,omitempty"`             // of ROC and DET, thinned to some hundred points
	Histogram *metric.Histogram   `json:"histogram,omitempty"`         // nil where pairs are of one label only
	Same      []HardPair          `json:"hardest_same,omitempty"`      // pairs called same that are least similar, the hardest first
	Different []HardPair          `json:"hardest_different,omitempty"` // pairs called different that are most similar, the hardest first
}

// details adds the details that the options ask for, of the trained encoder and the best of the others.
func (e *pairEvaluation) details() error {
	if !e.opt.Details {
		return nil
	}
	out := &PairDetails{Config: e.model.Config, Cosines: e.cosines()}
	for _, s := range []stats.PairSystem{e.trained, e.best} {
		scores, same, weights := byKind(e.test.pairs, s.Scores)
		v, err := metric.Verify(scores, same, weights, metric.VerificationOptions{FPRs: []float64{}, Points: detailPoints, Bins: detailBins})
		if err != nil {
			return fmt.Errorf("details: %s: %w", s.Name, err)
		}
		one := &PairDetail{Name: s.Name, Curve: v.Curve, Histogram: v.Histogram}
		one.Same, one.Different = e.hardest(s.Scores, 1), e.hardest(s.Scores, -1)
		out.Of = append(out.Of, one)
	}
	e.report.Details = out
	return nil
}

// hardest returns the pairs that are more same than different (kind 1) or more different than same (kind -1), those that scores
// get most wrong first. What weighs nothing is left out, and so is what is as much the one as the other.
func (e *pairEvaluation) hardest(scores []float64, kind float64) []HardPair {
	test := e.test
	var all []metric.ScoredPair
	for k, label := range test.pairs.Label {
		if kind*(float64(label)-.5) > 0 && test.pairs.weight(k) > 0 {
			all = append(all, metric.ScoredPair{Left: int(test.pairs.Left[k]), Right: int(test.pairs.Right[k]), Score: scores[k]})
		}
	}
	slices.SortStableFunc(all, func(a, b metric.ScoredPair) int { return cmp.Compare(kind*a.Score, kind*b.Score) })
	var out []HardPair
	for _, p := range fewOf(all) {
		out = append(out, HardPair{Left: test.items.IDs[p.Left], Right: test.items.IDs[p.Right], Cosine: p.Score})
	}
	return out
}

// Check returns what is wrong with a report that was read from a file, or nil. Evaluations make sound ones.
func (r *PairReport) Check() error {
	if r == nil {
		return errReportMissing
	}
	for _, f := range r.Rows() {
		if err := checkRow(f.Threshold, f.ROCAUC, f.EER, f.AveragePrecision, f.Accuracy, f.FPR, f.FNR); err != nil {
			return fmt.Errorf("report %q: %s: %w", r.Name, f.Name, err)
		}
	}
	for _, f := range r.Labels {
		if err := checkRow(0, f.ROCAUC, f.MAPAtR); err != nil {
			return fmt.Errorf("report %q: labels: %s: %w", r.Name, f.Name, err)
		}
	}
	if err := checkBins(r.Probabilities); err != nil {
		return fmt.Errorf("report %q: %w", r.Name, err)
	}
	if r.Details == nil {
		return nil
	}
	if err := r.Details.Cosines.check(r.Pairs, r.Items); err != nil {
		return fmt.Errorf("report %q: details: %w", r.Name, err)
	}
	for k, d := range r.Details.Of {
		if d == nil {
			return fmt.Errorf("report %q: details: kind %d is missing", r.Name, k+1)
		}
		if err := checkCurves(d.Curve, d.Histogram); err != nil {
			return fmt.Errorf("report %q: details: %s: %w", r.Name, d.Name, err)
		}
	}
	return nil
}
