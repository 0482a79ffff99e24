package metric

// Counts is the confusion of a frozen threshold: numbers of pairs, or sums of their weights. The pairs are those of a
// test side, on which the threshold was not chosen. A pair is accepted if its score is at or above the threshold.
type Counts struct {
	Threshold float64 `json:"threshold"`
	TP        float64 `json:"tp"` // positives accepted
	FP        float64 `json:"fp"` // negatives accepted
	TN        float64 `json:"tn"` // negatives rejected
	FN        float64 `json:"fn"` // positives rejected
}

// BalancedAccuracy returns the mean of recall TP/(TP+FN) and true negative rate TN/(TN+FP), 0.5 by chance for any share
// of positives; a side without pairs counts as 0, the worst.
func (c Counts) BalancedAccuracy() float64 {
	return (ratio(c.TP, c.TP+c.FN) + ratio(c.TN, c.TN+c.FP)) / 2
}

// FPR returns FP / (FP+TN), the share of negatives accepted, or 1 (the worst) without negatives.
func (c Counts) FPR() float64 {
	if c.FP+c.TN == 0 {
		return 1
	}
	return c.FP / (c.FP + c.TN)
}

// FNR returns FN / (FN+TP), the share of positives rejected, or 1 (the worst) without positives.
func (c Counts) FNR() float64 {
	if c.FN+c.TP == 0 {
		return 1
	}
	return c.FN / (c.FN + c.TP)
}

// ratio returns a/b, and 0 for b = 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// newCounts returns the counts of the options' thresholds, in their order, before any pair is accepted: pos positives
// and neg negatives, all rejected. nil without thresholds.
func newCounts(pos, neg float64, opt VerificationOptions) []Counts {
	var at []Counts
	for _, t := range opt.Thresholds {
		at = append(at, Counts{Threshold: t, FN: pos, TN: neg})
	}
	return at
}

// countAt moves weights of pairs that score t to the accepted side of every threshold that accepts them: wp of
// positives and wn of negatives. Rounding of weights that are no integers must not leave less than 0.
func countAt(at []Counts, t, wp, wn float64) {
	// There are few thresholds, so they are not searched but all looked at.
	for i := range at {
		if c := &at[i]; t >= c.Threshold {
			c.TP, c.FN = c.TP+wp, max(0, c.FN-wp)
			c.FP, c.TN = c.FP+wn, max(0, c.TN-wn)
		}
	}
}
