package metric

// undefined returns the worst value of every metric, for pairs without positives or without negatives, with a warning.
// The worst, and not NaN: it can be written as JSON, and nobody takes it for a good result. Counts at frozen thresholds
// are before any pair is accepted. opt has its defaults.
func undefined(pos, neg float64, opt VerificationOptions) Verification {
	v := Verification{Positives: pos, Negatives: neg, EER: 1, At: newCounts(pos, neg, opt)}
	for _, f := range opt.FPRs {
		v.FNRAtFPR = append(v.FNRAtFPR, OperatingPoint{Want: f, FPR: 0, FNR: 1})
	}
	// The value of an accuracy or F1 is 0 already; a cost is at its highest if every pair is an error.
	for _, p := range []*Prevalent{&v.Natural, &v.Balanced} {
		for _, c := range []*Choice{&p.BestAccuracy, &p.BestF1, &p.MinCost} {
			c.FPR, c.FNR = 1, 1
		}
		p.MinCost.Value = opt.CostFP + opt.CostFN
	}
	// Prevalences are known even so; thresholds are 0, as there is none to choose.
	v.Natural.Prevalence = ratio(pos, pos+neg)
	v.Balanced.Prevalence = .5
	switch {
	case pos == 0 && neg == 0:
		v.Warnings.add(NoItems, 0, "no pairs: every verification metric is undefined and set to its worst value")
	case pos == 0:
		v.Warnings.add(NoPositives, 0,
			"no positive pair: verification metrics are undefined and set to their worst value")
	default:
		v.Warnings.add(NoNegatives, 0,
			"no negative pair (one class only): verification metrics are undefined and set to their worst value")
	}
	return v
}
