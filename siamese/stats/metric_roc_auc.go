package stats

import "github.com/go-siamese/lab/siamese/metric"

// ROCAUC is the key of the chance that a positive pair scores above a negative one.
const ROCAUC = "roc_auc"

// rocAUCMetric depends on the order of scores only, and not on the prevalence: 0.5 is chance, 1 is best.
var rocAUCMetric = Metric{
	Key: ROCAUC, Name: "ROC-AUC", Better: 1, Narrow: true,
	Value:  func(r *metric.Result) float64 { return r.Verification.ROCAUC },
	Error:  func(e *metric.StandardErrors) float64 { return e.ROCAUC },
	binned: aucOf, slopes: aucSlopes,
}

// aucOf returns the share of pairs of a positive and a negative in which the positive scores higher, ties (one bin)
// half.
func aucOf(c *curve) float64 { return min(1, c.concordant/c.p/c.n) }

// aucSlopes fills in the derivatives of the ROC-AUC: positive (V - AUC)/P, negative (U - AUC)/N, with the weights P and
// N of all positives and negatives and the placement values (DeLong et al. 1988): V is the share of negatives below the
// positive, U that of positives above the negative, ties half.
func aucSlopes(c *curve, auc float64, s slopes) {
	for b := range c.pos {
		wp, wn := float64(c.pos[b]), float64(c.neg[b])
		s.pos[b] = ((c.n-c.fp[b+1]-wn/2)/c.n - auc) / c.p
		s.neg[b] = ((c.tp[b+1]+wp/2)/c.p - auc) / c.n
	}
}
