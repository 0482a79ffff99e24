package table

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/option"
)

// Error is what is wrong with a table, and where.
type Error struct {
	File    string
	Line    int        // 1-based line of a text file where the row starts, 0 = the whole file, or none
	Row     int64      // 1-based item of other files, 0 = the whole file or column
	Column  string     // name of the column or array, "" = all
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

func (e *Error) join(cause, fix string) string {
	parts := []string{"table: " + e.File}
	if e.Line > 0 {
		parts[0] += fmt.Sprintf(":%d", e.Line)
	}
	if e.Row > 0 {
		parts = append(parts, fmt.Sprintf("row %d", e.Row))
	}
	if e.Column != "" {
		parts = append(parts, fmt.Sprintf("column %q", e.Column))
	}
	problem := e.Problem
	if e.Text != "" {
		problem = fmt.Sprintf("%q %s", shorten(e.Text), e.Problem)
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

// guard turns a panic of a decoder, which bad files can provoke, into an error. It is deferred
// in every goroutine that decodes.
func guard(file string, err *error) {
	if cause := recover(); cause != nil {
		*err = &Error{File: file, Problem: "the file is damaged",
			Fix: option.Do("write or copy it again"), Err: caughtError(cause)}
	}
}

func caughtError(cause any) error {
	if err, ok := cause.(error); ok {
		var fault runtime.Error
		if errors.As(err, &fault) {
			return fmt.Errorf("decoding stopped (%w)", err)
		}
		return err
	}
	return fmt.Errorf("decoding stopped (%v)", cause)
}

// damaged wraps an error of a decoder; errors of this package, of the caller and of a cancelled
// context pass as they are.
func damaged(file string, err error) error {
	var ours *Error
	var stop *stopped
	if err == nil || errors.As(err, &ours) || errors.As(err, &stop) || errors.Is(err, context.Canceled) || errors.Is(err,
		context.DeadlineExceeded) {
		return err
	}
	return &Error{File: file, Problem: "the file is damaged or cut off",
		Fix: option.Do("write or copy it again"), Err: err}
}

// stopped is an error of the caller's own functions: nothing is wrong with the file.
type stopped struct{ err error }

func (s *stopped) Error() string { return "table: reading stopped: " + s.err.Error() }

func (s *stopped) Unwrap() error { return s.err }

const maxListed = 5

// quoted lists names for an error, in quotes and capped.
func quoted(names []string) string {
	shown := make([]string, 0, maxListed)
	for _, s := range names[:min(len(names), maxListed)] {
		shown = append(shown, strconv.Quote(s))
	}
	text := strings.Join(shown, ", ")
	if len(names) > maxListed {
		text += fmt.Sprintf(" and %d more", len(names)-maxListed)
	}
	return text
}
