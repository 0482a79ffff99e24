package report

import (
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// Metrics are how well one kind of similarity tells test items apart, over all pairs of test items, exactly or as estimates of that.
type Metrics struct {
	Name      string  `json:"name"`
	ROCAUC    float64 `json:"roc_auc"`     // chance that a positive pair scores above a negative one
	EER       float64 `json:"eer"`         // error rate where both kinds of error are equally frequent
	MAPAtR    float64 `json:"map_at_r"`    // MAP@R of every test item as a query among the others
	RecallAt1 float64 `json:"recall_at_1"` // share of items whose nearest other item is of their class
	Threshold float64 `json:"threshold"`   // chosen on validation pairs, then frozen
	Accuracy  float64 `json:"accuracy"`    // balanced accuracy at the threshold: the mean of the next two, turned
	FPR       float64 `json:"fpr"`         // share of different pairs called the same, at the threshold
	FNR       float64 `json:"fnr"`         // share of same pairs called different, at the threshold

	// Validation is what the threshold does to all pairs of the validation items; how far Accuracy, FPR and FNR are from it
	// is the threshold's drift.
	Validation AtThreshold `json:"validation"`
	// ValidationIntervals are how sure Validation is for other items of that kind, to the first order and with the threshold as it
	// is: that it was chosen on pairs of these items is not in them. nil where no intervals were wanted.
	ValidationIntervals *stats.ThresholdMetrics `json:"validation_intervals,omitempty"`

	// Intervals are how sure for other items of the same classes or, by queries, how far an estimate may be off; nil
	// where none were wanted.
	Intervals *stats.Metrics `json:"intervals,omitempty"`
	ByClass   *stats.Metrics `json:"by_class,omitempty"` // how sure for items of other classes; nil for fewer than 20 classes, too
}

// AtThreshold is what a frozen threshold does to pairs.
type AtThreshold struct {
	Accuracy float64 `json:"accuracy"` // balanced
	FPR      float64 `json:"fpr"`
	FNR      float64 `json:"fnr"`
}

func NewAtThreshold(c metric.Counts) AtThreshold {
	return AtThreshold{c.BalancedAccuracy(), c.FPR(), c.FNR()}
}

// Report is the evaluation of a model on test items, beside features without any training.
type Report struct {
	Name  string `json:"name"`
	Model string `json:"model,omitempty"` // what tells the model from others, for instance its file; free to the caller

	// ItemsHash is a hash of the ids and labels of the test items, in whatever order: reports with the same one are about the
	// same items.
	ItemsHash string `json:"items_hash"`

	Items    int     `json:"items"`
	Classes  int     `json:"classes"`
	Pairs    int64   `json:"pairs"`             // all pairs of items; figures are exact over them, but for estimates
	Queries  int     `json:"queries,omitempty"` // items that estimates come from, each against all items; 0 = figures are exact
	Positive float64 `json:"positive"`          // share of the pairs whose items are of one class
	Trained  Metrics `json:"trained"`
	Baseline Metrics `json:"baseline"` // standardised features, no training
	// Preprocessed is the features as the encoder sees them, no training; nil where that is the baseline already.
	Preprocessed *Metrics `json:"preprocessed,omitempty"`

	// Others is what else can be made of the features without training an encoder, fitted on [evaluate.Options.Train]: raw,
	// block-scaled, principal components as many as an embedding is wide, whitened ones, linear discriminants, and the
	// encoder with its first weights. nil without training items.
	Others []*Metrics `json:"others,omitempty"`
	// Classifier is the last hidden layer of a classifier with the layers of the encoder, trained with cross-entropy on the
	// classes of [evaluate.Options.Train]. It is trained too, so that no verdict counts it among the untrained features; nil
	// without training items.
	Classifier *Metrics `json:"classifier,omitempty"`

	// Comparison is of the trained encoder with the untrained features that have the highest MAP@R, on the same items or, by
	// queries, from the same queries; nil where no intervals were wanted. ComparisonByClass holds for other classes; nil for fewer than 20 classes, too.
	Comparison        *stats.Comparison `json:"comparison,omitempty"`
	ComparisonByClass *stats.Comparison `json:"comparison_by_class,omitempty"`

	// NewClasses says that no class of the test items is one of the training items or, where no training items are given, of
	// the validation items. ClassChanges are how training changes each of these classes; nil for 20 classes or more, for
	// classes that are not new, and where no intervals were wanted.
	NewClasses   bool          `json:"new_classes,omitempty"`
	ClassChanges *ClassChanges `json:"class_changes,omitempty"`

	// Probabilities are how far those of the trained encoder can be believed on pairs of test items, same and different ones
	// weighed as in the pairs the calibration was fitted on; nil where the model has no calibration, or the items no pair
	// that is the same or none that is not.
	Probabilities *stats.Reliability `json:"probabilities,omitempty"`

	Warnings []string `json:"warnings,omitempty"`

	Details *Details `json:"details,omitempty"` // nil unless asked for
}

// Rows returns what the report compares: the untrained features, the classifier, then the trained encoder.
func (r *Report) Rows() []Metrics {
	out := r.untrained()
	if r.Classifier != nil {
		out = append(out, *r.Classifier)
	}
	return append(out, r.Trained)
}

// untrained returns the figures of everything but the classifier and the trained encoder.
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

// Untrained returns the figures of what is best without training, by MAP@R.
func (r *Report) Untrained() Metrics {
	all := r.untrained()
	best := all[0]
	for _, f := range all {
		if f.MAPAtR > best.MAPAtR {
			best = f
		}
	}
	return best
}
