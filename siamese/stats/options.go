package stats

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
)

// Unit names what is drawn with replacement. Pairs are never drawn by themselves: those that share an item are not
// independent, and intervals that ignore this are far too narrow: 20,000 items have 200 million pairs, but are 20,000
// observations.
type Unit string

// The units.
const (
	ByItem  Unit = "item"  // intervals for other items of the same classes; the default
	ByClass Unit = "class" // intervals for items of other classes, such as unseen ones
)

// byPairItem marks metrics of listed pairs: their intervals hold for pairs of other items. It is not an option of
// [Options.By].
const byPairItem Unit = "item of pairs"

// Method names how an interval is computed. With many items all three agree; they differ in cost and where the
// distribution of the metric is skewed, as near 0 and 1.
type Method string

// The methods.
const (
	Percentile Method = "percentile" // between quantiles of the resamples (Efron 1979)
	BCa        Method = "bca"        // the same, corrected for bias and skewness (Efron 1987)
	Delta      Method = "delta"      // delta method: normal, from the influence of every unit; no resamples
)

// autoLimit is the number of items up to which BCa is the default and Delta beyond: 1,000 resamples of so many items
// visit 40 % of 8 million pairs each.
const autoLimit = 4000

// mostCount is the most resamples and bins that are accepted, mostWorkers the most goroutines that are used: lists of
// that length are made.
const (
	mostCount   = 1_000_000
	mostWorkers = 256
)

// resampleLimit is the number of items up to which resamples may be drawn at all: their pairs take N^2 bytes.
const resampleLimit = 20000

// Options says how intervals of metrics over all pairs of items are computed; [PairOptions] is for listed pairs. The
// zero value is usable: 95 % by items, 1,000 resamples.
type Options struct {
	Similarity metric.Similarity // of two embeddings; the zero value is the cosine
	By         Unit              // "" means ByItem
	Method     Method            // "" means BCa up to 4,000 items, Delta beyond
	Resamples  int               // 0 means 1,000, otherwise at least 20
	Confidence float64           // 0 means .95
	Seed       uint64            // same seed, same items: same intervals
	Workers    int               // goroutines; 0 means one per core. Results do not depend on it.

	// Progress, if not nil, is called now and then, from one goroutine at a time, with the share of the work done (0
	// to 1).
	Progress func(done float64)
}

// Validate returns every fault of the options at once, or nil. Whether there are too many items to resample is not
// known here; [Intervals] says so.
func (o Options) Validate() error {
	errs := []error{metric.Options{Similarity: o.Similarity, Workers: o.Workers}.Validate()}
	if !slices.Contains([]Unit{"", ByItem, ByClass}, o.By) {
		errs = append(errs, fmt.Errorf("stats: By is %q: want %q or %q", o.By, ByItem, ByClass))
	}
	if !slices.Contains([]Method{"", Percentile, BCa, Delta}, o.Method) {
		errs = append(errs, fmt.Errorf("stats: Method is %q: want %q, %q, %q or nothing",
			o.Method, Percentile, BCa, Delta))
	}
	if o.Resamples < 0 || o.Resamples > 0 && o.Resamples < 20 || o.Resamples > mostCount {
		errs = append(errs, fmt.Errorf("stats: Resamples is %d: want 0 (for 1,000), or 20 to %d", o.Resamples,
			mostCount))
	}
	if o.Confidence != 0 {
		if err := checkConfidence(o.Confidence); err != nil {
			errs = append(errs, fmt.Errorf("stats: %w", err))
		}
	}
	return errors.Join(errs...)
}

// withDefaults returns valid options with their defaults for n items, or an error if they are too many for the method.
// No field of the result is at its zero value but Similarity and Seed.
func (o Options) withDefaults(n int) (Options, error) {
	if o.By == "" {
		o.By = ByItem
	}
	if o.Method == "" {
		o.Method = BCa
		if n > autoLimit {
			o.Method = Delta
		}
	}
	if o.Method != Delta && n > resampleLimit {
		return o, fmt.Errorf("stats: %d items are too many to resample (at most %d): use Method %q",
			n, resampleLimit, Delta)
	}
	if o.Resamples == 0 {
		o.Resamples = 1000
	}
	if o.Confidence == 0 {
		o.Confidence = defaultConfidence
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.Workers = min(o.Workers, mostWorkers)
	if o.Progress == nil {
		o.Progress = func(float64) {}
	}
	return o, nil
}
