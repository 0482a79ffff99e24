package siamese

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// PairFigures are how well one kind of similarity tells given pairs apart. Pairs count by their weights.
type PairFigures struct {
	Name             string  `json:"name"`
	ROCAUC           float64 `json:"roc_auc"`           // chance that a positive pair scores above a negative one
	EER              float64 `json:"eer"`               // error rate where both kinds of error are equally frequent
	AveragePrecision float64 `json:"average_precision"` // with the share of positive pairs that the table has
	Threshold        float64 `json:"threshold"`         // chosen on validation pairs, then frozen
	Accuracy         float64 `json:"accuracy"`          // balanced accuracy at the threshold
	FPR              float64 `json:"fpr"`               // share of different pairs called the same, at the threshold
	FNR              float64 `json:"fnr"`               // share of same pairs called different, at the threshold

	Intervals *stats.PairFigures `json:"intervals,omitempty"` // how sure for pairs of other items; see [stats.PairIntervals]
}

// PairReport is the evaluation of a model on given pairs, beside features without any training. It has no
// retrieval figures (MAP@R, Recall@K): they are defined by classes, which pairs do not give.
type PairReport struct {
	Name     string      `json:"name"`
	Items    int         `json:"items"`    // items in test pairs
	Pairs    int         `json:"pairs"`    // test pairs
	Graded   int         `json:"graded"`   // of them with a label between 0 and 1
	Positive float64     `json:"positive"` // share of the test pairs' weight that is positive
	Trained  PairFigures `json:"trained"`
	Baseline PairFigures `json:"baseline"` // standardised features, no training
	// Preprocessed is the features as the encoder sees them, no training; nil where that is the baseline already.
	Preprocessed *PairFigures `json:"preprocessed,omitempty"`
	// Comparison is of the trained encoder with the untrained features that have the higher ROC-AUC, on the same pairs.
	Comparison *stats.PairComparison `json:"comparison,omitempty"`
	Warnings   []string              `json:"warnings,omitempty"`
}

// Rows returns what the report compares: the untrained features, then the trained encoder.
func (r *PairReport) Rows() []PairFigures {
	if r.Preprocessed == nil {
		return []PairFigures{r.Baseline, r.Trained}
	}
	return []PairFigures{r.Baseline, *r.Preprocessed, r.Trained}
}

// EvaluatePairs returns how the model does on the pairs of test, beside the cosine of standardised features without
// training on the same pairs and, where the model preprocesses them otherwise, of the features as its encoder sees
// them. val and test are pairs of the items of frame, split by item; see [SplitPairs]. The
// threshold of the model is its own, that of the features is chosen on the pairs of val; nothing is fitted on test.
// name says in the report what test is. Labels of the frame are not used.
//
// A pair of weight w and label l counts as weight l w of a positive and (1-l) w of a negative pair: a pair that
// three of four people call the same is right to score high three times in four.
//
// Unsound pairs, no pairs, items that are in pairs of both val and test, and items with missing values that the
// model does not impute are errors. What makes a figure doubtful, for instance pairs of one label only, stands in Warnings; a figure that is not
// defined takes its worst value, never NaN.
func EvaluatePairs(ctx context.Context, backend compute.Backend, m *Model, name string, frame *data.Frame, val, test Pairs) (*PairReport, error) {
	report, err := evaluatePairs(ctx, backend, m, name, frame, val, test)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", name, err)
	}
	return report, nil
}

func evaluatePairs(ctx context.Context, backend compute.Backend, m *Model, name string, frame *data.Frame, val, test Pairs) (*PairReport, error) {
	if err := frame.ValidateStructure(); err != nil {
		return nil, err
	}
	report := &PairReport{Name: name, Pairs: test.Len()}
	onVal, val, err := report.side("validation", frame, val)
	if err != nil {
		return nil, err
	}
	onTest, test, err := report.side("test", frame, test)
	if err != nil {
		return nil, err
	}
	if err := disjoint("validation pairs", onVal, "test pairs", onTest); err != nil {
		return nil, err
	}
	report.Items = onTest.N()
	for _, label := range test.Label {
		if label > 0 && label < 1 {
			report.Graded++
		}
	}
	z, err := m.Embed(ctx, backend, onTest)
	if err != nil {
		return nil, fmt.Errorf("test items: %w", err)
	}
	trained, err := report.measure(&report.Trained, z, test, trainedName, m.Threshold)
	if err != nil {
		return nil, err
	}
	var best stats.PairSystem
	untrained := func(f *PairFigures, transform *data.Transform, name string) error {
		raw, err := unitRows(ctx, transform, onVal)
		if err != nil {
			return fmt.Errorf("validation items: %w", err)
		}
		scores, same, weights := judged(raw, val)
		chosen, err := metric.Verify(scores, same, weights, metric.VerificationOptions{})
		if err != nil {
			return fmt.Errorf("validation pairs: %w", err)
		}
		if chosen.Positives == 0 || chosen.Negatives == 0 {
			report.warn("validation pairs are of one label only: %s have no threshold of their own, 0 stands for it", name)
		}
		if raw, err = unitRows(ctx, transform, onTest); err != nil {
			return fmt.Errorf("test items: %w", err)
		}
		system, err := report.measure(f, raw, test, name, chosen.Natural.BestAccuracy.Threshold)
		if untrained, _ := report.untrained(); untrained == f {
			best = system
		}
		return err
	}
	if err := untrained(&report.Baseline, m.Standard, standardisedName); err != nil {
		return nil, err
	}
	if m.Transform != m.Standard {
		report.Preprocessed = &PairFigures{}
		if err := untrained(report.Preprocessed, m.Transform, preprocessedName); err != nil {
			return nil, err
		}
	}
	if report.Comparison, err = stats.ComparePairs(best, trained, judgedPairsOf(test), 0); err != nil {
		return nil, fmt.Errorf("intervals: %w", err)
	}
	return report, nil
}

