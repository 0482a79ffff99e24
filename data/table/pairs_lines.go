package table

import (
	"bufio"
	"context"
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/csv"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// maxLine bounds a line of a list, which has two ids and a label.
const maxLine = 1 << 20

// textLine is a line of a text, without its end.
type textLine struct {
	number int // from 1
	text   string
	err    error // of the reader, or a line that is too long; the last one
}

// textLines returns the lines of a text that are not blank, and no comments ("#") before the first of them.
func textLines(text io.Reader) iter.Seq[textLine] {
	return func(yield func(textLine) bool) {
		lines := bufio.NewScanner(text)
		lines.Buffer(nil, maxLine)
		begun := false
		number := 0
		for lines.Scan() {
			number++
			line := strings.TrimRight(lines.Text(), "\r")
			if strings.TrimSpace(line) == "" || !begun && strings.HasPrefix(line, "#") {
				continue
			}
			begun = true
			if !yield(textLine{number: number, text: line}) {
				return
			}
		}
		if lines.Err() != nil {
			yield(textLine{number: number + 1, err: lines.Err()})
		}
	}
}

// cellsOf returns the cells of a line, without the spaces around them. A cell may be in quotes, unless blanks separate
// cells.
func cellsOf(line string, comma byte) ([]string, error) {
	if comma == ' ' {
		return strings.Fields(line), nil
	}
	r := stdcsv.NewReader(strings.NewReader(line))
	r.Comma, r.TrimLeadingSpace = rune(comma), true
	cells, err := r.Read()
	for k := range cells {
		cells[k] = strings.TrimSpace(cells[k])
	}
	return cells, err
}

// each calls take with the cells of every line of the list. It bounds the text, like the values of a table, and reports
// progress.
func (r *pairReader) each(ctx context.Context, comma byte, take func(line int, cells []string) error) error {
	text, err := csv.Text(r.in, &Options{MaxBytes: r.opt.MaxBytes})
	if err != nil {
		return err
	}
	budget := reading.Budget(&Options{MaxBytes: r.opt.MaxBytes}, r.in.Size)
	var done int64
	for line := range textLines(text) {
		fail := func(problem string, err error, fix option.Fix) error {
			return &Error{File: r.path, Line: line.number, Problem: problem, Fix: fix, Err: err}
		}
		done += int64(len(line.text)) + 1
		switch {
		case errors.Is(line.err, bufio.ErrTooLong):
			return fail("the line is longer than 1 MiB", nil, option.Do("write a pair a line"))
		case line.err != nil:
			return fail("the line cannot be read", tableerr.Unexpected(line.err), option.Do("copy the file again"))
		case strings.IndexByte(line.text, 0) >= 0:
			return fail("the line holds zero bytes: this is a binary file, or UTF-16 text", nil,
				option.Do("save it as UTF-8 text"))
		case done > budget:
			return fail(fmt.Sprintf("the list takes more than %d MiB", budget>>20), nil,
				option.Do("raise %s if the file is sound", "MaxBytes"))
		case ctx.Err() != nil:
			return ctx.Err()
		}
		cells, err := cellsOf(line.text, comma)
		if err != nil {
			return fail("the line has a quote that is not closed, or in the middle of a cell", nil,
				option.Do("put quotes around whole cells"))
		}
		if err := take(line.number, cells); err != nil {
			return err
		}
		if r.opt.Progress != nil && len(r.lines)%(1<<16) == 0 {
			if err := r.opt.Progress(min(done, r.in.Size), r.in.Size); err != nil {
				return &tableerr.Stopped{Err: err}
			}
		}
	}
	r.e.Rows = len(r.lines)
	if r.e.Rows == 0 {
		return &Error{File: r.path, Problem: "the list has no pairs", Fix: option.Do("add a line for every pair")}
	}
	return nil
}

// fill reads the columns of all lines.
func (r *pairReader) fill(ctx context.Context, list *pairList) error {
	place := func(name string) int { return slices.Index(r.names, name) }
	left, right, label, weight := place(r.e.Left), place(r.e.Right), place(r.e.Label), -1
	if r.e.Weight != "" {
		weight, r.weight = place(r.e.Weight), []float32{}
	}
	first := list.header
	err := r.each(ctx, list.comma, func(line int, cells []string) error {
		if first {
			first = false
			return nil
		}
		if len(cells) != len(r.names) {
			return &Error{File: r.path, Line: line, Problem: fmt.Sprintf("%d cells, and the first line has %d",
				len(cells), len(r.names)), Fix: option.Do("give every line as many")}
		}
		k := len(r.lines)
		r.lines = append(r.lines, line)
		r.left, r.right = append(r.left, strings.Clone(cells[left])), append(r.right, strings.Clone(cells[right]))
		value, word, ok := labelOf(cells[label])
		if !ok {
			return r.noLabel(k, cells[label])
		}
		r.worded = r.worded || word
		r.label = append(r.label, value)
		if weight >= 0 {
			value, err := strconv.ParseFloat(cells[weight], 32)
			if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
				return r.fail(k, r.e.Weight, fmt.Sprintf("%q is not a number", cells[weight]),
					option.Do("write a number of 0 or more").Or("name another column in %s", "PairOptions.Weight"))
			}
			r.weight = append(r.weight, float32(value))
		}
		return nil
	})
	if r.worded {
		r.note("labels are words")
	}
	return err
}
