package siamese

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/siamese/stats"
)

// Probability returns the probability that two items of this cosine are the same. prevalence is the share of the pairs in
// question that are the same, between 0 and 1 (both excluded): a few per cent among all pairs of a collection of many
// classes. 0 means that of the pairs it was fitted on, which are half and half where [Train] drew them.
//
// A model without a calibration, a prevalence that is none and a cosine that is not finite are errors.
func (m *Model) Probability(cosine, prevalence float64) (float64, error) {
	if m == nil || m.Calibration == nil {
		return 0, fmt.Errorf("probability: the model has no calibration: train it with calibration %q or %q", stats.Platt, stats.Isotonic)
	}
	c := m.Calibration
	if err := c.Validate(); err != nil {
		return 0, fmt.Errorf("probability: %w", err)
	}
	if math.IsNaN(cosine) || math.IsInf(cosine, 0) {
		return 0, fmt.Errorf("probability: the cosine is %v", cosine)
	}
	if prevalence != 0 {
		at, err := c.At(prevalence)
		if err != nil {
			return 0, fmt.Errorf("probability: %w, or 0 for that of the pairs it was fitted on", err)
		}
		c = at
	}
	return c.Probability(cosine), nil
}

// calibrate fits the model's calibration on scored validation pairs. Pairs that none can be fitted on, for instance of one
// kind only, leave the model without one, with a warning.
func (r *run) calibrate(scores scoredPairs) {
	model := r.result.Model
	model.Calibration = nil
	if r.cfg.Calibration == CalibrationNone {
		return
	}
	once := func(text string) {
		if !slices.Contains(r.result.Warnings, text) { // every best epoch may say the same
			r.warn("%s", text)
		}
	}
	c, warnings, err := stats.FitCalibration(r.cfg.Calibration, scores.cosines, scores.same, scores.weights)
	if err != nil {
		once(fmt.Sprintf("the model has no probabilities: %v", err))
		return
	}
	for _, w := range warnings {
		if w.Kind != stats.Certain { // the rule in isotonic curves
			once("calibration: " + w.String())
		}
	}
	model.Calibration = c
}
