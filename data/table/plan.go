package table

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// kind is what a column of a typed file holds.
type kind uint8

const (
	numbers kind = iota // numbers and truth values
	text                // text, or numbers that may serve as text
	other               // dates, maps and the like
)

// column describes a column as the file does.
type column struct {
	name  string
	kind  kind
	typ   string // for messages
	width int    // how many features: more than 1 for a list of numbers
	list  bool   // a list, even of one
	text  bool   // may hold ids, labels and domains
}

// maxFeatures bounds what a header may claim before a value is read: each feature has a name.
const maxFeatures = 1 << 20

// plan is what becomes of each column of the file.
type plan struct {
	file string
	data.Assignment
	features []string
	blocks   []data.Block
	first    []int // of each column: the place of its first feature, -1 = it is none
	columns  []column
}

// hints are what a file says of its features beyond the columns.
type hints struct {
	stored *storedBlocks // the blocks that this package wrote, nil = none
	names  []string      // of all features, nil = as the columns are called
}

// newPlan gives every column its role. Hints are used where they fit.
func newPlan(file string, columns []column, opt *Options, hint hints) (*plan, error) {
	names := make([]string, len(columns))
	for j, c := range columns {
		names[j] = c.name
		if !utf8.ValidString(c.name) {
			return nil, &Error{File: file, Problem: fmt.Sprintf("the name %q of column %d is not UTF-8", shorten(c.name), j+1),
				Fix: option.Do("rename the column and write the file again")}
		}
	}
	fail := func(err error) error {
		return &Error{File: file, Err: err}
	}
	if twice := repeated(names); len(twice) > 0 {
		return nil, &Error{File: file, Problem: "columns occur more than once: " + quoted(twice),
			Fix: option.Do("rename or remove all but one of each")}
	}
	roles, err := opt.Assign(names)
	if err != nil {
		return nil, fail(err)
	}
	p := &plan{file: file, Assignment: *roles, columns: columns, first: make([]int, len(columns))}
	if opt.rolesOnly {
		p.DropFeatures()
	}
	var foreign []string
	for j, c := range columns {
		p.first[j] = -1
		switch role := p.Roles[j]; {
		case role == data.RoleIgnore:
		case role != data.RoleFeature && !c.text:
			return nil, &Error{File: file, Column: c.name, Problem: fmt.Sprintf("the %s column holds %s", roleName(role), c.typ),
				Fix: option.Do("use a column of text or whole numbers").Or("choose another with %s", optionOf(role))}
		case role != data.RoleFeature:
		case c.name == "":
			return nil, &Error{File: file, Problem: fmt.Sprintf("column %d of %d has no name", j+1, len(columns)),
				Fix: option.Do("name it")}
		case c.kind != numbers:
			foreign = append(foreign, fmt.Sprintf("%q (%s)", c.name, c.typ))
		case c.width > maxFeatures-len(p.features):
			return nil, &Error{File: file, Column: c.name,
				Problem: fmt.Sprintf("it claims %d features; a table may have %d", c.width, maxFeatures),
				Fix:     option.Do("save it with a row for every item").Or("leave it out with %s", "Ignore")}
		default:
			p.first[j] = len(p.features)
			p.features = appendFeatures(p.features, c)
		}
	}
	if len(foreign) > 0 {
		more := ""
		if k := len(foreign) - maxListed; k > 0 {
			more = fmt.Sprintf(" and %d more", k)
			foreign = foreign[:maxListed]
		}
		return nil, &Error{File: file, Problem: fmt.Sprintf("columns that are no numbers cannot be features: %s%s",
			joined(foreign), more),
			Fix: option.Do("leave them out with %s", "Ignore").Or("name them with %s, %s or %s", "ID", "Label", "Domain")}
	}
	if opt.rolesOnly {
		return p, nil
	}
	if len(p.features) == 0 {
		return nil, &Error{File: file, Problem: "there are no feature columns besides id, label and domain",
			Fix: option.Do("add columns of numbers")}
	}
	if hint.names != nil {
		if len(hint.names) != len(p.features) {
			return nil, &Error{File: file, Problem: fmt.Sprintf("it names %d features and has %d", len(hint.names),
				len(p.features)), Fix: option.Do("write a name for every column of the features")}
		}
		p.features = hint.names
		p.note("features: named by the file")
	}
	if twice := repeated(p.features); len(twice) > 0 {
		return nil, &Error{File: file, Problem: "features get the same name: " + quoted(twice),
			Fix: option.Do("rename the list or the column that spells it")}
	}
	var note string
	if stored := hint.stored; stored.fits(p.features) && opt.Blocks == nil && opt.BlockOf == nil {
		p.blocks, note = stored.blocks(), fmt.Sprintf("blocks: %d, as the file says", len(stored.Blocks))
	} else if p.blocks, note, err = opt.Divide(p.features); err != nil {
		return nil, fail(err)
	}
	p.note("%s", note)
	return p, nil
}

func (p *plan) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

// appendFeatures names the features of a column: a list "hog" has "hog/0", "hog/1", …
func appendFeatures(features []string, c column) []string {
	if !c.list {
		return append(features, c.name)
	}
	for k := range c.width {
		features = append(features, c.name+"/"+strconv.Itoa(k))
	}
	return features
}

func roleName(role data.Role) string {
	return map[data.Role]string{data.RoleID: "id", data.RoleLabel: "label", data.RoleDomain: "domain"}[role]
}

func optionOf(role data.Role) string {
	return map[data.Role]string{data.RoleID: "ID", data.RoleLabel: "Label", data.RoleDomain: "Domain"}[role]
}

// repeated returns the values that occur more than once, each once.
func repeated(all []string) []string {
	seen := make(map[string]int, len(all))
	var twice []string
	for _, s := range all {
		if seen[s]++; seen[s] == 2 {
			twice = append(twice, s)
		}
	}
	return twice
}
