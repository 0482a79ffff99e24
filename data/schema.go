package data

import (
	"fmt"
	"slices"
	"strings"
)

// NoColumn as the ID, Label or Domain of a [Schema] means that no column has that role, whatever the columns
// are called.
const NoColumn = "-"

// Schema describes the columns of a table. The zero value infers everything from the column names;
// [Schema.Assign] and [Schema.Divide] report what they decided and why, so that any of it can be overridden.
// All formats follow the same rules.
type Schema struct {
	// ID names the column of item ids. "" = the column called "id", else the index that pandas
	// writes (a nameless first column, "Unnamed: 0" or "__index_level_0__"), else the items are numbered
	// "1", "2", … NoColumn = number the items.
	ID string
	// Label names the column of classes. "" = the column called "label", "class" or "target", or their plurals, if any.
	Label string
	// Domain names the column of domains. "" = the column called "domain", if any.
	Domain string
	// Ignore names columns to leave out. All others are features.
	Ignore []string
	// Keep names columns that are features whatever they are called and hold. Others are left out where their names or
	// values say that they number the rows.
	Keep []string
	// Blocks assign features to blocks; of the rules that match a column, the first counts. Columns that no
	// rule matches form blocks by their names, see [BlockName]. nil = all do.
	Blocks []BlockRule
	// BlockOf returns the block of a feature column, "" = the block "features". When set, Blocks
	// must be nil. nil = [BlockName], and one block for all where that gives no runs of columns.
	BlockOf func(column string) string
}

// BlockRule puts features into the block Name: those that begin with Prefix, those that match
// the regular expression Pattern (RE2 syntax, unanchored), or those from First to Last in the
// order of the table, both included. Exactly one of the three is given.
type BlockRule struct {
	// Name is that of the block; several rules may have the same.
	Name    string
	Prefix  string
	Pattern string
	// First and Last are names of features; both are needed.
	First string
	Last  string
}

// Role is what a column of a table is used for. Each column has one.
type Role uint8

// The roles of columns. The zero value is a feature: what no rule claims is one.
const (
	RoleFeature Role = iota
	RoleID
	RoleLabel
	RoleDomain
	RoleIgnore // left out
)

// Assignment is what the columns of a table are used for.
type Assignment struct {
	// Names are all columns of the table, in its order, and Roles those of each.
	Names []string
	Roles []Role
	// Notes say how roles were decided, a sentence each, for people who wonder where a column went.
	Notes []string
}

// note adds a note.
func (a *Assignment) note(format string, args ...any) {
	a.Notes = append(a.Notes, fmt.Sprintf(format, args...))
}

// Guess gives column j, which has no role yet, the id, label or domain's for a reason other than its name. It does
// nothing where another column has that role.
func (a *Assignment) Guess(j int, role Role, why string) {
	if a.Roles[j] != RoleFeature || a.Has(role) {
		return
	}
	a.Roles[j] = role
	none := noColumnNote(role)
	a.Notes = slices.DeleteFunc(a.Notes, func(note string) bool { return note == none })
	a.note("%s: column %q, %s", roleNames[role], a.Names[j], why)
}

// Drop leaves column j out and notes why.
func (a *Assignment) Drop(j int, why string) {
	a.Roles[j] = RoleIgnore
	a.note("column %q %s, and is left out", a.Names[j], why)
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

// Has reports whether some column has that role. At most one has [RoleID], [RoleLabel] or [RoleDomain].
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

// DropFeatures leaves out all columns that would be features: for tables of which only labels or ids are wanted, and
// whose other columns may hold text.
func (a *Assignment) DropFeatures() {
	for j, role := range a.Roles {
		if role == RoleFeature {
			a.Roles[j] = RoleIgnore
		}
	}
}

// String returns the columns that are not features, and how many are.
func (a *Assignment) String() string {
	features, ignored := 0, 0
	var parts []string
	for j, role := range a.Roles {
		switch role {
		case RoleFeature:
			features++
		case RoleIgnore:
			ignored++
		default:
			parts = append(parts, fmt.Sprintf("%s %q", map[Role]string{RoleID: "id", RoleLabel: "label",
				RoleDomain: "domain"}[role], a.Names[j]))
		}
	}
	return strings.Join(append(parts, fmt.Sprintf("%d features", features), fmt.Sprintf("%d left out", ignored)), ", ")
}
