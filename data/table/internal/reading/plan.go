package reading

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/blockmeta"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Plan is what becomes of each column of the file. It does not change once it is made and
// may be shared.
type Plan struct {
	File string
	data.Assignment
	Features []string
	Blocks   []data.Block
	First    []int // of each column: the place of its first feature, -1 = it is none
	Columns  []Column
	Settings data.Settings // of the file
	before   int64         // items of the table in other files
}

// Hints are what a file knows about its features beyond the columns. They come from the
// file's metadata or from extra arrays, and may not fit the table, since other tools change
// files without knowing them.
type Hints struct {
	Stored *blockmeta.Blocks // the blocks that this package wrote, nil = none
	Names  []string          // of all features, nil = as the columns are called
	// Settings are those that the features were made with, "" = not known.
	Settings data.Settings
}

// NewPlan gives every column its role by opt and by its name, and names the features and
// their blocks in the order of the columns. Stored blocks are used where they fit and opt
// says nothing of blocks; names that do not fit are an error. All other errors are those of
// a table that cannot be read this way, of type [*tableerr.Error], with what to do. columns
// is kept.
func NewPlan(file string, columns []Column, opt *Options, hint Hints) (*Plan, error) {
	// Names first: all that follows finds columns by them.
	names := make([]string, len(columns))
	for j, c := range columns {
		names[j] = c.Name
		if !utf8.ValidString(c.Name) {
			return nil, &tableerr.Error{File: file, Problem: fmt.Sprintf("the name %q of column %d is not UTF-8",
				tableerr.Shorten(c.Name), j+1),
				Fix: option.Do("rename the column and write the file again")}
		}
	}
	fail := func(err error) error {
		return &tableerr.Error{File: file, Err: err}
	}
	if twice := listing.Repeated(names); len(twice) > 0 {
		return nil, &tableerr.Error{File: file, Problem: "columns occur more than once: " + listing.Quoted(twice),
			Fix: option.Do("rename or remove all but one of each")}
	}
	roles, err := opt.Assign(names)
	if err != nil {
		return nil, fail(err)
	}
	p := &Plan{File: file, Assignment: *roles, Columns: columns, Settings: hint.Settings,
		First:  make([]int, len(columns)),
		before: opt.before}
	p.guess(opt)
	if opt.rolesOnly {
		p.DropFeatures()
	}
	var foreign, texts []string
	for j, c := range columns {
		p.First[j] = -1
		switch role := p.Roles[j]; {
		case role == data.RoleIgnore:
		case role != data.RoleFeature && !c.Text:
			return nil, &tableerr.Error{File: file, Column: c.Name, Problem: fmt.Sprintf("the %s column holds %s",
				RoleName(role), c.Type),
				Fix: option.Do("use a column of text or whole numbers").Or("choose another with %s", OptionOf(role))}
		case role != data.RoleFeature:
		case c.Name == "":
			return nil, &tableerr.Error{File: file, Problem: fmt.Sprintf("column %d of %d has no name", j+1,
				len(columns)),
				Fix: option.Do("name it")}
		case c.Kind != Numbers:
			foreign, texts = append(foreign, fmt.Sprintf("%q (%s)", c.Name, c.Type)), append(texts, c.Name)
		case c.Width > MaxFeatures-len(p.Features):
			return nil, &tableerr.Error{File: file, Column: c.Name,
				Problem: fmt.Sprintf("it claims %d features; a table may have %d", c.Width, MaxFeatures),
				Fix:     option.Do("save it with a row for every item").Or("leave it out with %s", "Ignore")}
		default:
			p.First[j] = len(p.Features)
			p.Features = appendFeatures(p.Features, c)
		}
	}
	if len(foreign) > 0 {
		more := ""
		if k := len(foreign) - listing.MaxListed; k > 0 {
			more = fmt.Sprintf(" and %d more", k)
			foreign = foreign[:listing.MaxListed]
		}
		return nil, &tableerr.Error{File: file, Columns: texts,
			Problem: fmt.Sprintf("columns that are not numbers cannot be features: %s%s",
				tableerr.Joined(foreign), more),
			Fix: option.Do("leave them out with %s", "Ignore").Or("name them with %s, %s or %s", "ID", "Label",
				"Domain")}
	}
	if opt.rolesOnly {
		return p, nil
	}
	if len(p.Features) == 0 {
		return nil, &tableerr.Error{File: file, Problem: "there are no feature columns besides id, label and domain",
			Fix: option.Do("add columns of numbers")}
	}
	if hint.Names != nil {
		if len(hint.Names) != len(p.Features) {
			return nil, &tableerr.Error{File: file, Problem: fmt.Sprintf("it names %d features and has %d",
				len(hint.Names),
				len(p.Features)), Fix: option.Do("write a name for every column of the features")}
		}
		p.Features = hint.Names
		p.note("features: named by the file")
	}
	if twice := listing.Repeated(p.Features); len(twice) > 0 {
		return nil, &tableerr.Error{File: file, Problem: "features get the same name: " + listing.Quoted(twice),
			Fix: option.Do("rename the list or the column that spells it")}
	}
	var note string
	if stored := hint.Stored; stored.Fits(p.Features) && opt.Blocks == nil && opt.BlockOf == nil {
		p.Blocks, note = stored.All(), fmt.Sprintf("blocks: %d, as the file says", len(stored.Blocks))
	} else if p.Blocks, note, err = opt.Divide(p.Features); err != nil {
		return nil, fail(err)
	}
	p.note("%s", note)
	return p, nil
}

// guess gives roles to columns by what they hold: texts below a made-up name, and texts of a column that is called as
// one of row names, which are the ids of their items.
func (p *Plan) guess(opt *Options) {
	open := map[data.Role]bool{data.RoleID: opt.ID == "", data.RoleLabel: opt.Label == "",
		data.RoleDomain: opt.Domain == ""}
	for j, c := range p.Columns {
		if p.Roles[j] != data.RoleFeature || slices.Contains(opt.Keep, c.Name) {
			continue
		}
		if c.Guess != data.RoleFeature && open[c.Guess] {
			p.Guess(j, c.Guess, "by the texts that it begins with")
		}
		if c.Kind != Text || !IsRowName(c.Name) {
			continue
		}
		if open[data.RoleID] {
			p.Guess(j, data.RoleID, "the names of the rows")
		}
		if p.Roles[j] == data.RoleFeature {
			p.Drop(j, "holds the names of the rows")
		}
	}
}

// note appends a sentence to the notes of the explanation.
func (p *Plan) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

// RoleName returns "id", "label" or "domain".
func RoleName(role data.Role) string {
	return map[data.Role]string{data.RoleID: "id", data.RoleLabel: "label", data.RoleDomain: "domain"}[role]
}

// OptionOf returns the name of the option that gives a role its column.
func OptionOf(role data.Role) string {
	return map[data.Role]string{data.RoleID: "ID", data.RoleLabel: "Label", data.RoleDomain: "Domain"}[role]
}
