package evaluate

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// thresholds returns the threshold that is frozen already, which is the first of v.At, and those that metrics over all
// pairs of validation items choose, with what they do there: for best accuracy, balanced accuracy and F1, for least
// cost (where costs differ, or at a prior), for equal error rates and for given FPRs. With pairs of one kind only the
// frozen one remains.
func thresholds(v metric.Verification, opt Options) []report.ThresholdDetail {
	out := []report.ThresholdDetail{{Name: report.FrozenName, Threshold: v.At[0].Threshold,
		Validation: report.NewAtThreshold(v.At[0])}}
	if v.Positives == 0 || v.Negatives == 0 {
		return out // nothing else can be chosen
	}
	add := func(name string, threshold, fpr, fnr float64) {
		out = append(out, report.ThresholdDetail{Name: name, Threshold: threshold,
			Validation: report.AtThreshold{Accuracy: 1 - (fpr+fnr)/2, FPR: fpr, FNR: fnr}})
	}
	// Accuracy here is balanced, as in the whole report, whatever the threshold was chosen by.
	choose := func(name string, c metric.Choice) { add(name, c.Threshold, c.FPR, c.FNR) }
	choose("best accuracy", v.Natural.BestAccuracy)
	choose("best balanced accuracy", v.Balanced.BestAccuracy)
	choose("best F1", v.Natural.BestF1)
	switch costs := fmt.Sprintf("least cost, %g and %g for a wrong same and a wrong different", opt.CostFP, opt.CostFN); {
	case opt.Prior != 0:
		// Kinds that count half each, and costs that the prior weighs.
		choose(fmt.Sprintf("%s, at a prior of %g", costs, opt.Prior), v.Balanced.MinCost)
	case opt.CostFP != opt.CostFN: // else it is that of the best accuracy
		choose(costs, v.Natural.MinCost)
	}
	// Where FPR and FNR cross, both rates are the EER, which is between two pairs.
	add("equal error rates", v.EERThreshold, v.EER, v.EER)
	for _, p := range v.FNRAtFPR {
		add(fmt.Sprintf("FPR of at most %g", p.Want), p.Threshold, p.FPR, p.FNR)
	}
	return out
}

// validationIntervals adds to a method the intervals of what its frozen threshold does to validation items, and what
// the thresholds of its details do. before are the metrics on validation items, which are used where the report is of
// estimates; exact ones take another pass over the pairs of onVal.
func (o *overItems) validationIntervals(ctx context.Context, e *evaluation, c *method, onVal *embedding.Embeddings,
	before *metric.Estimate) error {
	if e.report.Queries > 0 {
		return e.estimatedValidation(c, before)
	}
	if e.opt.NoIntervals {
		return nil
	}
	// One pass for all thresholds; without details there is the frozen one alone.
	list := []float64{c.metrics.Threshold}
	for _, t := range c.thresholds[min(1, len(c.thresholds)):] { // the first is the frozen one
		list = append(list, t.Threshold)
	}
	found, err := stats.Thresholds(ctx, stats.Run{Values: onVal.Values, Mixture: c.mixed[0]}, o.validation, list, stats.Options{Confidence: e.opt.Confidence})
	if err != nil {
		return err
	}
	c.validation, c.metrics.ValidationIntervals = found, &found[0]
	if c.metrics.Name == report.TrainedName { // warnings are about the items, and the same for all methods
		for _, w := range found[0].Warnings {
			e.report.Warnings = append(e.report.Warnings, report.TrainedName+": validation items: "+w.String())
		}
	}
	return nil
}

// validationEnds adds to known, by the names of [report.Detail.Visit], the intervals of what thresholds do to
// validation items. Equal error rates lie between two pairs, where there is no threshold, so that an interval at the
// nearest one may miss them: it is widened to contain the value.
func (c method) validationEnds(known map[string]stats.Estimate) {
	for k, s := range c.validation {
		t := c.thresholds[k]
		for _, f := range []struct {
			name  string
			value float64
			at    stats.Estimate
		}{{": validation accuracy", t.Validation.Accuracy, s.Accuracy}, {": validation FPR", t.Validation.FPR, s.FPR},
			{": validation FNR", t.Validation.FNR, s.FNR}} {
			f.at.Low, f.at.High = min(f.at.Low, f.value), max(f.at.High, f.value)
			known[t.Name+f.name] = f.at
		}
	}
}
