package data

import (
	"fmt"
	"regexp"
	"strings"
)

// Schema says what the columns of a table are. The zero value infers everything from the
// column names; [Schema.Assign] and [Schema.Divide] say what they decided and why, so that
// any of it can be overridden. Every format is read by the same rules.
type Schema struct {
	// ID names the column of item ids. "" = the column called "id", else the index that pandas
	// writes (a nameless first column, or "__index_level_0__"), else the items are numbered
	// "1", "2", … NoColumn = number the items.
	ID string
	// Label names the column of classes. "" = the column called "label" or "class", if any.
	Label string
	// Domain names the column of domains. "" = the column called "domain", if any.
	Domain string
	// Ignore names columns to leave out. All others are features.
	Ignore []string
	// Blocks say which features form which block; of the rules that match a column, the first
	// counts. Columns that no rule matches form blocks by their names. nil = all do.
	Blocks []BlockRule
	// BlockOf returns the block of a feature column, "" = the block "features". When set, Blocks
	// must be nil. nil = [BlockName], and one block for all where that gives no runs of columns.
	BlockOf func(column string) string

	owner string // what messages call the options, "" = Schema
}

// BlockRule puts features into the block Name: those that begin with Prefix, those that match
// the regular expression Pattern (RE2 syntax, unanchored), or those from First to Last in the
// order of the table, both included. Exactly one of the three is given.
type BlockRule struct {
	Name    string
	Prefix  string
	Pattern string
	First   string
	Last    string
}

// Role is what a column of a table is used for.
type Role uint8

// The roles of columns.
const (
	RoleFeature Role = iota
	RoleID
	RoleLabel
	RoleDomain
	RoleIgnore
)

// Assignment is what the columns of a table are used for.
type Assignment struct {
	Names []string // all columns of the table
	Roles []Role   // one for each
	Notes []string // how each was decided, a sentence each
}

func (a *Assignment) note(format string, args ...any) {
	a.Notes = append(a.Notes, fmt.Sprintf(format, args...))
}

// NameOf returns the first column with that role, or "". Use [Assignment.Has] where a column
// may lack a name.
func (a *Assignment) NameOf(role Role) string {
	for j, r := range a.Roles {
		if r == role {
			return a.Names[j]
		}
	}
	return ""
}

// Has says whether some column has that role.
func (a *Assignment) Has(role Role) bool {
	for _, r := range a.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// All returns the columns with that role, in the order of the table.
func (a *Assignment) All(role Role) []string {
	var names []string
	for j, r := range a.Roles {
		if r == role {
			names = append(names, a.Names[j])
		}
	}
	return names
}

// DropFeatures leaves out all columns that would be features.
func (a *Assignment) DropFeatures() {
	for j, role := range a.Roles {
		if role == RoleFeature {
			a.Roles[j] = RoleIgnore
		}
	}
}

// Divide groups features, given in their order, into blocks, and returns a sentence on how it
// was decided. Columns of one block must follow each other: that they do not is an error where
// the schema names the blocks, and one block for all where they are inferred. Rules without
// a name, with none or several criteria, and rules that match nothing are errors.
func (s Schema) Divide(features []string) (blocks []Block, note string, err error) {
	option := s.called() + ".BlockOf"
	blockOf := s.BlockOf
	if len(s.Blocks) > 0 {
		option = s.called() + ".Blocks"
		if blockOf != nil {
			return nil, "", fmt.Errorf("%s and BlockOf are both given; choose one", option)
		}
		if blockOf, err = compileRules(s.Blocks, features); err != nil {
			return nil, "", fmt.Errorf("%s: %w", option, err)
		}
	}
	name := func(k int) string {
		if blockOf == nil {
			return BlockName(features[k])
		}
		if given := blockOf(features[k]); given != "" {
			return given
		}
		return allFeatures
	}
	blocks, again := runs(len(features), name)
	one := []Block{{allFeatures, 0, len(features)}}
	switch {
	case again != "" && blockOf != nil:
		return nil, "", fmt.Errorf("%s: the columns of block %q do not follow each other; reorder the columns, or give the runs different names", option, again)
	case blockOf != nil:
		return blocks, fmt.Sprintf("blocks: %d, as %s says", len(blocks), option), nil
	case again != "":
		return one, fmt.Sprintf("blocks: one, %q, because columns of block %q stand apart from each other", allFeatures, again), nil
	case len(blocks) == len(features) && len(blocks) > 1:
		return one, fmt.Sprintf("blocks: one, %q, because no two column names share a beginning", allFeatures), nil
	}
	return blocks, fmt.Sprintf("blocks: %d, by the beginning of the column names", len(blocks)), nil
}

// called is the name of the options in messages.
func (s Schema) called() string {
	if s.owner != "" {
		return s.owner
	}
	return "Schema"
}

// compileRules returns the function that the rules spell for these features.
func compileRules(rules []BlockRule, features []string) (func(string) string, error) {
	place := positions(features)
	blockOf := make(map[string]string, len(features))
	for k, rule := range rules {
		matches, err := rule.matcher(place, features)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", k+1, err)
		}
		found := false
		for at, column := range features {
			if !matches(at, column) {
				continue
			}
			found = true
			if blockOf[column] == "" {
				blockOf[column] = rule.Name
			}
		}
		if !found {
			return nil, fmt.Errorf("rule %d: no feature is in block %q; the first features are %s", k+1, rule.Name, quoted(features))
		}
	}
	return func(column string) string {
		if name := blockOf[column]; name != "" {
			return name
		}
		return BlockName(column)
	}, nil
}

// matcher returns the test that a rule is.
func (r BlockRule) matcher(place map[string]int, features []string) (func(at int, column string) bool, error) {
	given := 0
	for _, set := range []bool{r.Prefix != "", r.Pattern != "", r.First != "" || r.Last != ""} {
		if set {
			given++
		}
	}
	switch {
	case r.Name == "":
		return nil, fmt.Errorf("it has no name; set BlockRule.Name")
	case given != 1:
		return nil, fmt.Errorf("block %q has %d criteria; set one of Prefix, Pattern, and First with Last", r.Name, given)
	case r.Prefix != "":
		return func(_ int, column string) bool { return strings.HasPrefix(column, r.Prefix) }, nil
	case r.Pattern != "":
		pattern, err := regexp.Compile(r.Pattern)
		if err != nil {
			return nil, fmt.Errorf("block %q: %w", r.Name, err)
		}
		return func(_ int, column string) bool { return pattern.MatchString(column) }, nil
	}
	for _, name := range []string{r.First, r.Last} {
		if _, ok := place[name]; !ok {
			return nil, fmt.Errorf("block %q: no feature %q%s", r.Name, name, didYouMean(name, features))
		}
	}
	first, last := place[r.First], place[r.Last]
	if first > last {
		return nil, fmt.Errorf("block %q: %q stands behind %q in the table; exchange First and Last", r.Name, r.First, r.Last)
	}
	return func(at int, _ string) bool { return first <= at && at <= last }, nil
}
