// Package csv reads and writes text tables: cells between commas, tabs, semicolons, bars or blanks, plain, gzip or
// zstd. The first line names the columns, or is an item as all others are.
//
// [Read] returns the frame of a whole reader, [Format] is how package table opens and scans
// files, [Write] and [WriteTSV] write. The text is cut into chunks of whole rows (chunk.go),
// which all cores parse at once (read.go, rows.go), with a fast path for plain numbers
// (number.go) and a slow one that explains what is wrong with a cell (diagnose.go).
//
// The package reads one dialect, that of RFC 4180 (2005). It infers the separator (separator.go, blanks.go) and
// whether there is a header (heading.go, headless.go), and says so in the notes. It does not guess encodings, decimal
// commas or dates, and recognises other formats (foreign.go): those are errors that say what to do.
package csv

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Format takes every file that is nothing else. It must be the last format that is tried,
// since text has no magic word. A file that is really of another format is recognised again
// in newSource, which names it in the error.
var Format = reading.Format{
	Name: "CSV or TSV (also with gzip or zstd)", Text: true,
	Is: func(reading.Head) bool { return true }, Open: open, Scan: scan,
	Write: map[string]reading.Writer{
		".csv": Write, ".csv.gz": zipped(Write), ".csv.zst": zstandard(Write),
		".tsv": WriteTSV, ".tsv.gz": zipped(WriteTSV), ".tsv.zst": zstandard(WriteTSV),
	},
	WriteColumns: map[string]reading.ColumnsWriter{".csv": columnsWriter(','), ".tsv": columnsWriter('\t')},
}

// Read returns the frame that r holds as text, and an explanation. name stands for the file in
// errors. r is read to its end, or to the first error, and not closed. The cache is not used,
// and opt.MaxBytes of 0 sets no bound but the memory of the machine: the caller decided to read all of r. The door,
// table.ReadCSV, says what is accepted.
//
// Errors about the content are of type [*tableerr.Error]. Of several faults the first in the
// file is returned, however many cores parse.
func Read(ctx context.Context, r io.Reader, name string, opt reading.Options) (*data.Frame, *reading.Explanation,
	error) {
	f, e, err := readBounded(ctx, r, name, &opt, reading.Budget(&opt, math.MaxInt64>>8))
	if err == nil {
		reading.Settle(f, e, &opt)
	}
	return f, e, err
}

// readBounded is [Read] with a bound on the bytes of the table, 0 = none.
func readBounded(ctx context.Context, r io.Reader, name string, opt *reading.Options, most int64) (*data.Frame,
	*reading.Explanation, error) {
	source, err := newSource(r, name, most)
	if err != nil {
		return nil, nil, err
	}
	plan, err := source.plan(opt)
	if err != nil {
		return nil, nil, err
	}
	a := assembler{ctx: ctx, source: source, plan: plan, opt: opt,
		frame: &data.Frame{Columns: plan.Features, Blocks: plan.Blocks}}
	if err := source.readRows(plan, opt, a.add); err != nil {
		return nil, nil, err
	}
	frame, err := a.finish()
	if err != nil {
		return nil, nil, err
	}
	e := reading.Explain(plan.Plan, source.format(plan), frame, a.tally.missing, a.tally.infinite,
		a.tally.lost)
	if n := a.tally.blank; n > 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("rows without any value are left out, as blank lines are: %d", n))
	}
	if a.open {
		e.Notes = append(e.Notes,
			"the last line has no line end: if the file was cut off, its last value may be too short")
	}
	return frame, e, nil
}

// format names what was read, for a [reading.Explanation]: "CSV", "TSV", and whether it was compressed. A file with
// another separator than a tab counts as CSV.
func (s *source) format(plan *plan) string {
	format := "CSV"
	if plan.comma == '\t' {
		format = "TSV"
	}
	if s.compressed {
		format += ", compressed"
	}
	return format
}

// open reads a file of text, plain or compressed, with the bound of [reading.Budget].
func open(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation, error) {
	return readBounded(ctx, sized{in.Reader(), in.Size}, in.Name, opt, reading.Budget(opt, in.Size))
}

// scan reads a file of text a frame at a time. It needs some megabytes however long the table
// is. Frames end where a chunk ends, so they may have fewer than opt.BatchRows items; where
// that is 0, every chunk of about a mebibyte of text becomes a frame. Ids are not compared:
// that would take memory for all of them.
func scan(ctx context.Context, in *reading.Input, opt *reading.Options, yield reading.Yielder) error {
	// The size is that of the compressed file, for progress only.
	source, err := newSource(sized{in.Reader(), in.Size}, in.Name, reading.Budget(opt, in.Size))
	if err != nil {
		return err
	}
	plan, err := source.plan(opt)
	if err != nil {
		return err
	}
	seen := 0
	err = source.readRows(plan, opt, func(c *chunk) error {
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
		return headerOnly(in.Name)
	}
	return err
}

// slice copies the rows [from, to) of a chunk into a frame; seen rows came before them, which
// matters to items without ids, since they are numbered. It copies because the chunk is reused,
// while the frame belongs to the caller of Scan.
func (p *plan) slice(c *chunk, from, to, seen int) *data.Frame {
	width := len(p.Features)
	cut := func(all []string) []string {
		if len(all) == 0 {
			return nil
		}
		return slices.Clone(all[from:to])
	}
	f := &data.Frame{
		X:       slices.Clone(c.x[from*width : to*width]),
		Columns: p.Features, Blocks: p.Blocks,
		IDs: cut(c.ids), Labels: cut(c.labels), Domains: cut(c.domains),
	}
	// Numbers go on through all frames of a scan.
	if f.IDs == nil {
		f.IDs, f.Numbered = reading.Numbered(int64(seen), to-from), true
	}
	return f
}

// headerOnly is the error for a table without rows: blank lines and comments alone are none.
func headerOnly(file string) error {
	return &tableerr.Error{File: file, Problem: "the file has a header and no rows",
		Fix: option.Do("add a line for every item")}
}

// sized is a reader of known length, by which progress is reported and room for the values is
// made ahead.
type sized struct {
	io.Reader
	size int64
}

// Len is the length of the whole, not of what is left: see sizeOf.
func (s sized) Len() int { return int(s.size) }
