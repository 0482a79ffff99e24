package siamese

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
)

// Figures are how well one kind of similarity tells test items apart, over all pairs of test items.
type Figures struct {
	Name      string  `json:"name"`
	ROCAUC    float64 `json:"roc_auc"`     // chance that a positive pair scores above a negative one
	EER       float64 `json:"eer"`         // error rate where both kinds of error are equally frequent
	MAPAtR    float64 `json:"map_at_r"`    // MAP@R of every test item as a query among the others
	RecallAt1 float64 `json:"recall_at_1"` // share of items whose nearest other item is of their class
	Threshold float64 `json:"threshold"`   // chosen on validation pairs, then frozen
	Accuracy  float64 `json:"accuracy"`    // balanced accuracy at the threshold: the mean of the next two, turned
	FPR       float64 `json:"fpr"`         // share of different pairs called the same, at the threshold
	FNR       float64 `json:"fnr"`         // share of same pairs called different, at the threshold
}

// Report is the evaluation of a model on test items, beside features without any training.
type Report struct {
	Name     string  `json:"name"`
	Items    int     `json:"items"`
	Classes  int     `json:"classes"`
	Pairs    int64   `json:"pairs"`    // all pairs of items; they are exact, not sampled
	Positive float64 `json:"positive"` // share of the pairs whose items are of one class
	Trained  Figures `json:"trained"`
	Baseline Figures `json:"baseline"` // standardised features, no training
	// Preprocessed is the features as the encoder sees them, no training; nil where that is the baseline already.
	Preprocessed *Figures `json:"preprocessed,omitempty"`
	Warnings     []string `json:"warnings,omitempty"`
}

// Rows returns what the report compares: the untrained features, then the trained encoder.
func (r *Report) Rows() []Figures {
	if r.Preprocessed == nil {
		return []Figures{r.Baseline, r.Trained}
	}
	return []Figures{r.Baseline, *r.Preprocessed, r.Trained}
}

// Evaluate returns how the model does on the items of test, exactly over all their pairs, beside the cosine of
// standardised features without training and, where the model preprocesses them otherwise, of the features as its
// encoder sees them. The threshold of each was chosen on pairs of val; nothing is fitted on test. name says in the report what test is, for instance "new items" or "unseen classes".
//
// Items without a label count as the same as nothing. Unsound frames, test items that are also in val, and
// a test frame or val without labels are errors. What makes a figure doubtful, for instance a class of one
// item, or a test item with exactly the values of a validation item, stands in the report's Warnings; a figure that is not defined takes its worst value, never NaN.
func Evaluate(ctx context.Context, backend compute.Backend, m *Model, name string, val, test *data.Frame) (*Report, error) {
	report, err := evaluate(ctx, backend, m, name, val, test)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", name, err)
	}
	return report, nil
}

func evaluate(ctx context.Context, backend compute.Backend, m *Model, name string, val, test *data.Frame) (*Report, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if err := m.Config.Preprocess.Check(val); err != nil {
		return nil, fmt.Errorf("validation items: %w", err)
	}
	if err := m.Config.Preprocess.Check(test); err != nil {
		return nil, fmt.Errorf("test items: %w", err)
	}
	if err := disjoint("validation", val, "test", test); err != nil {
		return nil, err
	}
	names, labels := classNumbers(test)
	if len(names) == 0 {
		return nil, errors.New("no test item has a label: there is nothing to judge by")
	}
	report := &Report{Name: name, Items: test.N(), Classes: len(names), Pairs: int64(test.N()) * int64(test.N()-1) / 2}
	z, err := m.Embed(ctx, backend, test)
	if err != nil {
		return nil, fmt.Errorf("test items: %w", err)
	}
	if err := report.measure(ctx, &report.Trained, z, labels, "trained encoder", m.Threshold); err != nil {
		return nil, err
	}
	if z.Unseen != nil {
		report.Warnings = append(report.Warnings, z.Warnings()[len(z.Warnings())-1])
	}
	untrained := func(f *Figures, transform *data.Transform, name string) error {
		raw, threshold, err := m.untrained(ctx, transform, val, test)
		if err != nil {
			return err
		}
		return report.measure(ctx, f, raw, labels, name, threshold)
	}
	if err := untrained(&report.Baseline, m.Standard, standardisedName); err != nil {
		return nil, err
	}
	warnings, err := copies("validation", val, "test", test)
	if err != nil {
		return nil, err
	}
	report.Warnings = append(report.Warnings, warnings...)
	if m.Transform == m.Standard {
		return report, nil
	}
	report.Preprocessed = &Figures{}
	return report, untrained(report.Preprocessed, m.Transform, preprocessedName)
}

// Names of the untrained features in a report.
const (
	standardisedName = "standardised features, no training"
	preprocessedName = "preprocessed features, no training"
)

// measure fills f with the figures of z.
func (r *Report) measure(ctx context.Context, f *Figures, z *Embeddings, labels []int32, name string, threshold float64) error {
	opt := metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}, Thresholds: []float64{threshold}}}
	result, err := metric.AllPairs(ctx, z.Values, labels, opt)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	v, at := result.Verification, result.Verification.At[0]
	recall, _ := result.Retrieval.Recall(1)
	*f = Figures{
		Name: name, ROCAUC: v.ROCAUC, EER: v.EER, MAPAtR: result.Retrieval.MAPAtR, RecallAt1: recall,
		Threshold: threshold, Accuracy: at.BalancedAccuracy(), FPR: at.FPR(), FNR: at.FNR(),
	}
	r.Positive = v.Natural.Prevalence
	for _, w := range result.AllWarnings() {
		r.Warnings = append(r.Warnings, name+": "+w.String())
	}
	return nil
}

// untrained returns the transformed features of test as if they were embeddings, and the threshold on their
// cosine that is best for pairs of val, drawn as the model's own were.
func (m *Model) untrained(ctx context.Context, transform *data.Transform, val, test *data.Frame) (*Embeddings, float64, error) {
	sampler, err := NewPairSampler(val, m.Config.WithinDomain)
	if err != nil {
		return nil, 0, fmt.Errorf("validation items: %w", err)
	}
	onVal, err := unitRows(ctx, transform, val)
	if err != nil {
		return nil, 0, fmt.Errorf("validation items: %w", err)
	}
	scores, same := pairScores(onVal, sampler.draw(m.Config.ValPairs, newRand(m.Config.Seed, streamValPairs)))
	chosen, err := metric.Verify(scores, same, nil, metric.VerificationOptions{})
	if err != nil {
		return nil, 0, fmt.Errorf("untrained threshold: %w", err)
	}
	onTest, err := unitRows(ctx, transform, test)
	if err != nil {
		return nil, 0, fmt.Errorf("test items: %w", err)
	}
	return onTest, chosen.Natural.BestAccuracy.Threshold, nil
}

// unitRows returns the transformed features of frame, every row of unit length: what the cosine sees without
// training.
func unitRows(ctx context.Context, transform *data.Transform, frame *data.Frame) (*Embeddings, error) {
	rows, err := transform.Rows(frame)
	if err != nil {
		return nil, err
	}
	width := transform.Width()
	out := &Embeddings{Values: make([]float32, frame.N()*width), N: frame.N(), E: width}
	if err := rows.ReadAll(ctx, out.Values); err != nil {
		return nil, err
	}
	for i := range frame.N() {
		row := out.Row(i)
		norm := math.Sqrt(dot(row, row))
		if norm == 0 {
			out.Zero = append(out.Zero, i)
			continue
		}
		for k := range row {
			row[k] = float32(float64(row[k]) / norm)
		}
	}
	return out, nil
}
