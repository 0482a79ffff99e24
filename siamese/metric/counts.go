package metric

// Counts is the confusion of a frozen threshold: numbers of pairs, or sums of their weights.
type Counts struct {
	Threshold float64 `json:"threshold"`
	TP        float64 `json:"tp"` // positives accepted
	FP        float64 `json:"fp"` // negatives accepted
	TN        float64 `json:"tn"` // negatives rejected
	FN        float64 `json:"fn"` // positives rejected
}

// Accuracy returns (TP+TN) / all, or 0 without pairs.
func (c Counts) Accuracy() float64 { return ratio(c.TP+c.TN, c.TP+c.FP+c.TN+c.FN) }

// BalancedAccuracy returns the mean of recall and true negative rate; a side without pairs counts as 0.
func (c Counts) BalancedAccuracy() float64 {
	return (ratio(c.TP, c.TP+c.FN) + ratio(c.TN, c.TN+c.FP)) / 2
}

// Precision returns TP / (TP+FP), or 0 where nothing was accepted.
func (c Counts) Precision() float64 { return ratio(c.TP, c.TP+c.FP) }

// Recall returns TP / (TP+FN), or 0 without positives.
func (c Counts) Recall() float64 { return ratio(c.TP, c.TP+c.FN) }

// F1 returns the harmonic mean of precision and recall, 2TP / (2TP+FP+FN), or 0 where that is undefined.
func (c Counts) F1() float64 { return ratio(2*c.TP, 2*c.TP+c.FP+c.FN) }

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

// PrecisionAt returns the precision that the same error rates give if a share p of all pairs is positive:
// p TPR / (p TPR + (1-p) FPR), or 0 where nothing is accepted.
func (c Counts) PrecisionAt(p float64) float64 {
	tpr, fpr := c.Recall(), ratio(c.FP, c.FP+c.TN)
	return ratio(p*tpr, p*tpr+(1-p)*fpr)
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// newCounts returns the counts of the options' thresholds before any pair is accepted.
func newCounts(pos, neg float64, opt VerificationOptions) []Counts {
	var at []Counts
	for _, t := range opt.Thresholds {
		at = append(at, Counts{Threshold: t, FN: pos, TN: neg})
	}
	return at
}

// countAt moves weights of pairs that score t to the accepted side of every threshold that accepts them.
func countAt(at []Counts, t, wp, wn float64) {
	for i := range at {
		if c := &at[i]; t >= c.Threshold {
			c.TP, c.FN = c.TP+wp, max(0, c.FN-wp)
			c.FP, c.TN = c.FP+wn, max(0, c.TN-wn)
		}
	}
}
