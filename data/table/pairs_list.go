package table

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/csv"
)

// pairList is how a text that is not a table with a header and commas lists pairs.
type pairList struct {
	comma  byte // between cells, ' ' = blanks and tabs, any number of them
	header bool // the first line names the columns
	lfw    bool // the layout of LFW's pairs.txt
}

// sampleLines is how many lines decide which column is which.
const sampleLines = 1000

// layout returns how the list is laid out, nil = it is a table with a header. Only text can be a list.
func (r *pairReader) layout() (*pairList, error) {
	if formatOf(r.in).Name != csv.Format.Name {
		return nil, nil
	}
	lines, err := r.firstLines(2)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	list := &pairList{comma: r.separator(lines[0].text)}
	if isLFW(lines) {
		list.comma, list.lfw = ' ', true
		return list, nil
	}
	first, err := cellsOf(lines[0].text, list.comma)
	if err != nil {
		return nil, nil //nolint:nilerr // the reader of tables says what is wrong
	}
	var second []string
	if len(lines) > 1 {
		second, _ = cellsOf(lines[1].text, list.comma)
	}
	if counts(first) && !r.anyGiven() {
		return nil, &Error{File: r.path, Line: lines[0].number,
			Problem: "the line is 0, 1, 2, …, which is a header of pandas or a pair",
			Fix: option.Do("write a header such as label,left,right").Or("name the columns by these numbers in %s, %s and %s",
				"PairOptions.Left", "PairOptions.Right", "PairOptions.Label")}
	}
	list.header = counts(first) || r.isHeader(first, second)
	if list.header && list.comma != ' ' {
		return nil, nil
	}
	return list, nil
}

// firstLines returns up to n lines that are neither blank nor, at the beginning, comments.
func (r *pairReader) firstLines(n int) (lines []textLine, err error) {
	text, err := csv.Text(r.in, &Options{MaxBytes: r.opt.MaxBytes})
	if err != nil {
		return nil, err
	}
	for line := range textLines(io.LimitReader(text, 1<<20)) {
		if lines = append(lines, line); len(lines) == n {
			break
		}
	}
	return lines, nil
}

// separator returns what stands between the cells of a line: what the options say, else a tab, a comma or a semicolon
// where it has one, else blanks.
func (r *pairReader) separator(line string) byte {
	if r.opt.Comma != 0 {
		return r.opt.Comma
	}
	for _, c := range []byte("\t,;") {
		if strings.IndexByte(line, c) >= 0 {
			return c
		}
	}
	return ' '
}

// counts reports whether the cells are 0, 1, 2, …, as pandas calls columns without names.
func counts(cells []string) bool {
	for k, cell := range cells {
		if cell != strconv.Itoa(k) {
			return false
		}
	}
	return true
}

// anyGiven reports whether an option names a column.
func (r *pairReader) anyGiven() bool {
	return r.opt.Left != "" || r.opt.Right != "" || r.opt.Label != ""
}

// isHeader reports whether the first line names columns. A line with a label or two known ids is a pair.
func (r *pairReader) isHeader(first, second []string) bool {
	for _, given := range []string{r.opt.Left, r.opt.Right, r.opt.Label} {
		if n, err := strconv.Atoi(given); err == nil && n >= 1 && n <= len(first) {
			return false
		}
		if given != "" && slices.Contains(first, given) {
			return true
		}
	}
	known := 0
	for k, cell := range first {
		if _, ok := r.at[cell]; ok {
			known++
		}
		_, word, ok := labelOf(cell)
		if ok && !word {
			return false // no column is called 1
		}
		// "target" may be both, and is a label where one stands below it.
		if ok && k < len(second) && !r.usualNames(first) {
			if _, word, ok := labelOf(second[k]); ok && word {
				return false
			}
		}
	}
	return known < 2
}

// usualNames reports whether two of the cells are a usual pair of names.
func (r *pairReader) usualNames(cells []string) bool {
	named := &pairReader{names: cells, e: &PairExplanation{}}
	return len(named.sidesCalled(slices.Concat(sideNames, trialNames), map[string]string{})) > 0
}

// readList reads a list: the names or numbers of its columns, which of them is what, and all lines.
func (r *pairReader) readList(ctx context.Context, list *pairList) error {
	r.e.Format = "a list with " + map[byte]string{' ': "blanks", '\t': "tabs"}[list.comma]
	if list.comma != ' ' && list.comma != '\t' {
		r.e.Format = fmt.Sprintf("a list with %q", string(list.comma))
	}
	if list.lfw {
		return r.readLFW(ctx)
	}
	lines, err := r.firstLines(sampleLines)
	if err != nil {
		return err
	}
	var sample [][]string
	for _, line := range lines {
		cells, err := cellsOf(line.text, list.comma)
		if err != nil {
			break // it is found again with its line
		}
		sample = append(sample, cells)
	}
	if list.header {
		r.names = sample[0]
	} else {
		for j := range sample[0] {
			r.names = append(r.names, strconv.Itoa(j+1))
		}
		r.note("header: none, columns are called by their numbers")
		if err := r.number(sample); err != nil {
			return err
		}
	}
	if err := r.assign(); err != nil {
		return err
	}
	return r.fill(ctx, list)
}

// number finds the columns of a list without a header where no option names them: the one that has labels only, and
// the two others.
func (r *pairReader) number(sample [][]string) error {
	if r.opt.Left != "" && r.opt.Right != "" && r.opt.Label != "" {
		return nil
	}
	var labels []int
	for j := range r.names {
		all := !slices.Contains([]string{r.opt.Left, r.opt.Right, r.opt.Weight}, r.names[j])
		for _, cells := range sample {
			if j < len(cells) {
				label, _, ok := labelOf(cells[j])
				all = all && ok && label >= 0 && label <= 1
			}
		}
		if all {
			labels = append(labels, j)
		}
	}
	problem := ""
	switch {
	case r.anyGiven():
		problem = "it has no header, and not all of its columns are named"
	case len(r.names) < 3:
		problem = fmt.Sprintf("it has no header and %d columns, and a pair takes three: two ids and a label",
			len(r.names))
	case len(r.names) > 3:
		problem = fmt.Sprintf("it has no header and %d columns", len(r.names))
	case len(labels) == 0:
		problem = "it has no header, and no column holds nothing but labels, such as 1 and 0 or target and nontarget"
	case len(labels) > 1:
		problem = "it has no header, and more than one column could be the label"
	}
	if problem != "" {
		return &Error{File: r.path, Problem: problem + "; its first line is " + listing.Quoted(sample[0]),
			Fix: option.Do("write a header such as left,right,label").Or("name all columns by number, from 1, in %s, "+
				"%s and %s", "PairOptions.Left", "PairOptions.Right", "PairOptions.Label")}
	}
	others := slices.DeleteFunc(slices.Clone(r.names), func(name string) bool { return name == r.names[labels[0]] })
	r.e.Left, r.e.Right, r.e.Label = others[0], others[1], r.names[labels[0]]
	r.note("label: column %s, which holds nothing else; ids: columns %s and %s", r.e.Label, r.e.Left, r.e.Right)
	return nil
}
