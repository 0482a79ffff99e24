package evaluate

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
)

// Labels returns how the model does over all pairs of the items of test of which their labels tell whether they are the
// same, and standardised features without training beside it, in this order. Items may have several classes each
// (Config.LabelSeparator); pairs with an item without any are left out, where [Items] counts them as different. There are
// no intervals: those are of [Pairs] on [pairs.FromLabels], which gives no MAP@R.
//
// Unsound frames, and labels by which no two items are the same, or none different, are errors.
func Labels(ctx context.Context, backend compute.Backend, m *siamese.Model, test *data.Frame) ([]report.LabelMetrics, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("evaluate labels: %w", err)
	}
	if err := m.Config.Preprocess.Check(test); err != nil {
		return nil, fmt.Errorf("evaluate labels: test items: %w", err)
	}
	if _, err := pairs.NewSampler(test, pairs.SamplerOptions{LabelSeparator: m.Config.LabelSeparator}); err != nil {
		return nil, fmt.Errorf("evaluate labels: test items: %w", err)
	}
	labels := itemset.LabelsOf(test, m.Config.LabelSeparator)
	var out []report.LabelMetrics
	for _, one := range []struct {
		name string
		of   embedding.Source
	}{
		{report.TrainedName, func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
			return m.Embed(ctx, backend, f)
		}},
		{report.StandardisedName, embedding.Transformed(m.Standard)},
	} {
		z, err := one.of(ctx, test)
		if err != nil {
			return nil, fmt.Errorf("evaluate labels: %s: %w", one.name, err)
		}
		f := report.LabelMetrics{Name: one.name}
		if f.ROCAUC, f.MAPAtR, err = labels.Evaluate(ctx, z); err != nil {
			return nil, fmt.Errorf("evaluate labels: %s: %w", one.name, err)
		}
		out = append(out, f)
	}
	return out, nil
}
