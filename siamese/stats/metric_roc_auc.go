package stats

import "github.com/go-siamese/lab/siamese/metric"

// ROCAUC is the key of the chance that a positive pair scores above a negative one.
const ROCAUC = "roc_auc"

var rocAUCMetric = Metric{
	Key: ROCAUC, Name: "ROC-AUC", Better: 1, Narrow: true,
	Value:  func(r *metric.Result) float64 { return r.Verification.ROCAUC },
	Error:  func(e *metric.StandardErrors) float64 { return e.ROCAUC },
	binned: aucOf, slopes: aucSlopes,
}

func aucOf(c *curve) float64 { return min(1, c.concordant/c.p/c.n) }

// aucSlopes: positive (V - AUC)/P, negative (U - AUC)/N, with the placement values V and U (DeLong et al. 1988) and the
// weights P and N of all positives and negatives.
func aucSlopes(c *curve, auc float64, s slopes) {
	for b := range c.pos {
		wp, wn := float64(c.pos[b]), float64(c.neg[b])
		s.pos[b] = ((c.n-c.fp[b+1]-wn/2)/c.n - auc) / c.p
		s.neg[b] = ((c.tp[b+1]+wp/2)/c.p - auc) / c.n
	}
}
