package stats

import "github.com/go-siamese/lab/siamese/metric"

// AveragePrecision is the key of the area under the precision-recall curve at natural prevalence.
const AveragePrecision = "average_precision"

// averagePrecisionMetric depends on the prevalence: of random scores it is the share of positives. Values of data with
// other shares cannot be compared.
var averagePrecisionMetric = Metric{
	Key: AveragePrecision, Name: "average precision", Abbr: "AP", Better: 1,
	Value:  func(r *metric.Result) float64 { return r.Verification.Natural.AveragePrecision },
	Error:  func(e *metric.StandardErrors) float64 { return e.AveragePrecision },
	binned: apOf, slopes: apSlopes,
}

// apOf returns the sum over scores of (share of positives there) x (precision at the score), the step form of the area
// under the precision-recall curve, which is not interpolated.
func apOf(c *curve) float64 { return min(1, c.precision/c.p) }

// apSlopes fills in the derivatives of average precision, with TP and FP the weights at or above a score:
//
//	positive (precision - AP)/P + sum over lower scores of (share of positives)(1 - precision)/(TP+FP)
//	negative minus the sum over lower scores of (share of positives) precision/(TP+FP)
//
// One more pair changes the precision at its own score and at all lower ones, so one walk from the bottom sums both.
func apSlopes(c *curve, ap float64, s slopes) {
	var gain, loss float64
	for b := range c.pos {
		precision, accepted := 0.0, c.tp[b]+c.fp[b]
		if accepted > 0 {
			precision = c.tp[b] / accepted
		}
		if w := float64(c.pos[b]); w > 0 {
			gain += w / c.p * (1 - precision) / accepted
			loss += w / c.p * precision / accepted
		}
		s.pos[b] = (precision-ap)/c.p + gain
		s.neg[b] = -loss
	}
}
