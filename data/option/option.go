// Package option lets errors carry the names of options as values, so that every front prints its own: Go code the
// field of an options struct, a command its flag, a file its key. No text is searched for names.
//
// A library returns an [Error], or an error of its own with a [Fix] that is a [Speller]. A front prints it by [Text],
// with a function from the name of an option to its own name for it. [Names] says which options an error is about.
package option

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/quote"
)

// Error is a problem with the value of one option.
type Error struct {
	Option string // name of the field ("Blocks"), or key of the setting in a file ("loss.margin")
	Err    error  // the problem; its text does not name the option
}

// Errorf returns an [Error] whose problem is formatted as by [fmt.Errorf], %w included.
func Errorf(option, format string, args ...any) *Error {
	return &Error{option, fmt.Errorf(format, args...)}
}

// Error returns "OPTION: PROBLEM".
func (e *Error) Error() string { return e.Option + ": " + e.Err.Error() }

// Spell returns the same with the name that a front has for the option; where it has none, the option's own.
func (e *Error) Spell(name func(option string) string) string {
	own := name(e.Option)
	if own == "" {
		own = e.Option
	}
	return own + ": " + Text(e.Err, name)
}

// Unwrap returns the problem.
func (e *Error) Unwrap() error { return e.Err }

// Fix is what to do about an error: ways of which one is enough. Each may name options.
type Fix []Way

// Way is one way to mend an error.
type Way struct {
	Text    string   // with a %s for every option, in order
	Options []string // names as in [Error]
}

// Do returns a fix of one way. Text has a %s for every option; other percent signs stand for themselves.
func Do(text string, options ...string) Fix { return Fix{{text, options}} }

// Or returns the fix with one way more, written as for [Do]. It copies: the fix itself stays.
func (f Fix) Or(text string, options ...string) Fix {
	return append(f[:len(f):len(f)], Way{text, options})
}

// String returns the ways with ", or " between them; options are called "option Blocks".
func (f Fix) String() string {
	return f.Spell(func(option string) string { return "option " + option })
}

// Spell returns the same with the names that a front has for the options. A way that names an option which it does not
// have (name returns "") is left out.
func (f Fix) Spell(name func(option string) string) string {
	var ways []string
next:
	for _, way := range f {
		text, rest := "", way.Text
		for _, o := range way.Options {
			own := name(o)
			if own == "" {
				continue next
			}
			before, after, _ := strings.Cut(rest, "%s")
			text, rest = text+before+own, after
		}
		ways = append(ways, text+rest)
	}
	return strings.Join(ways, ", or ")
}

// Options returns the names of all options that the fix speaks of.
func (f Fix) Options() []string {
	var names []string
	for _, way := range f {
		names = append(names, way.Options...)
	}
	return names
}

// Speller is an error that names options and prints itself with other names for them. Spell includes the errors that it
// wraps; name returns "" for an option that the front does not have.
type Speller interface {
	error
	Spell(name func(option string) string) string
}

// Text returns the text of an error with a front's own names for the options that it and the errors it wraps name. A
// wrapping error has to include the text of what it wraps, as that of fmt.Errorf with %w and of errors.Join does. Names
// of files in errors of the standard library are quoted where they have to be, see [quote.Library].
func Text(err error, name func(option string) string) string {
	return quote.Replaced(err, func(err error) (string, bool) {
		if s, ok := err.(Speller); ok { //nolint:errorlint // Replaced looks at what is wrapped
			return s.Spell(name), true
		}
		return quote.Library(err)
	})
}

// Under returns err with the options of every [Error] in it named below a prefix: with "loss." the option "margin" is
// "loss.margin". Only err itself and the errors that it joins are looked at. nil stays nil.
func Under(prefix string, err error) error {
	switch e := err.(type) { //nolint:errorlint // joined errors one by one
	case *Error:
		return &Error{prefix + e.Option, e.Err}
	case interface{ Unwrap() []error }:
		var all []error
		for _, inner := range e.Unwrap() {
			all = append(all, Under(prefix, inner))
		}
		return errors.Join(all...)
	}
	return err
}

// Names returns the option of every [Error] in err, in order.
func Names(err error) []string {
	var names []string
	if e, ok := err.(*Error); ok { //nolint:errorlint // what it wraps comes below
		names = append(names, e.Option)
	}
	for _, inner := range quote.Inside(err) {
		names = append(names, Names(inner)...)
	}
	return names
}

// Choices returns the words, quoted, as a choice to offer in a message: "a", "b" or "c"; "" for no words.
func Choices(words []string) string {
	out := ""
	for i, w := range words {
		switch {
		case i > 0 && i == len(words)-1:
			out += " or "
		case i > 0:
			out += ", "
		}
		out += fmt.Sprintf("%q", w)
	}
	return out
}
