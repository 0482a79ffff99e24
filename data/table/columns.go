package table

import (
	"context"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// columnNames returns the names of all columns of the table at path, whatever they hold. No column has a role then, so
// that all are ignored, and the explanation lists what was ignored.
func columnNames(ctx context.Context, path string, opt Options) ([]string, error) {
	none := data.Schema{ID: data.NoColumn, Label: data.NoColumn, Domain: data.NoColumn}
	_, e, err := Open(ctx, path, reading.OnlyRoles(Options{Schema: none, Comma: opt.Comma, MaxBytes: opt.MaxBytes,
		NoCache: true}))
	if err != nil {
		return nil, err
	}
	return e.Ignored, nil
}
