package metric

import (
	"errors"
	"fmt"
	"math"

	"github.com/go-siamese/lab/data/option"
)

// Verification holds metrics over pairs, for the question "are these two the same?". [AllPairs] and [Verify] make it.
//
// A pair is accepted if its score is at or above the threshold. FPR is the share of negatives accepted, FNR the share
// of positives rejected. Without positives or without negatives, metrics that should be high (ROCAUC, average
// precision, accuracy, F1) are 0 and error rates are 1, with a warning.
type Verification struct {
	Positives float64 `json:"positives"` // number of positive pairs, or the sum of their weights
	Negatives float64 `json:"negatives"` // number of negative pairs, or the sum of their weights

	// ROCAUC is the probability that a positive scores above a negative, ties counting half.
	ROCAUC       float64 `json:"roc_auc"`
	EER          float64 `json:"eer"`           // error rate where FPR and FNR are equal, interpolated on the ROC curve
	EERThreshold float64 `json:"eer_threshold"` // its threshold, interpolated alike

	// FNRAtFPR has, for every wanted rate in the options' order, the lowest FNR of any threshold with at most this
	// FPR.
	FNRAtFPR []OperatingPoint `json:"fnr_at_fpr"`

	Natural  Prevalent `json:"natural"`  // with the given pairs
	Balanced Prevalent `json:"balanced"` // with positives and negatives weighted to one half each

	At []Counts `json:"at,omitempty"` // counts at the options' frozen thresholds, in their order

	Curve     []CurvePoint `json:"curve,omitempty"` // the thinned ROC curve from the highest threshold down; see Points
	Histogram *Histogram   `json:"histogram,omitempty"`

	Warnings Warnings `json:"warnings,omitempty"`
}

// CurvePoint is a point of the ROC curve (1-FNR over FPR) or the DET curve (FNR over FPR): the rates of a threshold.
// FPR rises and FNR falls from point to point.
type CurvePoint struct {
	// Threshold of the first point is above all scores, and accepts nothing.
	Threshold float64 `json:"threshold"`
	FPR       float64 `json:"fpr"`
	FNR       float64 `json:"fnr"`
}

// Histogram counts scores in bins of equal width from Low to High, the lowest and the highest score.
type Histogram struct {
	Low       float64   `json:"low"`
	High      float64   `json:"high"`
	Positives []float64 `json:"positives"` // by bin
	Negatives []float64 `json:"negatives"` // by bin
}

// OperatingPoint is a threshold with its two error rates, for a wanted rate. FPR may be lower than wanted, because it
// moves in steps of one negative.
type OperatingPoint struct {
	Want      float64 `json:"want"` // the false positive rate asked for
	Threshold float64 `json:"threshold"`
	FPR       float64 `json:"fpr"`
	FNR       float64 `json:"fnr"`
}

// Prevalent holds metrics that depend on the prevalence, the share of positives. The thresholds chosen here are
// optimistic on the same pairs: freeze them and test them on others, by VerificationOptions.Thresholds.
type Prevalent struct {
	Prevalence       float64 `json:"prevalence"`        // share of positives
	AveragePrecision float64 `json:"average_precision"` // sum of (increase in recall) x precision, not interpolated
	BestAccuracy     Choice  `json:"best_accuracy"`     // at Prevalence .5 this is the best balanced accuracy
	BestF1           Choice  `json:"best_f1"`
	MinCost          Choice  `json:"min_cost"` // mean cost of a pair under the options' costs
}

// Choice is the threshold with the best value of one metric; of several the highest. If rejecting every pair is best,
// it is the next number above the highest score.
type Choice struct {
	Threshold float64 `json:"threshold"`
	// Value is that of the metric itself: an accuracy, an F1 or a mean cost.
	Value float64 `json:"value"`
	FPR   float64 `json:"fpr"`
	FNR   float64 `json:"fnr"`
}

