// Package tableerr holds the error of tables, [Error], which says where in a file something
// is wrong, and what decoders need to return it: [Guard] for those that panic, [Damaged]
// for those that return errors of their own.
package tableerr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
)

// ErrNoRows is the cause of the error for a sound table without items: as a part of a folder it is none.
var ErrNoRows = errors.New("the table has no rows")

// Error is what is wrong with a table, and where. Programs look at the fields, people at
// the text. Fix and Err may name options of reading, which every front spells in its own
// way.
type Error struct {
	File    string
	Line    int        // 1-based line of a text file where the row starts, 0 = the whole file, or none
	Row     int64      // 1-based item of other files, 0 = the whole file or column
	Column  string     // name of the column or array, "" = all
	Columns []string   // of several the names, nil = it is about Column
	Text    string     // the offending text, "" = none; cut in messages when long
	Problem string     // what is wrong, with Text as its subject where given; "" = see Err
	Fix     option.Fix // what to do, nil = nothing is known to help
	Err     error      // from a decoder, or of type *option.Error; may be nil
}

// Error returns one line: file:line: row: column: text problem: cause; fix.
func (e *Error) Error() string {
	cause := ""
	if e.Err != nil {
		cause = e.Err.Error()
	}
	return e.join(cause, e.Fix.String())
}

// Spell is Error with a front's own names of options. It makes Error an [option.Speller].
func (e *Error) Spell(name func(string) string) string {
	cause := ""
	if e.Err != nil {
		cause = option.Text(e.Err, name)
	}
	return e.join(cause, e.Fix.Spell(name))
}

// join makes the line of [Error.Error] from the texts of cause and fix; either may be "".
func (e *Error) join(cause, fix string) string {
	parts := []string{"table: " + quote.Text(e.File)}
	if e.Line > 0 {
		parts[0] += fmt.Sprintf(":%d", e.Line)
	}
	if e.Row > 0 {
		parts = append(parts, fmt.Sprintf("row %d", e.Row))
	}
	if e.Column != "" {
		parts = append(parts, fmt.Sprintf("column %q", e.Column))
	}
	problem := quote.Line(e.Problem)
	if e.Text != "" {
		problem = fmt.Sprintf("%q %s", Shorten(e.Text), e.Problem)
	}
	for _, part := range []string{problem, cause} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	text := strings.Join(parts, ": ")
	if fix != "" {
		text += "; " + fix
	}
	return text
}

// Unwrap returns what a decoder said.
func (e *Error) Unwrap() error { return e.Err }
