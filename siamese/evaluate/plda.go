package evaluate

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/plda"
	"github.com/go-siamese/lab/siamese/report"
)

const (
	metricComponents = 128 // principal components in which metrics are learnt from labels
	metricShrinkage  = 0.3 // of their covariance within classes, that of siamese.Recommended
)

// metricSpace is where metrics are learnt from labels: components, whitened within classes, of items at unit length.
type metricSpace struct {
	of    embedding.Source      // remembers what it made of a frame: all metrics need the same items
	train *embedding.Embeddings // of the training items
}

// metricSpace returns the components that the encoder sees where it sees such, else the first of all, which have them
// by falling variance. Its error says why there are none.
func (a *alternatives) metricSpace(ctx context.Context, all *preprocess.Transform) (*metricSpace, error) {
	t := a.model.Transform
	if !t.Spec.WithinClass {
		var err error
		t, err = firstComponents(all, metricComponents, false).Within(ctx, a.train, itemset.AllItems(a.train),
			metricShrinkage)
		if err != nil {
			return nil, err
		}
	}
	train, err := embedding.UnitRows(ctx, t, a.train)
	return &metricSpace{of: remembered(embedding.Transformed(t)), train: train}, err
}

// plda adds PLDA of unit vectors in a metricSpace, as the unit vectors whose cosine comes close to its log-likelihood
// ratio ([plda.Model.Embed]). On items whose classes differ in no way there is none, which is a warning.
func (a *alternatives) plda(ctx context.Context, space *metricSpace) error {
	m, err := fittedPLDA(ctx, space.train, a.train, a.model.Config.Seed)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		a.warn(fmt.Sprintf("no %s: %v", report.PLDAName, err))
		return nil
	}
	return a.add(report.PLDAName, func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		z, err := space.of(ctx, f)
		if err != nil {
			return nil, err
		}
		return m.Embed(z)
	})
}

// fittedPLDA returns PLDA of z, the items of train at unit length.
func fittedPLDA(ctx context.Context, z *embedding.Embeddings, train *data.Frame, seed uint64) (*plda.Model, error) {
	labels := train.Labels
	if labels == nil {
		labels = make([]string, train.N())
	}
	return plda.Fit(ctx, z, labels, plda.Options{Seed: seed})
}
