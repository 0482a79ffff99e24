package table

import (
	"context"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// Columns returns the names of all columns of the table at path, in their order, whatever they hold. Of opt only Comma,
// NoHeader and MaxBytes count. A pipe is read to its end, and can then not be read again.
func Columns(ctx context.Context, path string, opt Options) ([]string, error) {
	if err := notNegative(&opt); err != nil {
		return nil, err
	}
	in, err := openInput(ctx, path, &opt)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return columnNames(ctx, &in.Input, opt)
}

// columnNames is [Columns] of an open file. No column has a role then, so that all are ignored, and the explanation
// lists what was ignored.
func columnNames(ctx context.Context, in *reading.Input, opt Options) ([]string, error) {
	none := data.Schema{ID: data.NoColumn, Label: data.NoColumn, Domain: data.NoColumn}
	_, e, err := read(ctx, in, ptr(reading.OnlyRoles(Options{Schema: none, Comma: opt.Comma, NoHeader: opt.NoHeader,
		MaxBytes: opt.MaxBytes})))
	if err != nil {
		return nil, err
	}
	return e.Ignored, nil
}
