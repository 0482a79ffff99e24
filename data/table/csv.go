package table

import (
	"context"
	"io"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// textFormat takes every file that is nothing else.
var textFormat = format{
	name: "CSV or TSV (also with gzip or zstd)", is: func(head) bool { return true }, open: openCSV, scan: scanCSV,
	write: map[string]writer{
		".csv": WriteCSV, ".csv.gz": zipped(WriteCSV), ".csv.zst": zstandard(WriteCSV),
		".tsv": WriteTSV, ".tsv.gz": zipped(WriteTSV), ".tsv.zst": zstandard(WriteTSV),
	},
}

// ReadCSV returns the frame that r holds as comma-separated values (RFC 4180, 2005) with a
// header line, plain, gzip or zstd (told by content), and an explanation as [Open] gives it. Use
// Open for files; r may be anything that is read once, such as a pipe. name stands for the file
// in errors. The cache is not used, and opt.MaxBytes of 0 sets no bound.
//
// Accepted: a UTF-8 byte order mark, LF and CRLF, quoted cells with commas and line ends
// inside, spaces around unquoted cells (dropped), blank lines (skipped). Numbers are decimal,
// with or without exponent, and are rounded to the nearest float32: integers beyond 2^24 and
// decimals beyond some 7 digits lose their last digits. Integers past 2^53, which are ids rather
// than measurements, are refused.
//
// Everything else is an error of type [*Error] that names file, line, column and text:
// rows longer or shorter than the header, cells that are no finite number, numbers beyond
// the range of float32, repeated columns and ids, unknown columns in opt, other encodings
// and formats. The first one in the file is returned.
//
// Rows are parsed in parallel. Beyond the frame it needs a few megabytes, or some rows where
// they are longer than that; where the size of the input is unknown (gzip, zstd, a pipe) the frame
// grows by copying, which takes up to its size again for a moment. A single row may not
// exceed 64 MiB.
func ReadCSV(ctx context.Context, r io.Reader, name string, opt Options) (*data.Frame, *Explanation, error) {
	return readCSV(ctx, r, name, &opt, opt.MaxBytes)
}

// readCSV is [ReadCSV] with a bound on the bytes of the values, 0 = none.
func readCSV(ctx context.Context, r io.Reader, name string, opt *Options, most int64) (*data.Frame, *Explanation, error) {
	source, err := newCSVSource(r, name)
	if err != nil {
		return nil, nil, err
	}
	plan, err := source.plan(opt)
	if err != nil {
		return nil, nil, err
	}
	a := assembler{ctx: ctx, source: source, plan: plan, opt: opt, most: most,
		frame: &data.Frame{Columns: plan.features, Blocks: plan.blocks}}
	if err := source.readRows(plan, opt, a.add); err != nil {
		return nil, nil, err
	}
	frame, err := a.finish()
	if err != nil {
		return nil, nil, err
	}
	return frame, explain(plan.plan, source.format(plan), frame, a.tally.missing, a.tally.infinite), nil
}

// format names what was read, for an [Explanation].
func (s *csvSource) format(plan *csvPlan) string {
	format := "CSV"
	if plan.comma == '\t' {
		format = "TSV"
	}
	if s.compressed {
		format += ", compressed"
	}
	return format
}

// openCSV reads a file of text, plain or compressed.
func openCSV(ctx context.Context, in *input, opt *Options) (*data.Frame, *Explanation, error) {
	return readCSV(ctx, sized{in.reader(), in.size}, in.name, opt, budget(opt, in.size))
}

// scanCSV reads a file of text a frame at a time. It needs some megabytes however long the table
// is. Where opt.BatchRows is 0, frames are as they come, from about a mebibyte of text each.
func scanCSV(ctx context.Context, in *input, opt *Options, yield yielder) error {
	source, err := newCSVSource(sized{in.reader(), in.size}, in.name)
	if err != nil {
		return err
	}
	plan, err := source.plan(opt)
	if err != nil {
		return err
	}
	seen := 0
	err = source.readRows(plan, opt, func(c *csvChunk) error {
		if err := source.checked(ctx, c, opt); err != nil {
			return err
		}
		for from := 0; from < len(c.lines); {
			to := len(c.lines)
			if opt.BatchRows > 0 {
				to = min(to, from+opt.BatchRows)
			}
			if err := yield(plan.slice(c, from, to, seen)); err != nil {
				return err
			}
			seen += to - from
			from = to
		}
		return nil
	})
	if err == nil && seen == 0 {
		return headerOnly(in.name)
	}
	return err
}

// slice copies the rows [from, to) of a chunk into a frame; seen rows came before them.
func (p *csvPlan) slice(c *csvChunk, from, to, seen int) *data.Frame {
	width := len(p.features)
	cut := func(all []string) []string {
		if len(all) == 0 {
			return nil
		}
		return slices.Clone(all[from:to])
	}
	f := &data.Frame{
		X:       slices.Clone(c.x[from*width : to*width]),
		Columns: p.features, Blocks: p.blocks,
		IDs: cut(c.ids), Labels: cut(c.labels), Domains: cut(c.domains),
	}
	if f.IDs == nil {
		f.IDs = numbered(int64(seen), to-from)
	}
	return f
}

func headerOnly(file string) error {
	return &Error{File: file, Problem: "the file has a header and no rows", Fix: option.Do("add a line for every item")}
}
