package stats

import (
	"cmp"

	"github.com/go-siamese/lab/siamese/metric"
)

// Metric defines a metric: its key and name, how it prints, and how its value and the influences on it are computed.
// Results hold metrics by key, and tables, pages and comparisons go through [Registry]. To add a metric, write a file
// with its definition and enter it below.
type Metric struct {
	Key    string // in results and JSON
	Name   string // in tables and sentences
	Better int    // 1: higher is better, -1: lower is better, 0: neither (one rate at the cost of another)
	Abbr   string // of Name in heads of columns; "" = Name
	Narrow bool   // also shown in tables with room for few columns

	// Value returns the metric of a result with one threshold and K = 1 among its Ks.
	Value func(r *metric.Result) float64
	// Error returns its standard error, alike, for estimates from a sample of queries.
	Error func(e *metric.StandardErrors) float64
	// AtThreshold returns what a frozen threshold does to pairs; nil for metrics that do not depend on one.
	AtThreshold func(c metric.Counts) float64

	retrieval bool
}

// Short returns the name in heads of columns.
func (m *Metric) Short() string { return cmp.Or(m.Abbr, m.Name) }

// OfPairs returns whether the metric is defined on pairs alone; the others are of retrieval and need classes.
func (m *Metric) OfPairs() bool { return !m.retrieval }

var registry = [numMetrics]*Metric{
	rocAUC: &rocAUCMetric, eer: &eerMetric, averagePrecision: &averagePrecisionMetric, accuracy: &accuracyMetric,
	falsePositives: &fprMetric, falseNegatives: &fnrMetric, mapAtR: &mapAtRMetric, recallAt1: &recallAt1Metric,
}

// Keys of the metrics.
const (
	ROCAUC           = "roc_auc"           // probability that a positive pair scores above a negative one
	EER              = "eer"               // error rate at the threshold where FPR = FNR
	AveragePrecision = "average_precision" // area under precision-recall, at natural prevalence
	Accuracy         = "accuracy"          // balanced, at the frozen threshold
	FPR              = "fpr"               // share of negative pairs called positive, at the frozen threshold
	FNR              = "fnr"               // share of positive pairs called negative, at the frozen threshold
	MAPAtR           = "map_at_r"          // mean average precision at R, every item as a query
	RecallAt1        = "recall_at_1"       // share of queries whose nearest other item is of their class
)

// Registry returns all metrics in their order in tables: those over pairs, then those of retrieval.
func Registry() []*Metric { return registry[:] }

// ByKey returns the metric with a key, or nil.
func ByKey(key string) *Metric {
	for _, m := range registry {
		if m.Key == key {
			return m
		}
	}
	return nil
}
