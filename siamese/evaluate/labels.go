package evaluate

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// mostLabelPairs is how many pairs of labelled items models are evaluated on at most, where items have several labels:
// drawn pairs have intervals in seconds, which all pairs of so many items do not.
const mostLabelPairs = 200_000

// oneSeparator returns how models read the labels of items ("" = one class each), or an error where two of them do it
// differently: which items are the same would then depend on the model.
func oneSeparator(models []Model) (string, error) {
	separator := ""
	for k, m := range models {
		if m.Model == nil {
			continue // which is an error of its own
		}
		own := m.Model.Config.LabelSeparator
		if k > 0 && own != separator {
			return "", fmt.Errorf("%s reads labels with label_separator %q and %s with %q: "+
				"the two mean other items by same; evaluate them on pairs", models[0].Name, separator, m.Name, own)
		}
		separator = own // that of the model before
	}
	return separator, nil
}

// byLabels evaluates models whose items have several labels each, separated by separator, which is not empty: on pairs
// drawn by the first model's seed, the same for all, and over all pairs without intervals.
func byLabels(ctx context.Context, backend compute.Backend, models []Model, separator, name string, val,
	test *data.Frame, opt Options) (*report.Compared, error) {
	// Errors begin as those of evaluate, which the user cannot tell from this.
	fail := func(err error) (*report.Compared, error) {
		return nil, fmt.Errorf("evaluate %s: %w", quote.Text(name), err)
	}
	if opt.Estimate != 0 {
		return fail(option.Errorf("Estimate",
			"it is for items of one class each, and the models read labels with label_separator %q: leave it out",
			separator))
	}
	if err := opt.Gallery.refused("it is for items of one class each"); err != nil {
		return fail(err)
	}
	first := models[0].Model // its preprocessing says which values are allowed, its seed which pairs are drawn
	if err := first.Validate(); err != nil {
		return fail(err)
	}
	on := overPairs{frames: [2]*data.Frame{val, test}}
	// The pairs are drawn once and shared: targets change nothing in them.
	for k, side := range []string{"validation", "test"} {
		err := first.Config.Preprocess.Check(on.frames[k])
		if err == nil {
			on.given[k], err = pairs.FromLabels(on.frames[k], separator, mostLabelPairs, first.Config.Seed)
		}
		if err != nil {
			return fail(fmt.Errorf("%s items: %w", side, err))
		}
	}
	out, err := evaluate(ctx, backend, models, name, opt, func() target { own := on; return &own })
	if err != nil {
		return nil, err
	}
	for k, r := range out.Reports {
		if r.Labels, err = overLabels(ctx, backend, models[k].Model, test); err != nil {
			return fail(err)
		}
	}
	return out, nil
}

// overLabels returns ROC-AUC and MAP@R of the trained encoder and of standardised features over all pairs of the
// labelled items of test, without intervals. The items are embedded again: the pairs may be of fewer.
func overLabels(ctx context.Context, backend compute.Backend, m *siamese.Model,
	test *data.Frame) ([]report.LabelMetrics, error) {
	// Rows of all test items, whether or not they have labels; those without are in no pair.
	labels := itemset.LabelsOf(test, m.Config.LabelSeparator)
	var out []report.LabelMetrics
	// The encoder and what it has to beat; other methods are compared on the drawn pairs only.
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
			return nil, fmt.Errorf("labels: %s: %w", quote.Text(one.name), err)
		}
		auc, mapAtR, err := labels.Evaluate(ctx, z)
		if err != nil {
			return nil, fmt.Errorf("labels: %s: %w", quote.Text(one.name), err)
		}
		out = append(out, report.LabelMetrics{Name: one.name,
			Values: map[string]float64{stats.ROCAUC: auc, stats.MAPAtR: mapAtR}})
	}
	return out, nil
}
