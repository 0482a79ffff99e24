package siamese

import (
	"context"
	"fmt"
	"strings"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
)

// LabelFigures are figures of one kind of similarity over all pairs of items of which labels tell whether they are the same.
type LabelFigures struct {
	Name   string  `json:"name"`
	ROCAUC float64 `json:"roc_auc"`
	MAPAtR float64 `json:"map_at_r"` // over the items that another one is the same as
}

// EvaluateLabels returns how the model does over all pairs of the items of test of which their labels tell whether they are the
// same, and standardised features without training beside it, in this order. Items may have several classes each
// (Config.LabelSeparator); pairs with an item without any are left out, where [Evaluate] counts them as different. There are
// no intervals: those are of [EvaluatePairs] on [LabelPairs], which gives no MAP@R.
//
// Unsound frames, and labels by which no two items are the same, or none different, are errors.
func EvaluateLabels(ctx context.Context, backend compute.Backend, m *Model, test *data.Frame) ([]LabelFigures, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("evaluate labels: %w", err)
	}
	if err := m.Config.Preprocess.Check(test); err != nil {
		return nil, fmt.Errorf("evaluate labels: test items: %w", err)
	}
	if _, err := NewPairSampler(test, SamplerOptions{LabelSeparator: m.Config.LabelSeparator}); err != nil {
		return nil, fmt.Errorf("evaluate labels: test items: %w", err)
	}
	labels := labellingOf(test, m.Config.LabelSeparator)
	var out []LabelFigures
	for _, one := range []struct {
		name string
		of   source
	}{
		{trainedName, func(ctx context.Context, f *data.Frame) (*Embeddings, error) { return m.Embed(ctx, backend, f) }},
		{standardisedName, transformed(m.Standard)},
	} {
		z, err := one.of(ctx, test)
		if err != nil {
			return nil, fmt.Errorf("evaluate labels: %s: %w", one.name, err)
		}
		f := LabelFigures{Name: one.name}
		if f.ROCAUC, f.MAPAtR, err = labels.judge(ctx, z); err != nil {
			return nil, fmt.Errorf("evaluate labels: %s: %w", one.name, err)
		}
		out = append(out, f)
	}
	return out, nil
}

// labelText returns in one line what figures say that are over all pairs of items of which labels tell.
func labelText(figures []LabelFigures) string {
	var parts []string
	for _, f := range figures {
		parts = append(parts, fmt.Sprintf("%s: MAP@R %.4f, ROC-AUC %.4f", f.Name, f.MAPAtR, f.ROCAUC))
	}
	return "over all pairs of the test items that their labels tell of (no interval): " + strings.Join(parts, "; ")
}
