package stats

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
)

// Unit names what is drawn with replacement. Pairs are never drawn by themselves: those that share an item are not
// independent, and intervals that take them so are far too short.
type Unit string

// The units.
const (
	ByItem  Unit = "item"  // how sure for other items of the same classes
	ByClass Unit = "class" // how sure for items of other classes: for unseen classes
)

// Method names how an interval is found.
type Method string

// The methods.
const (
	Auto       Method = ""           // BCa up to AutoLimit items, Linear beyond
	Percentile Method = "percentile" // between quantiles of the replicates (Efron 1979)
	BCa        Method = "bca"        // alike, corrected for bias and skewness (Efron 1987)
	Linear     Method = "linear"     // normal, from the influence of every unit on the figure: no replicates, two passes over the pairs
)

// AutoLimit is the number of items up to which Auto draws replicates: 1,000 of them go over 40 % of 8 million pairs each.
const AutoLimit = 4000

// replicateLimit is the number of items up to which replicates may be drawn at all: their pairs take N^2 bytes.
const replicateLimit = 20000

// Options says how intervals are found. The zero value is usable: 95 % by items, 1,000 replicates.
type Options struct {
	Similarity metric.Similarity
	By         Unit    // "" means ByItem
	Method     Method  // "" means Auto
	Rounds     int     // replicates; 0 means 1,000
	Level      float64 // 0 means .95
	Seed       uint64  // same seed, same items: same intervals
	Workers    int     // goroutines; 0 means one per core. Results do not depend on it.

	// Progress, where not nil, is called now and then, from one goroutine at a time, with the share of the work done (0 to 1).
	Progress func(done float64)
}

// Validate returns every fault of the options at once, or nil.
func (o Options) Validate() error {
	errs := []error{metric.Options{Similarity: o.Similarity, Workers: o.Workers}.Validate()}
	if !slices.Contains([]Unit{"", ByItem, ByClass}, o.By) {
		errs = append(errs, fmt.Errorf("stats: By is %q: want %q or %q", o.By, ByItem, ByClass))
	}
	if !slices.Contains([]Method{Auto, Percentile, BCa, Linear}, o.Method) {
		errs = append(errs, fmt.Errorf("stats: Method is %q: want %q, %q, %q or nothing", o.Method, Percentile, BCa, Linear))
	}
	if o.Rounds < 0 || o.Rounds > 0 && o.Rounds < 20 || o.Rounds > math.MaxInt32 {
		errs = append(errs, fmt.Errorf("stats: Rounds is %d: want 0 (for 1,000) or at least 20", o.Rounds))
	}
	if o.Level != 0 {
		if err := checkLevel(o.Level); err != nil {
			errs = append(errs, fmt.Errorf("stats: %w", err))
		}
	}
	return errors.Join(errs...)
}

// withDefaults returns valid options made complete for n items, or an error where they are too many for the method.
func (o Options) withDefaults(n int) (Options, error) {
	if o.By == "" {
		o.By = ByItem
	}
	if o.Method == Auto {
		o.Method = BCa
		if n > AutoLimit {
			o.Method = Linear
		}
	}
	if o.Method != Linear && n > replicateLimit {
		return o, fmt.Errorf("stats: %d items are too many to draw replicates of (at most %d): use Method %q", n, replicateLimit, Linear)
	}
	if o.Rounds == 0 {
		o.Rounds = 1000
	}
	if o.Level == 0 {
		o.Level = defaultLevel
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Progress == nil {
		o.Progress = func(float64) {}
	}
	return o, nil
}
