// Package evaluate finds out how well models tell same from different on items that they were not trained on.
//
// [Items] evaluates over all pairs of test items with class labels, [Pairs] over given pairs with labels of their own.
// Both set every model beside features without any training, on the same pairs and each with a threshold of its own
// that was chosen on validation items; they add confidence intervals and compare the trained encoder with the best of
// the others, because a metric alone does not say whether training was worth it. [Baselines] serves several models of
// one configuration, whose features need to be measured only once.
//
//	compared, err := evaluate.Items(ctx, backend, evaluate.One(model), "unseen classes", val, test,
//		evaluate.Options{Train: train})
//	fmt.Println(compared.One().Verdict())
//
// An evaluation goes on like this: everything is checked; the trained encoder embeds validation and test items and is
// measured at its own threshold; the features without training follow, each with a threshold that is chosen on
// validation pairs; then come intervals and the comparison, and details if they are wanted. All methods are measured on
// the same items or pairs, so that differences between them are not those of the data.
//
// Over N items time grows as N² times the width of what is compared: an embedding has some hundred numbers, features
// may have thousands. Up to 8,192 items the cosines of all pairs are computed once for every method, whatever is made of
// them. [Options.NoIntervals] leaves one pass over the pairs of each method, [Options.Estimate] makes that pass linear in
// N. Over given pairs time is linear anyway.
//
// Randomness (drawn pairs, the classifier, subsamples, resamples) follows from the seed in the model's configuration:
// the same model, items, options and backend give the same report.
//
// What comes out is a [report.Compared]: package report prints, saves and loads it, package show draws it. This package
// trains nothing but the classifier that [Options.Train] asks for, and fits nothing on test items.
package evaluate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
)

// Model is a model to evaluate. It is only read: the caller keeps it and closes it.
type Model struct {
	Name  string // tells it from others in reports; one model alone needs none
	Model *siamese.Model
}

// One returns a list of one model without a name.
func One(m *siamese.Model) []Model { return []Model{{Model: m}} }

// Items returns how models do on the items of test, exactly over all their pairs (for estimates, where these are too
// many, see [Options.Estimate]), beside the cosine of standardised features without training and, where a model
// preprocesses them otherwise, of the features as its encoder sees them. The threshold of each was chosen on pairs of
// val; nothing is fitted on test. name says in the report what test is, for instance "new items" or "unseen classes".
// backend runs the encoders. Frames and models are only read. The error of a cancelled ctx is returned, and no part of
// a report.
//
// Metrics have confidence intervals, and the trained encoder is compared with the best of the others on the same items.
// With several models, whose names must differ, the result also has the differences of the second model and the
// following from the first, as [stats.Compare] has them. No test item may be one that any of the models was trained on;
// train all of them on one split.
//
// Models whose items have several classes each (Config.LabelSeparator, the same for all) are evaluated as [Pairs] does
// on at most 200,000 pairs drawn from those whose labels are known. Retrieval metrics of one class an item are absent;
// instead [report.Report.Labels] has ROC-AUC and MAP@R over all such pairs, without intervals.
//
// Items without a label are the same as no other item. Unsound frames, test items that are also in val, and test or val
// without labels are errors. What makes a metric doubtful, for instance a class of one item, or a test item with
// exactly the values of a validation item or of one that the model was trained on, stands in the report's Warnings; a
// metric that is not defined takes its worst value, never NaN.
func Items(ctx context.Context, backend compute.Backend, models []Model, name string, val, test *data.Frame,
	opt Options) (*report.Compared, error) {
	separator, err := oneSeparator(models)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", quote.Text(name), err)
	}
	if separator != "" {
		return byLabels(ctx, backend, models, separator, name, val, test, opt)
	}
	return evaluate(ctx, backend, models, name, opt, func() target { return &overItems{val: val, test: test} })
}

// Pairs returns how models do on the pairs of test, beside features without training on the same pairs, as [Items] does
// over all pairs of items. val and test are pairs of the items of frame, split by item; see [pairs.NewSplit]. The
// threshold of a model is its own, that of features is chosen on the pairs of val; nothing is fitted on test. Labels of
// the frame are not used, so that retrieval metrics are absent.
//
// A pair of weight w and label l counts as weight l w of a positive and (1-l) w of a negative pair: a pair that
// three of four people call the same is right to score high three times in four.
//
// With [Options.Bootstrap] intervals come from a bootstrap over items (see [stats.PairIntervals]), but for those of
// probabilities, which are by the delta method (see [stats.LabelledPairs.AddIntervals]). No classifier is trained on
// the items of [Options.Train].
//
// Unsound pairs, no pairs, items that are in pairs of both val and test, items with missing values that a model does
// not impute, and an [Options.Estimate] are errors. What makes a metric doubtful, for instance pairs of one label
// only, stands in Warnings; a metric that is not defined takes its worst value, never NaN.
//
// Only the items in pairs are embedded, and time is linear in them and in the pairs.
func Pairs(ctx context.Context, backend compute.Backend, models []Model, name string, frame *data.Frame, val,
	test pairs.Pairs, opt Options) (*report.Compared, error) {
	return evaluate(ctx, backend, models, name, opt, func() target {
		return &overPairs{frames: [2]*data.Frame{frame, frame}, given: [2]pairs.Pairs{val, test}}
	})
}

// checkModels returns why models cannot be evaluated together, or nil: there are none, or several without names of
// their own, by which differences would not say whose they are.
func checkModels(models []Model) error {
	if len(models) == 0 {
		return errors.New("no model is given")
	}
	for k, m := range models {
		if len(models) > 1 && (m.Name == "" ||
			slices.ContainsFunc(models[:k], func(o Model) bool { return o.Name == m.Name })) {
			return fmt.Errorf("model %d is named %q: give every model a name of its own", k+1, m.Name)
		}
	}
	return nil
}

// String returns the name of the model and what it is.
func (m Model) String() string {
	text := "no model"
	if m.Model != nil {
		text = m.Model.String()
	}
	if m.Name == "" {
		return text
	}
	return m.Name + ": " + text
}
