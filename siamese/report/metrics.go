package report

import (
	"slices"

	"github.com/go-siamese/lab/siamese/forensic"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/stats"
)

// Metrics holds the metrics of one method, that is of one kind of similarity: over all pairs of test items, exact or
// estimated, or on given pairs, which count by their weights.
type Metrics struct {
	Name string `json:"name"`

	// Values holds the metrics by key; see [stats.Registry]. On given pairs those of retrieval are absent. One that is
	// not defined has its worst value.
	Values    map[string]float64 `json:"values"`
	Threshold float64            `json:"threshold"` // chosen on validation pairs, then frozen

	// OnValidation is the first of [Report.Measures] on the validation items or pairs, by which the best untrained
	// features are chosen; 0 where it is not defined, and in reports of older versions.
	OnValidation float64 `json:"on_validation,omitempty"`
	// Validation is what the threshold does to all pairs of the validation items, or to the given validation pairs. How
	// far accuracy, FPR and FNR of the test are from it is the threshold's generalisation gap.
	Validation AtThreshold `json:"validation"`
	// ValidationIntervals are the confidence intervals of Validation for other such items, by the delta method. They
	// take the threshold as given and do not cover that it was chosen on these items. nil where no intervals were
	// wanted.
	ValidationIntervals *stats.ThresholdMetrics `json:"validation_intervals,omitempty"`

	// Intervals are for other items of the same classes, for pairs of other items or, of estimates, for the exact
	// metrics; nil where none were wanted.
	Intervals *stats.Metrics `json:"intervals,omitempty"`
	// ByClass are for items of other classes; nil also for fewer than 20 classes.
	ByClass *stats.Metrics `json:"by_class,omitempty"`
}

// Now returns what the threshold does to the test pairs.
func (m Metrics) Now() AtThreshold {
	return AtThreshold{m.Values[stats.Accuracy], m.Values[stats.FPR], m.Values[stats.FNR]}
}

// interval returns the estimate of a metric with its interval, which has no Method where there is none.
func (m Metrics) interval(key string) stats.Estimate {
	if m.Intervals == nil {
		return stats.Estimate{}
	}
	return m.Intervals.Estimates[key]
}

// AtThreshold is what a frozen threshold does to pairs: those at or above it are accepted as same.
type AtThreshold struct {
	Accuracy float64 `json:"accuracy"` // balanced: 1 - (FPR + FNR) / 2
	FPR      float64 `json:"fpr"`      // share of different pairs that are accepted
	FNR      float64 `json:"fnr"`      // share of same pairs that are not
}

// NewAtThreshold returns the rates of counted pairs.
func NewAtThreshold(c metric.Counts) AtThreshold {
	return AtThreshold{c.BalancedAccuracy(), c.FPR(), c.FNR()}
}

// Report is the evaluation of a model on test items or given pairs, beside features without training. Its JSON is the
// file format of [Compared.Save]; an absent part is left out there.
type Report struct {
	Name  string `json:"name"`            // what the test is, such as "unseen classes"
	Model string `json:"model,omitempty"` // tells the model from others, such as its file; free to the caller

	// Lab is the version of the lab that made the report, for instance "0.1.0".
	Lab string `json:"lab,omitempty"`
	// Origin says on what it was computed, and from which files; nil = not known.
	Origin *origin.Origin `json:"origin,omitempty"`

	// GivenPairs says that the report is about listed pairs: given ones, or pairs of labelled items that were drawn
	// because items have several labels. Retrieval metrics (MAP@R, Recall@K) need one class an item and are absent
	// then.
	GivenPairs bool `json:"given_pairs,omitempty"`

	// ItemsHash is a hash of the ids and labels of the test items, in any order, and PairsHash one of given test pairs:
	// ids in either order, labels and weights. Reports with the same one are about the same items or pairs.
	ItemsHash string `json:"items_hash,omitempty"`
	PairsHash string `json:"pairs_hash,omitempty"`

	Items    int     `json:"items"`             // of given pairs: those in test pairs
	Classes  int     `json:"classes,omitempty"` // 0 for given pairs
	Pairs    int64   `json:"pairs"`             // all pairs of items, or the given ones
	Graded   int     `json:"graded,omitempty"`  // of given pairs: those with a label between 0 and 1
	Queries  int     `json:"queries,omitempty"` // items that estimates come from, each against all items; 0 = exact
	Positive float64 `json:"positive"`          // share of the pairs, by weight, that are positive
	Trained  Metrics `json:"trained"`
	Baseline Metrics `json:"baseline"` // standardised features, no training
	// Preprocessed is the features as the encoder sees them, no training; nil where that is the baseline already.
	Preprocessed *Metrics `json:"preprocessed,omitempty"`

	// Others is what else can be made of the features without training an encoder, fitted on [evaluate.Options.Train]:
	// raw, block-scaled, principal components as many as an embedding is wide, whitened ones, linear discriminants,
	// PLDA and the metrics of KISSME, LFDA and NCA (where items have classes), and the encoder with its first weights. nil
	// without training items.
	Others []*Metrics `json:"others,omitempty"`
	// Classifier is the last hidden layer of a classifier with the layers of the encoder (of as many as the model has
	// encoders, side by side), trained with cross-entropy on
	// the classes of [evaluate.Options.Train]. It is trained too, so no verdict counts it among the untrained features;
	// nil without training items, and for given pairs.
	Classifier *Metrics `json:"classifier,omitempty"`

	// Variant is the trained encoder of a model with PLDA (Config.PLDA) compared by plain cosines, as it was before PLDA
	// was fitted. No verdict counts it. nil for other models.
	Variant *Metrics `json:"variant,omitempty"`

	// Gallery are the trained encoder and the best untrained features once more, every item averaged with its nearest test
	// items, or re-ranked by what these have in common, or both (package gallery). That uses the other test items,
	// although not their labels, and a single pair cannot: no verdict counts them. With them is the model adapted to the
	// test items, likewise ([TransductiveName]). nil unless [evaluate.Options.Gallery] or Transductive asks for them.
	Gallery []*Metrics `json:"gallery,omitempty"`

	// Comparison is of the trained encoder with the best untrained features ([Report.Untrained]) on the same items,
	// queries or pairs; nil where no intervals were wanted. ComparisonByClass holds for other classes;
	// nil also for fewer than 20 classes.
	Comparison        *stats.Comparison `json:"comparison,omitempty"`
	ComparisonByClass *stats.Comparison `json:"comparison_by_class,omitempty"`

	// NewClasses says that no class of the test items is one of the training items or, where no training items are
	// given, of the validation items. ClassChanges are how training changes each of these classes; nil for 20 classes
	// or more, for classes that are not new, and where no intervals were wanted.
	NewClasses   bool          `json:"new_classes,omitempty"`
	ClassChanges *ClassChanges `json:"class_changes,omitempty"`

	// Probabilities assesses those of the trained encoder on pairs of test items, same and different ones weighed as in
	// the pairs the calibration was fitted on; nil where the model has no calibration, or all pairs are of one kind.
	Probabilities *stats.Reliability `json:"probabilities,omitempty"`

	// Evidence judges what the trained encoder says as evidence, on the same pairs: likelihood ratios, what so many
	// independent pairs support, and thresholds with a guarantee; nil where all pairs are of one kind, and in reports of
	// older versions.
	Evidence *forensic.Evidence `json:"evidence,omitempty"`

	// Labels are metrics over all pairs of labelled test items, where items have several labels each: of the trained
	// encoder and of standardised features. nil otherwise.
	Labels []LabelMetrics `json:"labels,omitempty"`

	// Warnings are what makes metrics doubtful, in sentences for people; nothing should depend on their wording.
	Warnings []string `json:"warnings,omitempty"`

	Details *Details `json:"details,omitempty"` // nil unless asked for
}

