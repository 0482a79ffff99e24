package table

import (
	"context"
	"errors"
	"strings"

	"github.com/go-siamese/lab/data"
)

// csvOptions returns what the options say to the reader of text tables.
func (o *Options) csvOptions(ctx context.Context, size int64, report *data.CSVReport) data.CSVOptions {
	return data.CSVOptions{
		Comma: o.Comma, ID: o.ID, Label: o.Label, Domain: o.Domain, Ignore: o.Ignore, Blocks: o.Blocks, BlockOf: o.BlockOf,
		AllowMissing: o.AllowMissing, RolesOnly: o.rolesOnly, MaxBytes: o.budget(size), Report: report,
		Progress: func(done, total int64) error {
			if err := ctx.Err(); err != nil || o.Progress == nil {
				return err
			}
			return o.Progress(done, total)
		},
	}
}

// openText reads CSV or TSV, plain or compressed.
func openText(ctx context.Context, in *input, opt *Options) (*data.Frame, *Explanation, error) {
	var report data.CSVReport
	f, err := data.ReadCSV(sized{in.reader(), in.size}, in.name, opt.csvOptions(ctx, in.size, &report))
	if err != nil {
		return nil, nil, textError(err)
	}
	e := &Explanation{
		File: in.name, Format: textFormat(&report), Rows: f.N(), Features: f.F(), ID: report.ID, Label: report.Label, Domain: report.Domain,
		Ignored: report.Ignored, Blocks: f.Blocks, Missing: report.Missing, Infinite: report.Infinite,
	}
	for _, note := range report.Notes {
		e.Notes = append(e.Notes, ownOptions(note))
	}
	return f, e, nil
}

func textFormat(report *data.CSVReport) string {
	format := "CSV"
	if report.Comma == '\t' {
		format = "TSV"
	}
	if report.Compressed {
		format += ", compressed"
	}
	return format
}

// ownOptions calls the options as they are called here.
func ownOptions(text string) string { return strings.ReplaceAll(text, "CSVOptions.", "Options.") }

func textError(err error) error {
	var bad *data.CSVError
	if errors.As(err, &bad) {
		own := *bad
		own.Problem, own.Fix = ownOptions(bad.Problem), ownOptions(bad.Fix)
		return &own
	}
	return err
}
