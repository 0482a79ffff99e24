package data

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/option"
)

// roleNames are the roles in words.
var roleNames = map[Role]string{RoleID: "id", RoleLabel: "label", RoleDomain: "domain"}

// noColumnNote is the note on a role that no column has.
func noColumnNote(role Role) string { return roleNames[role] + ": no column is called so" }

// pandasIndex matches what pandas calls an index that has no name: __index_level_0__ in Parquet and Arrow, "Unnamed: 0"
// where it read a nameless column of text, and "Unnamed: 0.1" where it did so twice.
var pandasIndex = regexp.MustCompile(`^(__index_level_\d+__|Unnamed: 0(\.\d+)*)$`)

// isIndex reports whether column j is by its name an index that pandas wrote: one of [pandasIndex], a nameless first
// column, or "Unnamed: 1" and so on right behind such columns, which are levels of the same index.
func isIndex(names []string, j int) bool {
	name := names[j]
	switch {
	case name == "":
		return j == 0
	case strings.HasPrefix(name, "Unnamed: "):
		return pandasIndex.MatchString(name) || j > 0 && name == fmt.Sprintf("Unnamed: %d", j) && isIndex(names, j-1)
	}
	return strings.HasPrefix(name, "__index_level_") && pandasIndex.MatchString(name)
}

// hasLevels reports whether the names are those of an index of several levels, of which none alone tells items apart.
func hasLevels(names []string) bool {
	for j, name := range names {
		if name != "__index_level_0__" && strings.HasPrefix(name, "__index_level_") ||
			strings.HasPrefix(name, "Unnamed: ") && !pandasIndex.MatchString(name) {
			if isIndex(names, j) {
				return true
			}
		}
	}
	return false
}

// inferredRole returns the role that a column has by its name alone, in upper or lower case; [RoleFeature] for most.
func inferredRole(column string) Role {
	switch strings.ToLower(column) {
	case "id":
		return RoleID
	case "label", "labels", "class", "classes", "target", "targets":
		return RoleLabel
	case "domain":
		return RoleDomain
	}
	return RoleFeature
}

// Assign gives the columns of a table their roles: first what the schema names, then by column
// name. names are all columns in their order, unique. Errors name the option: columns that are
// not there or are named twice, and two columns that could have the same role. All are of type
// [*option.Error].
func (s Schema) Assign(names []string) (*Assignment, error) {
	p := &Assignment{Names: names, Roles: make([]Role, len(names))}
	place := selection.Positions(names)
	taken := make(map[string]string) // column -> the option that named it
	// claim gives a column the role that the option name asks for.
	claim := func(name, column string, role Role) error {
		j, ok := place[column]
		if !ok {
			return option.Errorf(name, "no column %q%s", column, listing.DidYouMean(column, names))
		}
		if other, ok := taken[column]; ok {
			return option.Errorf(name, "column %q has the role %s already; a column has one role", column, other)
		}
		taken[column] = strings.ToLower(name)
		p.Roles[j] = role
		return nil
	}
	for _, column := range s.Ignore {
		if err := claim("Ignore", column, RoleIgnore); err != nil {
			return nil, err
		}
	}
	for _, column := range s.Keep {
		if err := claim("Keep", column, RoleFeature); err != nil {
			return nil, err
		}
	}
	given := []struct {
		option, column string
		role           Role
	}{{"ID", s.ID, RoleID}, {"Label", s.Label, RoleLabel}, {"Domain", s.Domain, RoleDomain}}
	for _, g := range given {
		if g.column == "" || g.column == NoColumn {
			continue
		}
		if err := claim(g.option, g.column, g.role); err != nil {
			return nil, err
		}
		p.note("%s: column %q, as given", strings.ToLower(g.option), g.column)
	}
	for _, g := range given {
		switch g.column {
		case NoColumn:
			p.note("%s: none, as given", strings.ToLower(g.option))
		case "":
			if err := p.infer(g.option, g.role, taken); err != nil {
				return nil, err
			}
		}
	}
	for j := range names {
		if taken[names[j]] == "" && isIndex(names, j) {
			p.assignIndex(j, s.ID)
		}
	}
	return p, nil
}

// infer looks for the column of a role that no option names. name is that of the option, and taken holds the columns
// that have a role already. Two columns that could have it are an error: a guess would silently train on the other as
// a feature, and a label among the features makes every test meaningless.
func (a *Assignment) infer(name string, role Role, taken map[string]string) error {
	found := -1
	index := false // there is a nameless column that may hold the ids
	for j, column := range a.Names {
		index = index || taken[column] == "" && isIndex(a.Names, j)
		if inferredRole(column) != role || taken[column] != "" {
			continue
		}
		if found >= 0 {
			return option.Errorf(name, "both %q and %q could be the %s; "+
				"say which, and ignore the other unless it is a feature",
				a.Names[found], column, strings.ToLower(name))
		}
		found = j
	}
	if found >= 0 {
		a.Roles[found] = role
		a.note("%s: column %q, by its name", strings.ToLower(name), a.Names[found])
		return nil
	}
	// The index of pandas may still turn out to hold the ids: see assignIndex.
	if role != RoleID || !index {
		a.Notes = append(a.Notes, noColumnNote(role))
	}
	return nil
}

// assignIndex gives a role to column j, which pandas writes for its index: the ids where nothing else is (id is the
// option and "" here), else none. As a feature it would be a row number, which tells the order of the items.
func (a *Assignment) assignIndex(j int, id string) {
	if a.Roles[j] != RoleFeature {
		return
	}
	which := "the first column, which has no name, as in an index written by pandas"
	if a.Names[j] != "" {
		which = fmt.Sprintf("column %q, the index written by pandas", a.Names[j])
	}
	if id == "" && !a.Has(RoleID) && !hasLevels(a.Names) {
		a.Roles[j] = RoleID
		a.note("id: %s", which)
		return
	}
	a.Roles[j] = RoleIgnore
	if a.Names[j] != "" {
		a.note("%s, is left out", which)
		return
	}
	a.note("the first column has no name, as in an index written by pandas, and is left out")
}
