package stats

import "github.com/go-siamese/lab/siamese/metric"

// definition says how a metric of this package is named and where package metric has it. Its influence is in
// [histogram.gradient] for metrics over pairs and in references for those of queries.
type definition struct {
	name          string
	value         func(r *metric.Result) float64         // at one threshold, with K = 1 among the Ks
	standardError func(e *metric.StandardErrors) float64 // alike, for estimates
}

// definitions has the metrics in the order of the constants.
var definitions = [numMetrics]definition{
	rocAUC: {
		"ROC-AUC",
		func(r *metric.Result) float64 { return r.Verification.ROCAUC },
		func(e *metric.StandardErrors) float64 { return e.ROCAUC },
	},
	eer: {
		"EER",
		func(r *metric.Result) float64 { return r.Verification.EER },
		func(e *metric.StandardErrors) float64 { return e.EER },
	},
	averagePrecision: {
		"average precision",
		func(r *metric.Result) float64 { return r.Verification.Natural.AveragePrecision },
		func(e *metric.StandardErrors) float64 { return e.AveragePrecision },
	},
	accuracy: {
		"accuracy",
		func(r *metric.Result) float64 { return r.Verification.At[0].BalancedAccuracy() },
		func(e *metric.StandardErrors) float64 { return e.At[0].BalancedAccuracy },
	},
	falsePositives: {
		"FPR",
		func(r *metric.Result) float64 { return r.Verification.At[0].FPR() },
		func(e *metric.StandardErrors) float64 { return e.At[0].FPR },
	},
	falseNegatives: {
		"FNR",
		func(r *metric.Result) float64 { return r.Verification.At[0].FNR() },
		func(e *metric.StandardErrors) float64 { return e.At[0].FNR },
	},
	mapAtR: {
		"MAP@R",
		func(r *metric.Result) float64 { return r.Retrieval.MAPAtR },
		func(e *metric.StandardErrors) float64 { return e.MAPAtR },
	},
	recallAt1: {
		"Recall@1",
		func(r *metric.Result) float64 {
			recall, _ := r.Retrieval.Recall(1)
			return recall
		},
		func(e *metric.StandardErrors) float64 {
			for _, k := range e.RecallAt {
				if k.K == 1 {
					return k.Value
				}
			}
			return 0
		},
	},
}
