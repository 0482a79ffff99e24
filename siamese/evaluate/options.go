package evaluate

import (
	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/stats"
)

// Options says what an evaluation does beside the metrics. The zero value is usable.
type Options struct {
	NoIntervals bool // leave out intervals and the comparison: time and, above some thousand items, memory
	// Resamples are those of a bootstrap (intervals by BCa; at most 20,000 items). 0 means intervals by the delta
	// method, which needs none and takes about three passes over the pairs; see [stats.Intervals]. What thresholds do
	// to validation items has intervals by the delta method either way.
	Resamples  int
	Confidence float64 // of intervals; 0 = .95

	// Estimate is the number of test items that are drawn, by EstimateSeed, as queries against all N of them, instead
	// of every item: from 40 on; 0, or N and more, mean exact figures. Then the report's figures are estimates. Their
	// intervals say where the exact ones lie and nothing of other items (see [metric.EstimatePairs]), and so does the
	// comparison; figures by class are left out, details are refused, and what the threshold does to validation items
	// is estimated likewise. Probabilities are assessed as without it, on drawn pairs.
	//
	// Exact figures look at every pair, so that their time grows with N²: one pass over the 199,990,000 pairs of 20,000
	// items with embeddings 256 wide takes 2.5 s on two cores with vector instructions (go run
	// ./siamese/metric/testdata/compare), one over those of 100,000 items a minute, and features without training as
	// often as many times longer as they are wider. With intervals there are four passes for every kind of similarity
	// compared. An estimate takes one, over Estimate x N pairs: 2,000 queries take 1.4 s against 20,000 items, where
	// exact figures are to be preferred, and 11.3 s against 200,000, a twentieth of an exact pass.
	Estimate     int
	EstimateSeed uint64 // the same items and seed: the same queries, for whatever model

	// Train is the training items: with them the report has Others and Classifier, which nothing but them is fitted on.
	// nil = leave them out. With F features of n items it takes the eigenvalues of a matrix min(F, n) wide, and the
	// training of a classifier, five passes over the items.
	Train *data.Frame `json:"-"`
	// Progress is told of the classifier's training; nil = silent.
	Progress func(siamese.Progress) `json:"-"`

	// CostFP and CostFN are what it costs to call a different pair same and a same pair different, for the threshold of
	// least cost among the details' thresholds; both 0 mean 1 and 1.
	CostFP, CostFN float64

	// Details asks for Report.Details, which a page needs: curves, histograms, thresholds, figures by class and domain,
	// the hardest pairs and a map of the embeddings, of the trained encoder and the best untrained features. They take
	// about four more passes over the pairs of each.
	Details bool
}

// Intervals returns the options of package stats for intervals by a unit.
func (o Options) Intervals(by stats.Unit, seed uint64) stats.Options {
	out := stats.Options{By: by, Method: stats.Delta, Resamples: o.Resamples, Confidence: o.Confidence, Seed: seed}
	if o.Resamples != 0 {
		out.Method = stats.BCa
	}
	return out
}

// pairIntervals returns the options of package stats for intervals on given pairs.
func (o Options) pairIntervals(seed uint64) stats.PairOptions {
	out := stats.PairOptions{Method: stats.Delta, Resamples: o.Resamples, Confidence: o.Confidence, Seed: seed}
	if o.Resamples != 0 {
		out.Method = stats.Percentile
	}
	return out
}
