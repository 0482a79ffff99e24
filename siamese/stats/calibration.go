package stats

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

// The calibration methods.
const (
	Platt    = "platt"    // a logistic curve: two parameters, good with few pairs
	Isotonic = "isotonic" // any non-decreasing curve: wants thousands of pairs
)

// calibrationMethods returns the methods of FitCalibration, in the order of messages.
func calibrationMethods() []string { return []string{Platt, Isotonic} }

// Calibration maps the similarity of two items to the probability that they are the same. It is plain data, saved
// with a model. [FitCalibration] makes one; [Calibration.Probability] applies it. Methods do not change it, so it may
// be used by several goroutines.
//
// A probability holds for one prevalence: the share of positive pairs. Validation pairs are often balanced, while
// only a few per cent of all pairs of a collection are positive: see [Calibration.At].
type Calibration struct {
	Method string `json:"method"` // Platt or Isotonic

	// Platt: the probability at the fitted prevalence is 1 / (1 + exp(-(Slope x score + Offset))).
	Slope  float64 `json:"slope,omitempty"` // 0 or more
	Offset float64 `json:"offset,omitempty"`

	// Isotonic: the curve through these points, linear between them and constant beyond the first and the last.
	Scores        []float64 `json:"scores,omitempty"`        // strictly increasing
	Probabilities []float64 `json:"probabilities,omitempty"` // non-decreasing, in [0, 1]

	Pairs      int     `json:"pairs"`             // number of pairs it was fitted on
	Fitted     float64 `json:"fitted_prevalence"` // share of positives among them, by weight
	Prevalence float64 `json:"prevalence"`        // share of positives that Probability assumes
}

// Validate returns every fault of the calibration at once, or nil. A calibration may come from a file that was edited,
// so that fields of the other method are a fault too: one of them would silently not be used.
func (c *Calibration) Validate() error {
	var errs []error
	add := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("calibration: "+format, args...))
	}
	switch c.Method {
	case Platt:
		if !(c.Slope >= 0) || math.IsInf(c.Slope, 0) || math.IsNaN(c.Offset) || math.IsInf(c.Offset, 0) {
			add("slope %v and offset %v: want finite numbers and a slope of 0 or more", c.Slope, c.Offset)
		}
		if len(c.Scores) > 0 || len(c.Probabilities) > 0 {
			add("scores and probabilities belong to method %q, not %q: leave them out", Isotonic, Platt)
		}
	case Isotonic:
		if c.Slope != 0 || c.Offset != 0 {
			add("slope and offset belong to method %q, not %q: leave them out", Platt, Isotonic)
		}
		if len(c.Scores) == 0 || len(c.Scores) != len(c.Probabilities) {
			add("%d scores and %d probabilities: want as many of each, at least one",
				len(c.Scores), len(c.Probabilities))
			break
		}
		for i, s := range c.Scores {
			if math.IsNaN(s) || math.IsInf(s, 0) || i > 0 && s <= c.Scores[i-1] {
				add("scores[%d] is %v: want finite numbers, each above the one before", i, s)
			}
		}
		for i, p := range c.Probabilities {
			if !(p >= 0 && p <= 1) || i > 0 && p < c.Probabilities[i-1] {
				add("probabilities[%d] is %v: want numbers from 0 to 1, none below the one before", i, p)
			}
		}
	default:
		add("method %q: want one of %q", c.Method, calibrationMethods())
	}
	if c.Pairs < 1 {
		add("pairs is %d: want the number of pairs it was fitted on", c.Pairs)
	}
	for _, p := range []struct {
		name  string
		value float64
	}{{"fitted_prevalence", c.Fitted}, {"prevalence", c.Prevalence}} {
		if !(p.value > 0 && p.value < 1) {
			add("%s is %v: want a share between 0 and 1, both excluded", p.name, p.value)
		}
	}
	return errors.Join(errs...)
}

// At returns the calibration for another prevalence, in (0, 1). The odds are multiplied by [p1/(1-p1)] / [p0/(1-p0)],
// with the fitted prevalence p0 and the wanted one p1 (Elkan 2001, theorem 2; Saerens, Latinne and Decaestecker 2002,
// equation 2.4). This holds if the scores of positives, and those of negatives, have the distributions they had when
// it was fitted. It shares no memory with c. A prevalence outside (0, 1) is an error.
func (c *Calibration) At(prevalence float64) (*Calibration, error) {
	if !(prevalence > 0 && prevalence < 1) {
		return nil, fmt.Errorf("calibration: prevalence is %v: want a share between 0 and 1, both excluded", prevalence)
	}
	at := *c
	at.Scores, at.Probabilities = slices.Clone(c.Scores), slices.Clone(c.Probabilities)
	at.Prevalence = prevalence
	return &at, nil
}

// Probability returns the probability, in [0, 1], that two items of this similarity are the same at the prevalence
// c.Prevalence. It is non-decreasing in the score; for NaN it is the prevalence. The calibration must be valid.
func (c *Calibration) Probability(score float64) float64 {
	if math.IsNaN(score) {
		return c.Prevalence
	}
	// Bayes: the odds of the score are the fitted ones times the ratio of the prior odds.
	odds := oddsOf(c.Prevalence) / oddsOf(c.Fitted)
	if c.Method == Platt {
		x := c.Offset
		if c.Slope > 0 { // 0 times an infinite score is NaN
			x += c.Slope * score
		}
		return sigmoid(x + math.Log(odds))
	}
	p := c.interpolate(score)
	if c.Prevalence == c.Fitted {
		return p
	}
	// Unlike p r / (p r + 1 - p), every step stays monotonic in p after rounding.
	return 1 / (1 + 1/(oddsOf(p)*odds))
}

// interpolate returns the isotonic curve at score, at the fitted prevalence. It takes O(log points) time. The minimum
// with y1 keeps rounding from making the curve fall at a point.
func (c *Calibration) interpolate(score float64) float64 {
	last := len(c.Scores) - 1
	i := sort.SearchFloat64s(c.Scores, score) // first point at or above the score
	switch {
	case i == 0:
		return c.Probabilities[0]
	case i > last:
		return c.Probabilities[last]
	}
	x0, x1 := c.Scores[i-1], c.Scores[i]
	y0, y1 := c.Probabilities[i-1], c.Probabilities[i]
	return math.Min(y1, y0+(y1-y0)*((score-x0)/(x1-x0)))
}

// sigmoid returns 1 / (1 + exp(-x)), without overflow: 0 for -Inf and 1 for +Inf.
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// oddsOf returns p / (1-p): 0 for 0 and +Inf for 1, which callers rely on for the ends of an isotonic curve.
func oddsOf(p float64) float64 { return p / (1 - p) }
