package evaluate

import (
	"cmp"
	"errors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/stats"
)

// Options says what an evaluation does beside the metrics. The zero value gives exact metrics with 95 % intervals by
// the delta method. Options are values: an evaluation changes nothing in them.
type Options struct {
	// NoIntervals leaves out intervals and the comparison. They take most of the time of an evaluation and, above some
	// thousand items, most of the memory.
	NoIntervals bool

	// Bootstrap asks for intervals from resamples (BCa; at most 20,000 items) instead of the delta method, which needs
	// none and takes about three passes over the pairs; see [stats.Intervals]. What thresholds do to validation items
	// has intervals by the delta method either way.
	Bootstrap bool
	// Resamples is the number of resamples of the bootstrap: 20 or more; 0 = 1,000. Without Bootstrap it must be 0.
	Resamples int

	Confidence float64 // of intervals, in (0, 1); 0 = .95

	// Estimate is the number of test items that are drawn, by EstimateSeed, as queries against all N of them, instead
	// of every item: 40 or more; 0, or N and more, mean exact metrics. Then the report's metrics are estimates. Their
	// intervals say where the exact ones lie and nothing about other items (see [metric.EstimatePairs]), and so does
	// the comparison; metrics by class are left out, details are an error, and what the threshold does to validation
	// items is estimated too. Probabilities are assessed as without it, on drawn pairs.
	//
	// Embeddings are held, and features that are wider than these are read as they are needed: with items on disk
	// (package data/ondisk) memory grows with the number of items, and hardly with that of their features (see
	// [metric.EstimateRead]). What is fitted on Train needs its items.
	//
	// Exact metrics need every pair, so that their time grows with N²: one pass over the 199,990,000 pairs of 20,000
	// items with embeddings 256 wide takes 2.5 s on two cores with vector instructions (go run
	// ./siamese/metric/testdata/compare), one over those of 100,000 items a minute. Features without training take
	// longer in proportion to their width. With intervals there are three passes for every kind of similarity compared.
	// An estimate takes one, over Estimate x N pairs: 2,000 queries take 1.4 s against 20,000 items, where exact
	// metrics are preferable, and 11.3 s against 200,000, a twentieth of an exact pass.
	Estimate int
	// EstimateSeed draws the queries. The same items and seed give the same queries, whatever the model, so that models
	// can be compared on them.
	EstimateSeed uint64

	// Train is the training items: with them the report has Others and Classifier, which are fitted on nothing else.
	// nil = leave them out. With F features of n items it takes the eigenvalues of a matrix min(F, n) wide, and the
	// training of a classifier, five passes over the items.
	Train *data.Frame `json:"-"`
	// Data are the files that the items are from, for Report.Origin; nil = the tables and pictures that this program has
	// opened so far.
	Data []origin.File `json:"-"`
	// Progress is called during the classifier's training, one call at a time; nil = silent.
	Progress func(siamese.Progress) `json:"-"`

	// Stage is called with what comes next, such as the name of a similarity, from the goroutine that evaluates, and of
	// several models with the model's name before it; estimates of 100,000 items or more also tell how far they are, as
	// in "trained encoder, 45 %". nil = silent.
	Stage func(what string) `json:"-"`

	// Gallery asks for Report.Gallery. Given pairs have no gallery. Intervals take the gallery as given.
	Gallery GalleryOptions

	// Transductive adds a row to Report.Gallery: the model adapted to the test items without their labels
	// ([siamese.Model.Adapt]). It needs a model with PLDA of its features.
	Transductive bool

	// CostFP and CostFN are what it costs to call a different pair same and a same pair different, for the costs of
	// Report.Evidence and the threshold of least cost among the details' thresholds: finite, 0 or more; both 0 mean 1 and
	// 1. They do not change the threshold that metrics are at, which is the model's.
	CostFP, CostFN float64
	// Prior is the share of same pairs among those to decide on, in (0, 1), for the same costs; 0 = .5 for those of the
	// evidence, and what it is among the validation pairs for the threshold of least cost.
	Prior float64
	// Guarantee is the error rate that the guaranteed thresholds of Report.Evidence keep to, in (0, 1); 0 = .05. Their
	// confidence is that of intervals.
	Guarantee float64

	// Details asks for Report.Details, which a page needs: curves, histograms, thresholds, metrics by class and domain,
	// the hardest pairs and a map of the embeddings, of the trained encoder and the best untrained features. They take
	// about four more passes over the pairs of each.
	Details bool
}

// defaultConfidence is that of package stats, for intervals that are made here.
const defaultConfidence = .95

// confidence returns the confidence of intervals.
func (o Options) confidence() float64 { return cmp.Or(o.Confidence, defaultConfidence) }

// defaultResamples is the number of resamples of a bootstrap where Options name none.
const defaultResamples = 1000

// Validate returns all that is wrong with the options for intervals, joined, or nil. What depends on the items or
// pairs (Train, Estimate and the costs) is checked by [Items] and [Pairs].
func (o Options) Validate() error {
	var resamples error
	if !o.Bootstrap && o.Resamples != 0 {
		resamples = option.Errorf("Resamples", "%d without a bootstrap: set Bootstrap, or leave it out", o.Resamples)
	}
	var prior, guarantee error
	if o.Prior != 0 && !(o.Prior > 0 && o.Prior < 1) {
		prior = option.Errorf("Prior", "%v: want a share between 0 and 1, both excluded, or 0 for the default", o.Prior)
	}
	if o.Guarantee != 0 && !(o.Guarantee > 0 && o.Guarantee < 1) {
		guarantee = option.Errorf("Guarantee", "%v: want an error rate between 0 and 1, both excluded, or 0 for .05",
			o.Guarantee)
	}
	return errors.Join(resamples, o.Gallery.validate(), prior, guarantee, o.intervals(stats.ByItem, 0).Validate())
}

// withCosts returns the options with their costs: both 0 are 1 and 1.
func (o Options) withCosts() Options {
	if o.CostFP == 0 && o.CostFN == 0 {
		o.CostFP, o.CostFN = 1, 1
	}
	return o
}

// weighedCosts returns costs for which pairs of both kinds, counting half each, cost what they do at the prior. Without
// one they are the costs themselves.
func (o Options) weighedCosts() (fp, fn float64) {
	o = o.withCosts()
	if o.Prior == 0 {
		return o.CostFP, o.CostFN
	}
	return 2 * (1 - o.Prior) * o.CostFP, 2 * o.Prior * o.CostFN
}

// intervals returns the options of package stats for intervals by a unit over all pairs of items. seed is that of the
// resamples; the delta method has none.
func (o Options) intervals(by stats.Unit, seed uint64) stats.Options {
	out := stats.Options{By: by, Method: stats.Delta, Confidence: o.Confidence, Seed: seed}
	if o.Bootstrap {
		out.Method, out.Resamples = stats.BCa, cmp.Or(o.Resamples, defaultResamples)
	}
	return out
}

// pairIntervals returns the options of package stats for intervals on given pairs.
func (o Options) pairIntervals(seed uint64) stats.PairOptions {
	out := stats.PairOptions{Confidence: o.Confidence, Seed: seed}
	if o.Bootstrap {
		out.Method, out.Resamples = stats.Percentile, cmp.Or(o.Resamples, defaultResamples)
	}
	return out
}
