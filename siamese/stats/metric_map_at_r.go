package stats

import "github.com/go-siamese/lab/siamese/metric"

// MAPAtR is the key of mean average precision at R, with every item as a query.
const MAPAtR = "map_at_r"

// mapAtRMetric is the strictest of the retrieval metrics: 1 only if all R items of a class come first. A query's value
// is AP@R = (1/R) sum over ranks i <= R of hit(i) x precision(i) (Musgrave et al. 2020).
var mapAtRMetric = Metric{
	Key: MAPAtR, Name: "MAP@R", Better: 1, Narrow: true,
	Value: func(r *metric.Result) float64 { return r.Retrieval.MAPAtR },
	Error: func(e *metric.StandardErrors) float64 { return e.MAPAtR },
	query: &queryMetric{
		of: func(q metric.QueryMetrics) float64 { return q.APAtR },
		ranked: func(hits []bool) float64 {
			sum, n := 0.0, 0.0
			for i, hit := range hits {
				if hit {
					n++
					sum += n / float64(i+1)
				}
			}
			return sum / float64(len(hits))
		},
		leftOut: apLeftOut,
	},
}

// apLeftOut is queryMetric.leftOut of AP@R, (1/R) sum over hits of (hits so far)/rank. It computes AP@R without the
// reference at a rank from sums over the hits before it, which stay, and those behind it, which move up by a rank and,
// if it is a hit, have one hit less before them.
func apLeftOut(hits []bool, size int, without []float64) (value, beyond float64) {
	n := len(hits) + 1
	// Sums up to a rank over its hits: of the plain terms, of those one rank higher up, and of those with one hit less
	// too.
	sums := make([]float64, 3*n)
	plain, less, left := sums[:n], sums[n:2*n], sums[2*n:]
	count := 0.0
	for i, hit := range hits {
		var a, b, c float64
		if hit {
			rank := float64(i + 1)
			count++
			a = count / rank
			if i > 0 {
				b, c = count/(rank-1), (count-1)/(rank-1)
			}
		}
		plain[i+1], less[i+1], left[i+1] = plain[i]+a, less[i]+b, left[i]+c
	}
	for i, hit := range hits[:size] {
		rank := i + 1
		if hit {
			without[i] = (plain[rank-1] + left[size] - left[rank]) / float64(size-1)
		} else {
			without[i] = (plain[rank] + less[size+1] - less[rank]) / float64(size)
		}
	}
	return plain[size] / float64(size), plain[size-1] / float64(size-1)
}
