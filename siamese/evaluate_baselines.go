package siamese

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/data"
)

// ldaComponents is the number of principal components in which discriminants are looked for, where embeddings are not wider.
const ldaComponents = 256

// baselines measures what else can be made of the features, fitted on training items: without training an encoder, and by
// training it as a classifier.
func (e *evaluation) baselines(ctx context.Context, backend compute.Backend, train, val, test *data.Frame) error {
	if err := e.model.Config.Preprocess.Check(train); err != nil {
		return fmt.Errorf("training items: %w", err)
	}
	for _, side := range []struct {
		name  string
		frame *data.Frame
	}{{"validation", val}, {"test", test}} {
		if err := disjoint("training", train, side.name, side.frame); err != nil {
			return err
		}
	}
	add := func(name string, of features) error {
		f := &Figures{}
		e.report.Others = append(e.report.Others, f)
		return e.untrained(ctx, f, of, val, test, name)
	}
	impute := e.model.Config.Preprocess.Impute
	if err := e.fitted(ctx, train, data.Preprocess{Impute: impute, Scale: data.ScaleNone}, rawName, add); err != nil {
		return err
	}
	if len(train.Blocks) > 1 { // with one block they are the standardised features
		if err := e.fitted(ctx, train, data.Preprocess{Impute: impute, EqualBlocks: true}, blocksName, add); err != nil {
			return err
		}
	}
	if err := e.components(ctx, train, add); err != nil {
		return err
	}
	cfg := e.model.Config
	cfg.Skip = 0 // the encoder by itself
	untrained := &Model{Config: cfg, Transform: e.model.Transform, Standard: e.model.Standard,
		Layers: cfg.firstLayers(e.model.Transform.Width())}
	defer untrained.Close()
	if err := add(randomName, func(ctx context.Context, f *data.Frame) (*Embeddings, error) { return untrained.Embed(ctx, backend, f) }); err != nil {
		return err
	}
	return e.classifier(ctx, backend, train, val, test)
}

// fitted measures features with preprocessing fitted on train.
func (e *evaluation) fitted(ctx context.Context, train *data.Frame, spec data.Preprocess, name string, add func(string, features) error) error {
	t, err := data.FitTransform(ctx, train, allItems(train), spec)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return add(name, transformed(t))
}

// components measures principal components of the standardised features, whitened ones and the discriminants among them.
func (e *evaluation) components(ctx context.Context, train *data.Frame, add func(string, features) error) error {
	spec := e.model.Config.Preprocess.Standard()
	spec.Variance = 1 // as many as there are
	all, err := data.FitTransform(ctx, train, allItems(train), spec)
	if err != nil {
		e.report.Warnings = append(e.report.Warnings, fmt.Sprintf("no %s: %v", pcaName, err))
		return nil
	}
	if err := add(pcaName, transformed(firstComponents(all, e.model.E(), false))); err != nil {
		return err
	}
	if err := add(whitenedName, transformed(firstComponents(all, e.model.E(), true))); err != nil {
		return err
	}
	space := firstComponents(all, max(ldaComponents, e.model.E()), false)
	directions, err := discriminantsOf(ctx, space, train)
	if err != nil {
		e.report.Warnings = append(e.report.Warnings, fmt.Sprintf("no %s: %v", ldaName, err))
		return nil
	}
	return add(ldaName, func(ctx context.Context, f *data.Frame) (*Embeddings, error) {
		rows, err := transformedRows(ctx, space, f)
		if err != nil {
			return nil, err
		}
		return project(rows, directions), nil
	})
}

// discriminantsOf returns the discriminants of the labelled items of train among the features of a transform.
func discriminantsOf(ctx context.Context, space *data.Transform, train *data.Frame) (*mat.Dense, error) {
	names, labels := classNumbers(train)
	var items, class []int
	for i, label := range labels {
		if int(label) < len(names) { // beyond them are items without a label
			items, class = append(items, i), append(class, int(label))
		}
	}
	if len(names) < 2 {
		return nil, fmt.Errorf("the training items have %d class(es), and two are needed", len(names))
	}
	rows, err := transformedRows(ctx, space, train.Select(items))
	if err != nil {
		return nil, err
	}
	return discriminants(wide(rows), class, len(names), ldaShrinkage)
}

// firstComponents returns a transform with at most the first k components of t.
func firstComponents(t *data.Transform, k int, whiten bool) *data.Transform {
	width := t.Width()
	k = min(k, width)
	out := *t
	out.Spec.Variance, out.Spec.Components, out.Spec.Whiten = 0, k, whiten
	out.Variance = slices.Clone(t.Variance[:k])
	out.Loadings = make([]float32, 0, t.F()*k)
	for j := range t.F() {
		out.Loadings = append(out.Loadings, t.Loadings[j*width:j*width+k]...)
	}
	var kept, all float64
	for i, v := range t.Variance {
		all += float64(v)
		if i < k {
			kept += float64(v)
		}
	}
	out.VarianceKept = t.VarianceKept * kept / all
	return &out
}
