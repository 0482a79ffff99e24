package stats

import "github.com/go-siamese/lab/siamese/metric"

var recallAt1Metric = Metric{
	Key: RecallAt1, Name: "Recall@1", Better: 1, Narrow: true, retrieval: true,
	Value: func(r *metric.Result) float64 {
		recall, _ := r.Retrieval.Recall(1)
		return recall
	},
	Error: func(e *metric.StandardErrors) float64 {
		for _, k := range e.RecallAt {
			if k.K == 1 {
				return k.Value
			}
		}
		return 0
	},
}
