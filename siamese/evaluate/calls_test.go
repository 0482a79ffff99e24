package evaluate

import (
	"context"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
)

// only returns the report of an evaluation of one model.
func only(c *report.Compared, err error) (*report.Report, error) {
	if err != nil {
		return nil, err
	}
	return c.One(), nil
}

// itemsOf is Items of one model.
func itemsOf(ctx context.Context, backend compute.Backend, m *siamese.Model, name string, val, test *data.Frame,
	opt Options) (*report.Report, error) {
	return only(Items(ctx, backend, One(m), name, val, test, opt))
}

// pairsOf is Pairs of one model.
func pairsOf(ctx context.Context, backend compute.Backend, m *siamese.Model, name string, f *data.Frame, val,
	test pairs.Pairs, opt Options) (*report.Report, error) {
	return only(Pairs(ctx, backend, One(m), name, f, val, test, opt))
}

// named returns models with their names.
func named(models []*siamese.Model, names []string) (out []Model) {
	for k, m := range models {
		out = append(out, Model{names[k], m})
	}
	return out
}

// modelsOf is Items of several models.
func modelsOf(ctx context.Context, backend compute.Backend, models []*siamese.Model, names []string, name string, val,
	test *data.Frame, opt Options) (*report.Compared, error) {
	return Items(ctx, backend, named(models, names), name, val, test, opt)
}

// pairModelsOf is Pairs of several models.
func pairModelsOf(ctx context.Context, backend compute.Backend, models []*siamese.Model, names []string, name string,
	f *data.Frame, val, test pairs.Pairs, opt Options) (*report.Compared, error) {
	return Pairs(ctx, backend, named(models, names), name, f, val, test, opt)
}
