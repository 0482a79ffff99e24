package stats

import "github.com/go-siamese/lab/siamese/metric"

// RecallAt1 is the key of the share of queries whose nearest other item is of their class.
const RecallAt1 = "recall_at_1"

// recallAt1Metric is 0 or 1 for each query: it looks at the nearest reference only.
var recallAt1Metric = Metric{
	Key: RecallAt1, Name: "Recall@1", Better: 1, Narrow: true,
	Value: func(r *metric.Result) float64 {
		recall, _ := r.Retrieval.Recall(1)
		return recall
	},
	// K = 1 is among the Ks of every estimate that gets here; see [SampledMetrics].
	Error: func(e *metric.StandardErrors) float64 {
		for _, k := range e.RecallAt {
			if k.K == 1 {
				return k.Value
			}
		}
		return 0
	},
	query: &queryMetric{
		of: func(q metric.QueryMetrics) float64 {
			if q.FirstHit == 1 {
				return 1
			}
			return 0
		},
		ranked: func(hits []bool) float64 { return one(hits[0]) },
		// Only the nearest reference matters: without it the second decides, without any other nothing changes.
		leftOut: func(hits []bool, _ int, without []float64) (value, beyond float64) {
			value = one(hits[0])
			for i := range without {
				without[i] = value
			}
			if len(hits) > 1 {
				without[0] = one(hits[1])
			}
			return value, value
		},
	},
}

// one returns 1 for a hit, else 0.
func one(hit bool) float64 {
	if hit {
		return 1
	}
	return 0
}
