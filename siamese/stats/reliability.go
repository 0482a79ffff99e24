package stats

import (
	"errors"
	"fmt"
	"math"

	"github.com/go-siamese/lab/siamese/metric"
)

// Reliability says how well probabilities are calibrated: whether 70 % of the pairs with probability 70 % are
// positive. [MeasureReliability] makes it, and [LabelledPairs.AddIntervals] adds to it.
type Reliability struct {
	Pairs      int     `json:"pairs"`      // of positive weight
	Prevalence float64 `json:"prevalence"` // share of positives, by weight

	// Brier is the mean squared difference of probability and label, 0 at best (Brier 1950).
	// Uncertainty is Prevalence x (1 - Prevalence), the Brier score of always predicting the prevalence.
	Brier       float64 `json:"brier"`
	Uncertainty float64 `json:"uncertainty"`

	// ECE is the expected calibration error: the mean over bins of equal width, by weight, of |mean probability -
	// share of positives| (Naeini, Cooper and Hauskrecht 2015).
	ECE float64 `json:"ece"`

	// Confidence intervals of Brier and ECE, set by [LabelledPairs.AddIntervals]. While they are nil, the intervals
	// of the bins' shares take pairs as independent.
	BrierInterval *Interval `json:"brier_interval,omitempty"`
	ECEInterval   *Interval `json:"ece_interval,omitempty"`

	EqualWidth []Bin `json:"equal_width"` // non-empty bins of [0, 1]: the reliability diagram
	EqualMass  []Bin `json:"equal_mass"`  // bins of about the same weight

	Warnings metric.Warnings `json:"warnings,omitempty"`
}

// Bin is a row of a reliability table: pairs of similar probability, with the share that are positive. If probabilities
// are calibrated, Mean is within the interval of Share in most bins.
type Bin struct {
	Low    float64  `json:"low"`    // lower edge with bins of equal width, otherwise the lowest probability
	High   float64  `json:"high"`   // upper edge, or the highest probability
	Pairs  int      `json:"pairs"`  // number of pairs
	Weight float64  `json:"weight"` // sum of the pairs' weights
	Mean   float64  `json:"mean"`   // mean probability
	Share  Interval `json:"share"`  // share of positives, with its interval
}

// ReliabilityOptions are the options of [MeasureReliability]. The zero value is usable.
type ReliabilityOptions struct {
	Bins       int     // bins of either kind; 0 means 10, which [LabelledPairs.AddIntervals] assumes
	Confidence float64 // of the intervals of shares; 0 means .95
}

// defaultBins is the default number of bins. AddIntervals assigns pairs to them again, so it needs this number.
const defaultBins = 10

// MeasureReliability returns how well probabilities of pairs (each in [0, 1]) are calibrated, given whether each pair
// is positive and its weight (nil means 1 each, 0 leaves it out). Intervals of shares are Wilson's, with the
// effective number of pairs (sum w)^2 / sum w^2 (Kish 1965); they take pairs as independent and are too narrow if
// pairs share items.
//
// Errors name the pair, counted from 0, whose probability or weight is invalid. Without pairs every metric has its
// worst value, with a warning; pairs of one kind give a warning too. It takes O(pairs log pairs) time.
func MeasureReliability[T float32 | float64](probabilities []T, same []bool, weights []T, opt ReliabilityOptions) (
	*Reliability, error,
) {
	if opt.Bins == 0 {
		opt.Bins = defaultBins
	}
	if opt.Confidence == 0 {
		opt.Confidence = defaultConfidence
	}
	if opt.Bins < 0 || opt.Bins > mostCount {
		return nil, fmt.Errorf("reliability: Bins is %d: want 0 (for 10) or more, at most %d", opt.Bins, mostCount)
	}
	if err := checkConfidence(opt.Confidence); err != nil {
		return nil, fmt.Errorf("reliability: %w", err)
	}
	for i, p := range probabilities {
		if p < 0 || p > 1 || math.IsNaN(float64(p)) {
			return nil, fmt.Errorf("reliability: the probability of pair %d is %v: want a number from 0 to 1", i, p)
		}
	}
	// Not pooled by probability: Kish's formula needs single pairs.
	pairs, err := outcomes(probabilities, same, weights)
	if err != nil {
		return nil, fmt.Errorf("reliability: %w", err)
	}
	r := &Reliability{Pairs: len(pairs)}
	if len(pairs) == 0 {
		r.Brier, r.ECE = 1, 1 // the worst there is
		r.Warnings = append(r.Warnings, warn(metric.NoItems, 0, "no pairs: every metric has its worst value"))
		return r, nil
	}
	// Brier and prevalence are sums here, and are divided by the weight below.
	var weight, pos float64
	for _, p := range pairs {
		weight += p.weight
		pos += p.weight * p.outcome()
		d := p.probability - p.outcome()
		r.Brier += p.weight * d * d
	}
	if math.IsInf(weight, 0) {
		return nil, errors.New("reliability: the weights sum to more than a number can hold: scale them down")
	}
	r.Brier /= weight
	r.Prevalence = pos / weight
	switch r.Prevalence {
	case 0:
		r.Warnings = append(r.Warnings, warn(metric.NoPositives, 0,
			"no positive pair: the metrics only tell how low the probabilities are"))
	case 1:
		r.Warnings = append(r.Warnings, warn(metric.NoNegatives, 0,
			"no negative pair: the metrics only tell how high the probabilities are"))
	}
	r.EqualWidth = equalWidth(pairs, opt)
	r.EqualMass = equalMass(pairs, weight, opt)
	for _, b := range r.EqualWidth {
		r.ECE += b.Weight / weight * math.Abs(b.Mean-b.Share.Value)
	}
	r.Uncertainty = r.Prevalence * (1 - r.Prevalence)
	return r, nil
}
