package stats

import "github.com/go-siamese/lab/siamese/metric"

// Keys of the metrics at the frozen threshold. They are means over pairs, so with yes = 1 for an accepted pair, else 0,
// their slopes are
//
//	FPR        negative (yes - FPR)/N
//	FNR        positive (1 - yes - FNR)/P
//	accuracy   minus half of both
const (
	Accuracy = "accuracy" // balanced: the mean of 1 - FPR and 1 - FNR
	FPR      = "fpr"      // share of negative pairs called positive
	FNR      = "fnr"      // share of positive pairs called negative
)

// accuracyMetric is balanced, 1 - (FPR + FNR)/2: with as few positives as there are among all pairs, plain accuracy
// would be highest for a threshold that rejects everything.
var accuracyMetric = Metric{
	Key: Accuracy, Name: "accuracy", Better: 1, Narrow: true,
	Value:       func(r *metric.Result) float64 { return r.Verification.At[0].BalancedAccuracy() },
	Error:       func(e *metric.StandardErrors) float64 { return e.At[0].BalancedAccuracy },
	AtThreshold: metric.Counts.BalancedAccuracy,
	binned: func(c *curve) float64 {
		tpr, fpr := c.rates()
		return (tpr + 1 - fpr) / 2
	},
	slopes: func(c *curve, _ float64, s slopes) {
		tpr, fpr := c.rates()
		for b := range c.pos {
			s.pos[b] = (c.yes(b) - tpr) / 2 / c.p
			s.neg[b] = (1 - c.yes(b) - (1 - fpr)) / 2 / c.n
		}
	},
}

// fprMetric has no better direction by itself (Better 0): a higher threshold lowers it and raises FNR.
var fprMetric = Metric{
	Key: FPR, Name: "FPR",
	Value:       func(r *metric.Result) float64 { return r.Verification.At[0].FPR() },
	Error:       func(e *metric.StandardErrors) float64 { return e.At[0].FPR },
	AtThreshold: metric.Counts.FPR,
	binned: func(c *curve) float64 {
		_, fpr := c.rates()
		return fpr
	},
	slopes: func(c *curve, fpr float64, s slopes) {
		for b := range c.neg {
			s.neg[b] = (c.yes(b) - fpr) / c.n
		}
	},
}

// fnrMetric is the other side of fprMetric.
var fnrMetric = Metric{
	Key: FNR, Name: "FNR",
	Value:       func(r *metric.Result) float64 { return r.Verification.At[0].FNR() },
	Error:       func(e *metric.StandardErrors) float64 { return e.At[0].FNR },
	AtThreshold: metric.Counts.FNR,
	binned: func(c *curve) float64 {
		tpr, _ := c.rates()
		return max(0, 1-tpr)
	},
	slopes: func(c *curve, _ float64, s slopes) {
		tpr, _ := c.rates()
		for b := range c.pos {
			s.pos[b] = (1 - c.yes(b) - (1 - tpr)) / c.p
		}
	},
}

// rates returns the shares of positives and of negatives that the threshold accepts, 0 if it is above all scores.
func (c *curve) rates() (tpr, fpr float64) {
	cut := min(c.cut, len(c.pos))
	return c.tp[cut] / c.p, c.fp[cut] / c.n
}

// yes returns 1 where the threshold accepts a bin, else 0.
func (c *curve) yes(bin int) float64 {
	if bin >= c.cut {
		return 1
	}
	return 0
}