// untrained returns the figures and the name of the untrained features that have the higher ROC-AUC.
func (r *PairReport) untrained() (*PairFigures, string) {
	if p := r.Preprocessed; p != nil && p.ROCAUC > r.Baseline.ROCAUC {
		return p, preprocessedName
	}
	return &r.Baseline, standardisedName
}

// judgedPairsOf returns pairs as package stats has them.
func judgedPairsOf(p Pairs) stats.Judged {
	return stats.Judged{Left: p.Left, Right: p.Right, Label: p.Label, Weight: p.Weight}
}

// side checks the pairs of one side and returns a frame of the items in them and the pairs by its numbers.
func (r *PairReport) side(name string, frame *data.Frame, pairs Pairs) (*data.Frame, Pairs, error) {
	warnings, err := pairs.Validate(frame.N())
	if err == nil && pairs.Len() == 0 {
		err = errors.New("there are none")
	}
	if err != nil {
		return nil, Pairs{}, fmt.Errorf("%s pairs: %w", name, err)
	}
	for _, w := range warnings {
		r.warn("%s pairs: %s", name, w)
	}
	items, own := pairs.only(frame)
	return items, own, nil
}

// measure fills f with the figures of z and their intervals, and returns what they are of.
func (r *PairReport) measure(f *PairFigures, z *Embeddings, pairs Pairs, name string, threshold float64) (stats.PairSystem, error) {
	scores, same, weights := judged(z, pairs)
	v, err := metric.Verify(scores, same, weights, metric.VerificationOptions{FPRs: []float64{}, Thresholds: []float64{threshold}})
	if err != nil {
		return stats.PairSystem{}, fmt.Errorf("%s: %w", name, err)
	}
	at := v.At[0]
	*f = PairFigures{
		Name: name, ROCAUC: v.ROCAUC, EER: v.EER, AveragePrecision: v.Natural.AveragePrecision,
		Threshold: threshold, Accuracy: at.BalancedAccuracy(), FPR: at.FPR(), FNR: at.FNR(),
	}
	r.Positive = v.Natural.Prevalence
	for _, w := range append(z.Warnings(), v.Warnings.Strings()...) {
		r.warn("%s: %s", name, w)
	}
	system := stats.PairSystem{Name: name, Threshold: threshold}
	for k := range pairs.Label {
		system.Scores = append(system.Scores, z.Cosine(int(pairs.Left[k]), int(pairs.Right[k])))
	}
	if f.Intervals, err = stats.PairIntervals(system, judgedPairsOf(pairs), 0); err != nil {
		return system, fmt.Errorf("intervals: %w", err)
	}
	if name == trainedName { // it is of the pairs, and the same for all
		for _, w := range f.Intervals.Warnings {
			r.warn("%s: %s", name, w)
		}
	}
	return system, nil
}

func (r *PairReport) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// judged returns the cosine, the kind and the weight of every pair; a graded one is there as both kinds, and what
// weighs nothing is not there.
func judged(z *Embeddings, pairs Pairs) (scores []float64, same []bool, weights []float64) {
	for k, label := range pairs.Label {
		score, l, w := z.Cosine(int(pairs.Left[k]), int(pairs.Right[k])), float64(label), float64(pairs.weight(k))
		for _, part := range []struct {
			same   bool
			weight float64
		}{{true, l * w}, {false, (1 - l) * w}} {
			if part.weight > 0 {
				scores, same, weights = append(scores, score), append(same, part.same), append(weights, part.weight)
			}
		}
	}
	return scores, same, weights
}
