package evaluate

import (
	"cmp"
	"fmt"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/forensic"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/stats"
)

// evidence adds the evidence of these test pairs, on which probabilities are assessed too, with thresholds that the
// validation items guarantee.
func (o *overItems) evidence(e *evaluation, onVal *embedding.Embeddings, of stats.LabelledPairs,
	cosines []float64) error {
	same, different := forensic.Independent(o.labels)
	if err := e.judge(of, cosines, same, different); err != nil || e.report.Evidence == nil {
		return err
	}
	// Items without a label are in no pair: they may be the same as others.
	names, labels := itemset.ClassNumbers(o.val)
	for i, c := range labels {
		if int(c) >= len(names) {
			labels[i] = -1
		}
	}
	rng := streams.Rand(e.model.Config.Seed, streams.Disjoint)
	for _, unit := range []forensic.Unit{forensic.Items, forensic.Classes} {
		for _, rate := range []string{forensic.FNR, forensic.FPR} {
			var scores []float64
			for _, p := range forensic.Disjoint(labels, unit, rate == forensic.FNR, rng) {
				scores = append(scores, onVal.Cosine(p[0], p[1]))
			}
			e.guarantee(rate, unit, scores, of, cosines)
		}
	}
	return nil
}

// evidence adds the evidence on the given test pairs, with thresholds that the validation pairs guarantee: pairs have no
// classes, so that there are none for other classes.
func (o *overPairs) evidence(e *evaluation, onVal *embedding.Embeddings) error {
	of, cosines := pairs.ForStats(o.test.Pairs), e.methods[0].scores
	same, different := len(forensic.Listed(of, true, nil)), len(forensic.Listed(of, false, nil))
	if err := e.judge(of, cosines, same, different); err != nil || e.report.Evidence == nil {
		return err
	}
	before, rng := pairs.ForStats(o.val.Pairs), streams.Rand(e.model.Config.Seed, streams.Disjoint)
	for _, rate := range []string{forensic.FNR, forensic.FPR} {
		var scores []float64
		for _, k := range forensic.Listed(before, rate == forensic.FNR, rng) {
			scores = append(scores, onVal.Cosine(int(before.Left[k]), int(before.Right[k])))
		}
		e.guarantee(rate, forensic.Items, scores, of, cosines)
	}
	return nil
}

// judge adds the evidence of pairs with these cosines, which the calibration of the model turns into likelihood ratios.
// same and different are how many of them are independent.
func (e *evaluation) judge(of stats.LabelledPairs, cosines []float64, same, different int) error {
	costs := e.opt.withCosts()
	opt := forensic.Options{Costs: forensic.Costs{Prior: cmp.Or(e.opt.Prior, .5), FP: costs.CostFP, FN: costs.CostFN},
		Scores: e.model.Calibration == nil, Same: same, Different: different, Curves: e.opt.Details}
	if !e.opt.NoIntervals {
		opt.Confidence = e.opt.confidence()
	}
	llr := cosines
	if c := e.model.Calibration; c != nil {
		if err := c.Validate(); err != nil {
			return err
		}
		llr = make([]float64, len(cosines))
		for k, cosine := range cosines {
			llr[k] = forensic.LLR(c, cosine)
		}
	}
	found, err := forensic.Measure(of, llr, opt)
	if err != nil || found == nil {
		return err
	}
	values := e.report.Trained.Values
	found.Rates = []forensic.Rate{
		forensic.NewRate(forensic.FPR, values[stats.FPR], different, e.opt.confidence()),
		forensic.NewRate(forensic.FNR, values[stats.FNR], same, e.opt.confidence()),
		// Errors of both kinds, so that the kind with fewer pairs limits what it says.
		forensic.NewRate(forensic.EER, values[stats.EER], min(same, different), e.opt.confidence()),
	}
	e.report.Evidence = found
	return nil
}

// guarantee adds the threshold that independent validation pairs with these cosines guarantee, with its rate on test
// pairs.
func (e *evaluation) guarantee(rate string, unit forensic.Unit, scores []float64, test stats.LabelledPairs,
	cosines []float64) {
	g := forensic.Guaranteed(rate, scores, unit, cmp.Or(e.opt.Guarantee, .05), e.opt.confidence())
	if g.Threshold != nil {
		var wrong, all float64
		for k, cosine := range cosines {
			w := float64(test.Label[k])
			if rate == forensic.FPR {
				w = 1 - w
			}
			if test.Weight != nil {
				w *= float64(test.Weight[k])
			}
			all += w
			if (cosine < *g.Threshold) == (rate == forensic.FNR) {
				wrong += w
			}
		}
		measured := wrong / all // both kinds have weight
		g.Test = &measured
	}
	e.report.Evidence.Guarantees = append(e.report.Evidence.Guarantees, g)
}

// rates adds to the evidence what its independent pairs support of the FNRs at given FPRs, which details show of the
// trained encoder.
func (e *evaluation) rates(points []metric.OperatingPoint) {
	found := e.report.Evidence
	if found == nil {
		return
	}
	for _, p := range points {
		r := forensic.NewRate(fmt.Sprintf("%s at %s %g", forensic.FNR, forensic.FPR, p.Want), p.FNR, found.Same,
			e.opt.confidence())
		at := forensic.NewRate(forensic.FPR, p.FPR, found.Different, e.opt.confidence())
		r.At = &at
		found.Rates = append(found.Rates, r)
	}
}
