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

// metricSpace returns the components, whitened within classes, in which metrics are learnt: those that the encoder sees
// where it sees such, else the first of all, which have them by falling variance. Its error says why there are none.
func (a *alternatives) metricSpace(ctx context.Context, all *preprocess.Transform) (*preprocess.Transform, error) {
	if own := a.model.Transform; own.Spec.WithinClass {
		return own, nil
	}
	return firstComponents(all, metricComponents, false).Within(ctx, a.train, itemset.AllItems(a.train), metricShrinkage)
}

// plda adds PLDA of unit vectors in a metricSpace, as the unit vectors whose cosine comes close to its log-likelihood
// ratio ([plda.Model.Embed]). On items whose classes differ in no way there is none, which is a warning.
func (a *alternatives) plda(ctx context.Context, space *preprocess.Transform) error {
	m, err := fittedPLDA(ctx, space, a.train, a.model.Config.Seed)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		a.warn(fmt.Sprintf("no %s: %v", report.PLDAName, err))
		return nil
	}
	return a.add(report.PLDAName, func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		z, err := embedding.UnitRows(ctx, space, f)
		if err != nil {
			return nil, err
		}
		return m.Embed(z)
	})
}

// fittedPLDA returns PLDA of the items of train at unit length in a space.
func fittedPLDA(ctx context.Context, space *preprocess.Transform, train *data.Frame, seed uint64) (*plda.Model, error) {
	z, err := embedding.UnitRows(ctx, space, train)
	if err != nil {
		return nil, err
	}
	labels := train.Labels
	if labels == nil {
		labels = make([]string, train.N())
	}
	return plda.Fit(ctx, z, labels, plda.Options{Seed: seed})
}
