package csv

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// nameHollow gives names to columns that have none and no value in the first rows, as spreadsheets and a separator at
// the end of each line leave them: # and their number. It returns which they are.
func (h *heading) nameHollow() (places []int) {
	if h.made || len(h.rows) == 0 {
		return nil
	}
	for j := 1; j < len(h.names); j++ { // the first nameless one is an index
		name := fmt.Sprintf("#%d", j+1)
		if h.names[j] == "" && h.says(j, func(cell string) bool { return cell == "" }) &&
			!slices.Contains(h.names, name) {
			h.names[j] = name
			places = append(places, j)
		}
	}
	return places
}

// says reports whether all cells of column j in the first rows are as is says.
func (h *heading) says(j int, is func(cell string) bool) bool {
	return !slices.ContainsFunc(h.rows, func(row []string) bool { return j < len(row) && !is(row[j]) })
}

// planHollow plans the columns and leaves out features without any value in the first rows, as in files that know it of
// the whole column. hollow says which columns are to have no value anywhere, nil = none; a value further down is an
// error, see [rowParser.cell]. With AllowMissing, columns that have a name stay.
func (s *source) planHollow(h *heading, opt *reading.Options) (p *reading.Plan, hollow []bool, err error) {
	nameless := h.nameHollow()
	columns := h.guess(opt)
	with := *opt
	for _, j := range nameless {
		with.Ignore = append(with.Ignore[:len(with.Ignore):len(with.Ignore)], h.names[j])
	}
	if p, err = reading.NewPlan(s.file, columns, &with, reading.Hints{}); err != nil {
		return nil, nil, err
	}
	empty := nameless
	if !opt.AllowMissing && len(h.rows) > 1 {
		words := reading.WordsOf(opt)
		for j, role := range p.Roles {
			if role == data.RoleFeature && !slices.Contains(opt.Keep, h.names[j]) &&
				h.says(j, func(cell string) bool { return cell == "" || words.HasNumber(cell) }) {
				empty = append(empty, j)
			}
		}
	}
	if len(empty) == 0 || len(empty) == len(nameless)+len(p.Features) {
		return p, nil, nil // a table of missing values alone is an error where the first one stands
	}
	hollow = make([]bool, len(h.names))
	var names []string
	for _, j := range empty {
		hollow[j] = true
		names = append(names, h.names[j])
	}
	with.Ignore = slices.Concat(opt.Ignore, names)
	if p, err = reading.NewPlan(s.file, columns, &with, reading.Hints{}); err == nil {
		p.Notes = append(p.Notes, "columns without any value are left out: "+listing.Quoted(names))
	}
	return p, hollow, err
}

// filled is the error for a value in a column that is hollow.
func (p *rowParser) filled(text string) error {
	return p.fault(text, "is a value in a column that has none in the rows above",
		option.Do("give the column a name, and fill the rows above").
			Or("set %s to read them as NaN", "AllowMissing").Or("leave the column out with %s", "Ignore"))
}

// blankRow returns the length of a row at the current place that has two or more cells and nothing in them, with its
// line end; 0 = it is none. Spreadsheets write such rows for blank lines.
func (c *cellReader) blankRow() int {
	at := c.at
	for c.data[at] == c.comma || c.data[at] == ' ' {
		at++
	}
	if at == c.at || c.data[c.at] != c.comma {
		return 0
	}
	end := cellReader{data: c.data, at: at}
	if n := end.lineEnd(); n > 0 {
		return at + n - c.at
	}
	return 0
}
