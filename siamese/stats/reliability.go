package stats

import (
	"errors"
	"fmt"
	"math"

	"github.com/go-siamese/lab/siamese/metric"
)

// Reliability says how far probabilities can be believed: whether of the pairs called 70 % likely 70 % are the same.
type Reliability struct {
	Pairs      int     `json:"pairs"`
	Prevalence float64 `json:"prevalence"` // share of positives, by weight

	// Brier is the mean squared difference of probability and outcome, 0 at best (Brier 1950); see [Reliability.Parts]. Uncertainty is
	// Prevalence x (1 - Prevalence), the Brier score of saying nothing.
	Brier       float64 `json:"brier"`
	Uncertainty float64 `json:"uncertainty"`

	// ECE is the expected calibration error: the mean over bins of equal width, by weight, of |mean probability - share of
	// positives| (Naeini, Cooper and Hauskrecht 2015).
	ECE float64 `json:"ece"`

	// How sure Brier and ECE are, filled in by whoever knows what the pairs share (see [Judged.Sure]); nil = not known, and then
	// the shares of bins are told as if pairs were independent.
	BrierInterval *Interval `json:"brier_interval,omitempty"`
	ECEInterval   *Interval `json:"ece_interval,omitempty"`

	EqualWidth []Bin `json:"equal_width"` // bins of probability 0 to 1, empty ones left out: the reliability diagram
	EqualMass  []Bin `json:"equal_mass"`  // bins of about the same weight

	Warnings metric.Warnings `json:"warnings,omitempty"`
}

// Bin is a row of a reliability table.
type Bin struct {
	Low    float64  `json:"low"`   // lowest probability of the bin: its edge with bins of equal width, else one that was met
	High   float64  `json:"high"`  // highest probability of the bin, alike
	Pairs  int      `json:"pairs"` // how many
	Weight float64  `json:"weight"`
	Mean   float64  `json:"mean"`  // mean probability
	Share  Interval `json:"share"` // share of positives, with its interval
}

// ReliabilityOptions says how Judge tells probabilities apart. The zero value is usable.
type ReliabilityOptions struct {
	Bins  int     // bins of either kind; 0 means 10, which [Judged.Sure] takes for granted
	Level float64 // of the intervals of shares; 0 means .95
}

// defaultBins is the number of bins where none is given.
const defaultBins = 10

// Judge returns how far probabilities (each in [0, 1]) of pairs can be believed: whether each pair is the same, and its
// weight (nil means 1 each, 0 leaves it out). Intervals of shares are Wilson's, with (sum w)^2 / sum w^2 as the number of
// pairs (Kish 1965); they take pairs as independent, which pairs of the same items are not, and are then too short.
//
// Errors name the pair, counted from 0, whose probability or weight is not one. Without pairs everything stands at its
// worst, with a warning.
func Judge[T float32 | float64](probabilities []T, same []bool, weights []T, opt ReliabilityOptions) (*Reliability, error) {
	if opt.Bins == 0 {
		opt.Bins = defaultBins
	}
	if opt.Level == 0 {
		opt.Level = defaultLevel
	}
	if opt.Bins < 0 {
		return nil, fmt.Errorf("reliability: Bins is %d: want 0 (for 10) or more", opt.Bins)
	}
	if err := checkLevel(opt.Level); err != nil {
		return nil, fmt.Errorf("reliability: %w", err)
	}
	for i, p := range probabilities {
		if p < 0 || p > 1 || math.IsNaN(float64(p)) {
			return nil, fmt.Errorf("reliability: the probability of pair %d is %v: want a number from 0 to 1", i, p)
		}
	}
	// The points are kept pair by pair, as Kish's count needs.
	pairs, err := outcomes(probabilities, same, weights)
	if err != nil {
		return nil, fmt.Errorf("reliability: %w", err)
	}
	r := &Reliability{Pairs: len(pairs)}
	if len(pairs) == 0 {
		r.Brier, r.ECE = 1, 1
		r.Warnings = append(r.Warnings, warn(metric.NoItems, 0, "no pairs: every figure stands at its worst value"))
		return r, nil
	}
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
		r.Warnings = append(r.Warnings, warn(metric.NoPositives, 0, "no positive pair: the figures only say how low the probabilities are"))
	case 1:
		r.Warnings = append(r.Warnings, warn(metric.NoNegatives, 0, "no negative pair: the figures only say how high the probabilities are"))
	}
	r.EqualWidth = equalWidth(pairs, opt)
	r.EqualMass = equalMass(pairs, weight, opt)
	for _, b := range r.EqualWidth {
		r.ECE += b.Weight / weight * math.Abs(b.Mean-b.Share.Value)
	}
	r.Uncertainty = r.Prevalence * (1 - r.Prevalence)
	return r, nil
}

// BrierParts are what a Brier score is the sum of: Miscalibration - Resolution + Uncertainty + Within (Murphy 1973; Stephenson,
// Coelho and Jolliffe 2008).
type BrierParts struct {
	Miscalibration float64 // how far bins are off, "reliability" in Murphy's words; 0 at best
	Resolution     float64 // how much bins differ from one another; higher is better
	Uncertainty    float64 // what the prevalence leaves open
	Within         float64 // what differs within a bin: of either sign, small where bins are narrow
}

// Parts returns those of r.Brier, in the bins of r.EqualMass.
func (r *Reliability) Parts() BrierParts {
	parts := BrierParts{Uncertainty: r.Uncertainty}
	var weight float64
	for _, b := range r.EqualMass {
		weight += b.Weight
	}
	for _, b := range r.EqualMass {
		off, apart := b.Mean-b.Share.Value, b.Share.Value-r.Prevalence
		parts.Miscalibration += b.Weight / weight * off * off
		parts.Resolution += b.Weight / weight * apart * apart
	}
	parts.Within = r.Brier - (parts.Miscalibration - parts.Resolution + parts.Uncertainty)
	return parts
}
