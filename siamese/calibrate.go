package siamese

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// errNoCalibration is in the error of a model without probabilities.
var errNoCalibration = errors.New("the model has no calibration")

// Probability returns the probability that two items with this cosine are the same. prevalence is the share of same
// pairs among the pairs in question, in (0, 1): a few per cent among all pairs of a collection of many classes. 0 means
// that of the pairs the calibration was fitted on, one half for those drawn by [Train].
//
// For another prevalence only the prior odds change: the odds that the calibration gives are multiplied by the odds of
// prevalence over those of the fitted pairs (Bayes' rule). That assumes that same and different pairs look as they did
// in validation.
//
// It returns an error if the model has no calibration, prevalence is out of range or the cosine is not finite.
func (m *Model) Probability(cosine, prevalence float64) (float64, error) {
	if m == nil || m.Calibration == nil {
		return 0, fmt.Errorf("probability: %w: train it with calibration %q or %q", errNoCalibration, stats.Platt,
			stats.Isotonic)
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

// warnOnce adds the warnings that the result has not: every best epoch may give the same ones.
func (r *run) warnOnce(warnings []string) {
	for _, text := range warnings {
		if !slices.Contains(r.result.Warnings, text) {
			r.warn("%s", text)
		}
	}
}

// calibrationOf returns the calibration of scored pairs with warnings. It is nil where the configuration wants none, or
// the pairs allow none, for instance if they are of one kind only: a run of hours should not fail over it.
func calibrationOf(cfg Config, scores scoredPairs) (c *stats.Calibration, warnings []string) {
	if cfg.Calibration == CalibrationNone {
		return nil, nil
	}
	c, doubts, err := stats.FitCalibration(cfg.Calibration, scores.cosines, scores.same, scores.weights)
	if err != nil {
		return nil, []string{fmt.Sprintf("the model has no probabilities: %v", err)}
	}
	for _, w := range doubts {
		if w.Kind != stats.Certain { // usual for isotonic curves
			warnings = append(warnings, "calibration: "+w.String())
		}
	}
	return c, warnings
}

// settle chooses the model's threshold and calibration on scored validation pairs, and returns warnings.
func (m *Model) settle(scores scoredPairs) (warnings []string, err error) {
	chosen, err := metric.Verify(scores.cosines, scores.same, scores.weights, metric.VerificationOptions{})
	if err != nil {
		return nil, fmt.Errorf("validation: threshold: %w", err)
	}
	m.Threshold = chosen.Natural.BestAccuracy.Threshold
	m.Calibration, warnings = calibrationOf(m.Config, scores)
	return warnings, nil
}