// Measures returns the keys of the two metrics that verdicts are about, the first of which chooses the best untrained
// features.
func (r *Report) Measures() [2]string {
	if r.GivenPairs {
		return [2]string{stats.ROCAUC, stats.AveragePrecision}
	}
	return [2]string{stats.MAPAtR, stats.ROCAUC}
}

// Rows returns the methods of the report in the order of tables: the untrained features, the classifier, the trained
// encoder, its variant, then those that use the gallery.
func (r *Report) Rows() []Metrics {
	out := r.untrained()
	if r.Classifier != nil {
		out = append(out, *r.Classifier)
	}
	out = append(out, r.Trained)
	if r.Variant != nil {
		out = append(out, *r.Variant)
	}
	for _, f := range r.Gallery {
		out = append(out, *f)
	}
	return out
}

// Shown is [Report.Rows] without the metrics that are not defined: where all pairs are of one kind those over pairs,
// and without a positive pair those of retrieval too. The report has their worst values, which tables would show as if
// they were measured.
func (r *Report) Shown() []Metrics {
	out := r.Rows()
	if !r.OneKind() {
		return out
	}
	for k := range out {
		all := out[k].Values
		out[k].Values = make(map[string]float64, len(all))
		for key, v := range all {
			if m := stats.ByKey(key); m != nil && r.Positive == 1 && !m.OfPairs() {
				out[k].Values[key] = v
			}
		}
	}
	return out
}

// untrained returns the metrics of every method but the classifier and the trained encoder, the baseline first.
func (r *Report) untrained() []Metrics {
	out := []Metrics{r.Baseline}
	if r.Preprocessed != nil {
		out = append(out, *r.Preprocessed)
	}
	for _, f := range r.Others {
		out = append(out, *f)
	}
	return out
}

// Untrained returns the metrics of the best untrained features, with which verdicts compare the trained encoder: by
// the first of [Report.Measures], of equal ones the first. They are chosen on the validation items or pairs, like
// everything that is chosen. Where the test classes are new, validation items say nothing about them, and where
// validation has no such metric it chooses nothing: there they are chosen on the test itself, which favours them over
// the encoder.
func (r *Report) Untrained() Metrics {
	key, all := r.Measures()[0], r.untrained()
	score := func(m Metrics) float64 { return m.Values[key] }
	if r.chosenOnValidation() {
		score = func(m Metrics) float64 { return m.OnValidation }
	}
	best := all[0]
	for _, f := range all {
		if score(f) > score(best) {
			best = f
		}
	}
	return best
}

// chosenOnValidation returns whether [Report.Untrained] goes by the validation items.
func (r *Report) chosenOnValidation() bool {
	return !r.NewClasses && slices.ContainsFunc(r.untrained(), func(m Metrics) bool { return m.OnValidation > 0 })
}

// OneKind returns whether all pairs are positive, or all negative, so that no metric is defined.
func (r *Report) OneKind() bool { return r.Positive == 0 || r.Positive == 1 }
