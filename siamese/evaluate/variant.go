package evaluate

import (
	"context"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/report"
)

// variant adds Report.Variant to the report of a model with PLDA, so that a reader sees what that does: the same encoder
// by plain cosines. Its threshold is chosen on the validation side, as for all that the model did not bring along.
func (e *evaluation) variant(ctx context.Context) error {
	if e.model.Config.PLDA == "" {
		return nil
	}
	other, err := e.model.WithPLDA(ctx, e.backend, nil, "")
	if err != nil {
		return err
	}
	defer other.Close()
	e.report.Variant = &report.Metrics{}
	if err := e.untrained(ctx, e.report.Variant, func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		return other.Embed(ctx, e.backend, f)
	}, report.PlainName); err != nil {
		return err
	}
	e.methods[len(e.methods)-1].of = nil // its model is closed
	return nil
}
