package data

import (
	"fmt"
	"io"
	"slices"
)

// ScanCSV reads a table as [ReadCSV] does and hands it to each in frames of at most rows items
// (0 = as they come, about a mebibyte of text), in the order of the file and in the caller's
// goroutine. It needs some megabytes however long the table is. The frames are the caller's to
// keep; all have the same columns and blocks, and Labels where the table has such a column.
//
// Ids are unique within a frame only where the file has them so: nothing remembers those of
// earlier frames. Errors are those of [ReadCSV], and what each returns, which stops the reading.
func ScanCSV(r io.Reader, name string, opt CSVOptions, rows int, each func(*Frame) error) error {
	if rows < 0 {
		return fmt.Errorf("data: scan %s: %d rows in a frame; give 0 or more", name, rows)
	}
	source, err := newCSVSource(r, name)
	if err != nil {
		return err
	}
	plan, err := source.plan(opt)
	if err != nil {
		return err
	}
	seen, tally := 0, csvTally{}
	err = source.readRows(plan, opt, func(c *csvChunk) error {
		if err := source.checked(c, &opt); err != nil {
			return err
		}
		tally.missing += c.tally.missing
		tally.infinite += c.tally.infinite
		for from := 0; from < len(c.lines); {
			to := len(c.lines)
			if rows > 0 {
				to = min(to, from+rows)
			}
			if err := each(plan.slice(c, from, to, seen)); err != nil {
				return err
			}
			seen += to - from
			from = to
		}
		return nil
	})
	if err == nil && seen == 0 {
		return noRows(name)
	}
	if err != nil {
		return err
	}
	source.report(plan, &opt, seen, tally)
	return nil
}

// slice copies the rows [from, to) of a chunk into a frame; seen rows came before them.
func (p *csvPlan) slice(c *csvChunk, from, to, seen int) *Frame {
	width := len(p.features)
	cut := func(all []string) []string {
		if len(all) == 0 {
			return nil
		}
		return slices.Clone(all[from:to])
	}
	f := &Frame{
		X:       slices.Clone(c.x[from*width : to*width]),
		Columns: p.features, Blocks: p.blocks,
		IDs: cut(c.ids), Labels: cut(c.labels), Domains: cut(c.domains),
	}
	if f.IDs == nil {
		f.IDs = numberedFrom(seen, to-from)
	}
	return f
}

func noRows(file string) error {
	return &CSVError{File: file, Problem: "the file has a header and no rows", Fix: "add a line for every item"}
}
