package advise

import (
	"context"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/plda"
)

const (
	mostDirections = 256 // of features that a fold's models see
	mostForThem    = 512 // items that these come from
	components     = 100 // of a model
	shrinkage      = 0.3 // of its whitening, that of siamese.Recommended
)

// directions returns the frame with the main directions of its features as columns, found on up to mostForThem of the
// items, without their labels.
func directions(ctx context.Context, f *data.Frame, items []int) (*data.Frame, error) {
	few := items
	if n := len(items); n > mostForThem {
		few = make([]int, mostForThem)
		for k := range few {
			few[k] = items[k*n/mostForThem]
		}
	}
	t, err := preprocess.Fit(ctx, f, few, preprocess.Options{Impute: preprocess.ImputeMean, SignedSqrt: true,
		Scale: preprocess.ScaleStandard, EqualBlocks: true, Components: mostDirections, FewerComponents: true})
	if err != nil {
		return nil, err
	}
	return t.Frame(ctx, f)
}

// model is PLDA of components that are whitened within classes.
type model struct {
	space *preprocess.Transform
	plda  *plda.Model
}

// fit returns the model of items of a frame of directions.
func fit(ctx context.Context, f *data.Frame, items []int) (*model, error) {
	space, err := preprocess.Fit(ctx, f, items, preprocess.Options{Scale: preprocess.ScaleNone, Components: components,
		FewerComponents: true, Whiten: true, WithinClass: true, Shrinkage: shrinkage})
	if err != nil {
		return nil, err
	}
	m := &model{space: space}
	part := f.Select(items)
	z, err := embedding.UnitRows(ctx, space, part)
	if err != nil {
		return nil, err
	}
	share := plda.DefaultIsotropic
	m.plda, err = plda.Fit(ctx, z, part.Labels, plda.Options{Isotropic: &share})
	return m, err
}

// rows returns the unit rows of items in the model's space, and what PLDA makes of them.
func (m *model) rows(ctx context.Context, f *data.Frame) (rows, embedded *embedding.Embeddings, err error) {
	if rows, err = embedding.UnitRows(ctx, m.space, f); err != nil {
		return nil, nil, err
	}
	embedded, err = m.plda.Project(rows)
	return rows, embedded, err
}
