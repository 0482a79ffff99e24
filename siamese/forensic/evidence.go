package forensic

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// Evidence is how strong the evidence of a similarity is, on test pairs. [Measure] makes it.
type Evidence struct {
	Pairs int   `json:"pairs"` // that count
	Costs Costs `json:"costs"`

	// Same and Different are how many of the pairs of each kind are disjoint at most: as many independent observations
	// there are.
	Same      int `json:"independent_same"`
	Different int `json:"independent_different"`

	// Values holds the measures by key; see [Registry]. Without a calibration there are no LLRs, and only measures of
	// their order. Infinite lists those that are infinite because a pair was called impossible: isotonic calibrations do
	// that.
	Values   map[string]float64 `json:"values"`
	Infinite []string           `json:"infinite,omitempty"`
	// Intervals are for pairs of other items, by key; nil where none were wanted. One that cannot be computed is absent.
	Intervals map[string]stats.Interval `json:"intervals,omitempty"`

	// Bounds are the LLRs that the data allow, and Beyond the share of pairs whose LLRs go beyond them, same and different
	// ones counting half each. nil without LLRs.
	Bounds *Bounds `json:"bounds,omitempty"`
	Beyond float64 `json:"beyond,omitempty"`

	Rates      []Rate      `json:"rates,omitempty"`      // error rates at the threshold
	Guarantees []Guarantee `json:"guarantees,omitempty"` // thresholds of the similarity
	Curves     *Curves     `json:"curves,omitempty"`     // nil without LLRs, and where no details were wanted
}

// Curves are what plots of LLRs show.
type Curves struct {
	Priors  []PriorPoint   `json:"priors"`  // by rising prior
	Tippett []TippettPoint `json:"tippett"` // by rising LLR
	// Histogram is of LLRs, those beyond 9 in the last bins; both kinds sum to 1.
	Histogram *metric.Histogram `json:"histogram"`
}

// PriorPoint is what LLRs are worth at one prior.
type PriorPoint struct {
	LogOdds float64 `json:"log_odds"` // of a pair being the same, log10
	// Entropy is the mean surprise in bits ([Sample.CrossEntropy]), Best with the best LLRs, Neutral without any.
	Entropy *float64 `json:"entropy,omitempty"` // nil = infinite
	Best    float64  `json:"best"`
	Neutral float64  `json:"neutral"`
	// Error is the normalised Bayes error: of decisions by LLRs at equal costs, as a share of that without; BestError with
	// the best LLRs.
	Error     float64 `json:"error"`
	BestError float64 `json:"best_error"`
}

// TippettPoint is the share of pairs of each kind with an LLR or more.
type TippettPoint struct {
	LLR       float64 `json:"llr"`
	Same      float64 `json:"same"`
	Different float64 `json:"different"`
}

// Interval returns the interval of a measure; false = there is none.
func (e *Evidence) Interval(key string) (stats.Interval, bool) {
	i, ok := e.Intervals[key]
	return i, ok
}

// Text returns a measure with its interval, "infinite" or, where it is not defined, "".
func (e *Evidence) Text(key string) string {
	for _, k := range e.Infinite {
		if k == key {
			return "infinite"
		}
	}
	v, ok := e.Values[key]
	if !ok {
		return ""
	}
	if i, ok := e.Interval(key); ok {
		return i.String()
	}
	return fmt.Sprintf("%.3f", v)
}

// Lines returns what is found, a sentence each.
func (e *Evidence) Lines() []string {
	var parts []string
	for _, c := range Registry() {
		if text := e.Text(c.Key); text != "" {
			parts = append(parts, c.Name+" "+text)
		}
	}
	first := "evidence: " + strings.Join(parts, ", ")
	if !e.Costs.free() {
		first += fmt.Sprintf(" (cost: prior %g, a wrong same %g, a wrong different %g)", e.Costs.Prior, e.Costs.FP,
			e.Costs.FN)
	}
	out := []string{first}
	if b := e.Bounds; b != nil {
		out = append(out, fmt.Sprintf("%d same and %d different independent pairs allow LLRs (log10) from %.2f to %.2f; "+
			"%.1f %% go beyond", e.Same, e.Different, b.Low, b.High, 100*e.Beyond))
	}
	if text := e.ratesText(); text != "" {
		out = append(out, text)
	}
	for _, g := range e.Guarantees {
		switch {
		case g.Threshold != nil:
			out = append(out, "guaranteed: "+g.String())
		case g.Unit == Items: // few classes are usual
			out = append(out, "not guaranteed: "+g.String())
		}
	}
	return out
}

// ratesText returns the error rates that so many independent pairs do not support, as bounds; "" for none.
func (e *Evidence) ratesText() string {
	var parts []string
	confidence := 0.0
	for _, r := range e.Rates {
		if !r.IsSupported() {
			parts, confidence = append(parts, r.String()), r.Confidence
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("fewer than 30 independent errors, so only a bound (%g %%): %s", 100*confidence,
		strings.Join(parts, ", "))
}

// String returns the lines.
func (e *Evidence) String() string { return strings.Join(e.Lines(), "\n") }