// VerificationOptions says which metrics are computed over pairs. The zero value is usable.
type VerificationOptions struct {
	// Each wanted rate costs a comparison for every distinct score; an empty list means none.
	FPRs       []float64 // wanted false positive rates; nil means 1e-1, 1e-2, 1e-3, 1e-4
	Thresholds []float64 // frozen thresholds, for Verification.At
	// Costs of one error each, for Prevalent.MinCost. If one of them alone is 0, that error costs nothing, and
	// accepting or rejecting everything is best.
	CostFP float64 // cost of accepting a negative; CostFP and CostFN both 0 mean 1 and 1
	CostFN float64 // cost of rejecting a positive
	Bins   int     // bins of Verification.Histogram; 0 means none

	// Points is the resolution of Verification.Curve; 0 means no curve. A point is kept if FPR or FNR, or the
	// logarithm of either, has moved by 1/Points of its range, so there may be up to four times as many.
	Points int
}

// DefaultFPRs returns the default false positive rates: 1e-1, 1e-2, 1e-3, 1e-4.
func DefaultFPRs() []float64 { return []float64{1e-1, 1e-2, 1e-3, 1e-4} }

// Validate returns every fault of the options at once, or nil.
func (o VerificationOptions) Validate() error {
	var errs []error
	for i, f := range o.FPRs {
		if !(f > 0 && f < 1) {
			errs = append(errs, fmt.Errorf("metric: FPRs[%d] is %v: want a rate between 0 and 1", i, f))
		}
	}
	for i, t := range o.Thresholds {
		if math.IsNaN(t) || math.IsInf(t, 0) {
			errs = append(errs, fmt.Errorf("metric: Thresholds[%d] is %v: want a finite score", i, t))
		}
	}
	if !(o.CostFP >= 0 && o.CostFN >= 0) || math.IsInf(o.CostFP+o.CostFN, 0) {
		name, cost := "CostFP", o.CostFP
		if o.CostFP >= 0 && !math.IsInf(o.CostFP, 0) {
			name, cost = "CostFN", o.CostFN
		}
		errs = append(errs, fmt.Errorf("metric: %w", option.Errorf(name, "%v is not a finite cost of 0 or more", cost)))
	}
	if o.Points < 0 || o.Bins < 0 || o.Points > mostCount || o.Bins > mostCount {
		errs = append(errs, fmt.Errorf("metric: Points %d and Bins %d: want 0 (none) to %d", o.Points, o.Bins,
			mostCount))
	}
	return errors.Join(errs...)
}

// withDefaults returns valid options with their defaults.
func (o VerificationOptions) withDefaults() VerificationOptions {
	if o.FPRs == nil {
		o.FPRs = DefaultFPRs()
	}
	if o.CostFP == 0 && o.CostFN == 0 {
		o.CostFP, o.CostFN = 1, 1
	}
	return o
}

// undefined returns the worst value of every metric, for pairs without positives or without negatives, with a warning.
// The worst, and not NaN: it can be written as JSON, and nobody takes it for a good result. Counts at frozen thresholds
// are before any pair is accepted. opt has its defaults.
func undefined(pos, neg float64, opt VerificationOptions) Verification {
	v := Verification{Positives: pos, Negatives: neg, EER: 1, At: newCounts(pos, neg, opt)}
	for _, f := range opt.FPRs {
		v.FNRAtFPR = append(v.FNRAtFPR, OperatingPoint{Want: f, FPR: 0, FNR: 1})
	}
	// The value of an accuracy or F1 is 0 already; a cost is at its highest if every pair is an error.
	for _, p := range []*Prevalent{&v.Natural, &v.Balanced} {
		for _, c := range []*Choice{&p.BestAccuracy, &p.BestF1, &p.MinCost} {
			c.FPR, c.FNR = 1, 1
		}
		p.MinCost.Value = opt.CostFP + opt.CostFN
	}
	// Prevalences are known even so; thresholds are 0, as there is none to choose.
	v.Natural.Prevalence = ratio(pos, pos+neg)
	v.Balanced.Prevalence = .5
	switch {
	case pos == 0 && neg == 0:
		v.Warnings.add(NoItems, 0, "no pairs: every verification metric is undefined and set to its worst value")
	case pos == 0:
		v.Warnings.add(NoPositives, 0,
			"no positive pair: verification metrics are undefined and set to their worst value")
	default:
		v.Warnings.add(NoNegatives, 0,
			"no negative pair (one class only): verification metrics are undefined and set to their worst value")
	}
	return v
}
