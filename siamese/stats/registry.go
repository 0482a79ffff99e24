package stats

import (
	"cmp"

	"github.com/go-siamese/lab/siamese/metric"
)

// Metric defines a metric: its key and name, how it prints, and how its value and the influences on it are computed.
// Results hold metrics by key, and tables, pages and comparisons go through [Registry]. To add a metric, write a file
// with its definition and enter it below. Metrics over pairs have binned and slopes, those of retrieval have query. The
// fields are not to be changed.
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

	// binned is a function of its own, and not Value, because a bootstrap calls it once a resample: it must take
	// O(bins) time and not allocate.
	binned func(c *curve) float64                  // over pairs: the value, from weights by bin of the score
	slopes func(c *curve, value float64, s slopes) // over pairs: fills in its derivatives, which are 0
	query  *queryMetric                            // of retrieval
}

// queryMetric computes a retrieval metric of one query from its ranking: hits are the nearest references in order, true
// for those of the query's class, of which R others there are.
type queryMetric struct {
	of     func(q metric.QueryMetrics) float64 // the value, as package metric has it
	ranked func(hits []bool) float64           // the same from the R nearest, for rankings with a class left out
	// leftOut returns the value from the ranking and fills in the values without the reference at each of the R first
	// ranks, where hits has R+1 of them or all; beyond is the value without a reference of the query's class that comes
	// later. Without a reference of the class R is one lower; R = 1 leaves no query then and is not looked at.
	leftOut func(hits []bool, r int, without []float64) (value, beyond float64)
}

// Short returns the name in heads of columns.
func (m *Metric) Short() string { return cmp.Or(m.Abbr, m.Name) }

// OfPairs returns whether the metric is defined on pairs alone. The others are of retrieval: they need all items of a
// gallery, and so are absent on listed pairs.
func (m *Metric) OfPairs() bool { return m.query == nil }

// registry holds the metrics by their index, so that arrays of values need no map in inner loops.
var registry = [numMetrics]*Metric{
	rocAUC: &rocAUCMetric, eer: &eerMetric, averagePrecision: &averagePrecisionMetric, accuracy: &accuracyMetric,
	falsePositives: &fprMetric, falseNegatives: &fnrMetric, mapAtR: &mapAtRMetric, recallAt1: &recallAt1Metric,
	rPrecision: &rPrecisionMetric,
}

// The metrics, as indices of arrays in the order of tables. Those over pairs come first, so that they are the first
// numPairMetrics of every array, and the metric over queries with index f there is number numPairMetrics+f here.
const (
	rocAUC = iota
	eer
	averagePrecision
	accuracy
	falsePositives
	falseNegatives
	mapAtR
	recallAt1
	rPrecision
	numMetrics // number of metrics

	numPairMetrics  = mapAtR // number of those over pairs
	numQueryMetrics = numMetrics - numPairMetrics
)

// Registry returns all metrics in their order in tables: those over pairs, then those of retrieval. The slice is
// shared: do not change it.
func Registry() []*Metric { return registry[:] }

// ByKey returns the metric with a key such as [ROCAUC], or nil: results read from files may have keys of other
// versions.
func ByKey(key string) *Metric {
	for _, m := range registry {
		if m.Key == key {
			return m
		}
	}
	return nil
}
