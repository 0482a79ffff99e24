package report

import "github.com/go-siamese/lab/siamese/stats"

// PairMetrics are how well one kind of similarity tells given pairs apart. Pairs count by their weights.
type PairMetrics struct {
	Name             string  `json:"name"`
	ROCAUC           float64 `json:"roc_auc"`           // chance that a positive pair scores above a negative one
	EER              float64 `json:"eer"`               // error rate where both kinds of error are equally frequent
	AveragePrecision float64 `json:"average_precision"` // with the share of positive pairs that the table has
	Threshold        float64 `json:"threshold"`         // chosen on validation pairs, then frozen
	Accuracy         float64 `json:"accuracy"`          // balanced accuracy at the threshold
	FPR              float64 `json:"fpr"`               // share of different pairs called the same, at the threshold
	FNR              float64 `json:"fnr"`               // share of same pairs called different, at the threshold

	// Validation is what the threshold does to the validation pairs; how far Accuracy, FPR and FNR are from it is the
	// threshold's drift.
	Validation AtThreshold `json:"validation"`
	// ValidationIntervals are how sure Validation is for pairs of other items, with the threshold as it is: that it was chosen on
	// these pairs is not in them. nil where no intervals were wanted.
	ValidationIntervals *stats.ThresholdMetrics `json:"validation_intervals,omitempty"`

	Intervals *stats.PairMetrics `json:"intervals,omitempty"` // how sure for pairs of other items; nil where none were wanted; see [stats.PairIntervals]
}

// PairReport is the evaluation of a model on given pairs, beside features without any training. It has no
// retrieval figures (MAP@R, Recall@K): they are defined by classes, which pairs do not give.
type PairReport struct {
	Name  string `json:"name"`
	Model string `json:"model,omitempty"` // what tells the model from others, for instance its file; free to the caller

	// PairsHash is a hash of the test pairs: ids in either order, labels and weights, in whatever order the pairs are. Reports
	// with the same one are about the same pairs.
	PairsHash string `json:"pairs_hash,omitempty"`

	Items    int         `json:"items"`    // items in test pairs
	Pairs    int         `json:"pairs"`    // test pairs
	Graded   int         `json:"graded"`   // of them with a label between 0 and 1
	Positive float64     `json:"positive"` // share of the test pairs' weight that is positive
	Trained  PairMetrics `json:"trained"`
	Baseline PairMetrics `json:"baseline"` // standardised features, no training
	// Preprocessed is the features as the encoder sees them, no training; nil where that is the baseline already.
	Preprocessed *PairMetrics `json:"preprocessed,omitempty"`
	// Others is what else can be made of the features without training an encoder and without classes, fitted on
	// [evaluate.Options.Train]: those of [Report.Others] but linear discriminants. nil without training items.
	Others []*PairMetrics `json:"others,omitempty"`
	// Comparison is of the trained encoder with the untrained features that have the highest ROC-AUC, on the same pairs; nil
	// where no intervals were wanted.
	Comparison *stats.PairComparison `json:"comparison,omitempty"`
	// Probabilities are how far those of the trained encoder can be believed on the test pairs, same and different ones
	// weighed as in the pairs the calibration was fitted on; nil where the model has no calibration, or the pairs are of one
	// label.
	Probabilities *stats.Reliability `json:"probabilities,omitempty"`
	// Labels are the figures of [evaluate.Labels] on the test items, where the pairs are those that labels tell of; nil else.
	// The caller gives them.
	Labels   []LabelMetrics `json:"labels,omitempty"`
	Warnings []string       `json:"warnings,omitempty"`

	Details *PairDetails `json:"details,omitempty"` // nil unless asked for
}

// Rows returns what the report compares: the untrained features, then the trained encoder.
func (r *PairReport) Rows() []PairMetrics {
	var out []PairMetrics
	for _, f := range r.untrained() {
		out = append(out, *f)
	}
	return append(out, r.Trained)
}

// untrained returns the figures of everything but the trained encoder.
func (r *PairReport) untrained() []*PairMetrics {
	out := []*PairMetrics{&r.Baseline}
	if r.Preprocessed != nil {
		out = append(out, r.Preprocessed)
	}
	return append(out, r.Others...)
}

// Untrained returns the figures of what is best without training, by ROC-AUC.
func (r *PairReport) Untrained() PairMetrics { return *r.Best() }

func (r *PairReport) Best() *PairMetrics {
	best := &r.Baseline
	for _, f := range r.untrained() {
		if f.ROCAUC > best.ROCAUC {
			best = f
		}
	}
	return best
}
