package stats

import "github.com/go-siamese/lab/siamese/metric"

// RPrecision is the key of the mean share of each query's class among its R nearest other items, where R others of the
// class there are.
const RPrecision = "r_precision"

// rPrecisionMetric ignores the order within the first R, unlike MAP@R, which is never above it.
var rPrecisionMetric = Metric{
	Key: RPrecision, Name: "R-Precision", Better: 1,
	Value: func(r *metric.Result) float64 { return r.Retrieval.RPrecision },
	Error: func(e *metric.StandardErrors) float64 { return e.RPrecision },
	query: &queryMetric{
		of:      func(q metric.QueryMetrics) float64 { return q.RPrecision },
		ranked:  func(hits []bool) float64 { return share(hits, len(hits)) },
		leftOut: rPrecisionLeftOut,
	},
}

// share returns the number of hits among the given ranks, divided by n.
func share(hits []bool, n int) float64 {
	count := 0.0
	for _, hit := range hits {
		count += one(hit)
	}
	return count / float64(n)
}

// rPrecisionLeftOut is queryMetric.leftOut of R-Precision. Without a hit R is one lower, so the R-1 nearest are those
// of the first R without it; without another reference the one behind the first R moves up; without a later one of the
// class the last of the first R drops out.
func rPrecisionLeftOut(hits []bool, size int, without []float64) (value, beyond float64) {
	value = share(hits[:size], size)
	count := value * float64(size)
	for i, hit := range hits[:size] {
		if hit {
			without[i] = (count - 1) / float64(size-1)
		} else {
			without[i] = (count + one(hits[size])) / float64(size)
		}
	}
	return value, share(hits[:size-1], size-1)
}
