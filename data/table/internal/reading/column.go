package reading

import (
	"strconv"

	"github.com/go-siamese/lab/data"
)

// Kind is what a column of a typed file holds. Text files have no types: all their columns
// are Numbers that may serve as text.
type Kind uint8

// Kinds of columns.
const (
	Numbers Kind = iota // numbers and truth values
	Text                // text, or numbers that may serve as text
	Other               // dates, maps and the like
)

// Column describes a column as the file does, before it has a role.
type Column struct {
	Name  string
	Kind  Kind
	Type  string // for messages
	Width int    // how many features: more than 1 for a list of numbers
	List  bool   // a list, even of one
	Text  bool   // may hold ids, labels and domains
	// Guess is the role of a column that has only a made-up name, by what it holds; zero = none is guessed. It counts
	// where no other column has that role and the options name none.
	Guess data.Role
}

// MaxFeatures bounds what a header may claim before a value is read: each feature has a
// name, so a list of a billion values would take gigabytes in names alone.
const MaxFeatures = 1 << 20

// appendFeatures appends the names of the features of a column: a list "hog" has "hog/0",
// "hog/1", … even where it has one value, so that names do not depend on the width.
func appendFeatures(features []string, c Column) []string {
	if !c.List {
		return append(features, c.Name)
	}
	for k := range c.Width {
		features = append(features, c.Name+"/"+strconv.Itoa(k))
	}
	return features
}
