package quote

import (
	"io/fs"
	"os"
	"regexp/syntax"
	"strings"
)

// Error returns the text of an error, made safe for printing on several lines: names of files and patterns in errors of
// the standard library, which are in it as they are, are quoted by [Library], and all else is escaped as by [Lines].
// nil = "".
//
// It finds those errors in whatever wraps them, as long as the wrapping text contains theirs.
func Error(err error) string {
	if err == nil {
		return ""
	}
	return Lines(withNames(err))
}

// Replaced returns the text of an error in which own says what err, or an error that it wraps, is called instead of its
// own text; ok = false leaves that as it is. A wrapping error has to include the text of what it wraps, as that of
// fmt.Errorf with %w and of errors.Join does.
func Replaced(err error, own func(error) (text string, ok bool)) string {
	if text, ok := own(err); ok {
		return text
	}
	text, rest := "", err.Error()
	for _, inner := range Inside(err) {
		if before, after, found := strings.Cut(rest, inner.Error()); found {
			text, rest = text+before+Replaced(inner, own), after
		}
	}
	return text + rest
}

// withNames returns the text of an error with the names of files in it quoted.
func withNames(err error) string { return Replaced(err, Library) }

// Library returns the text of an error of the standard library that carries names of files or a regular expression,
// with these quoted, and whether err is such an error itself: those that it wraps are not looked at.
func Library(err error) (text string, ok bool) {
	switch e := err.(type) { //nolint:errorlint // what is wrapped is the caller's to look for
	case *fs.PathError:
		return e.Op + " " + Text(e.Path) + ": " + withNames(e.Err), true
	case *os.LinkError:
		return e.Op + " " + Text(e.Old) + " " + Text(e.New) + ": " + withNames(e.Err), true
	case *syntax.Error:
		return "error parsing regexp: " + e.Code.String() + ": " + Quoted(e.Expr), true
	}
	return "", false
}

// Inside returns the errors that err wraps directly, nil when there are none. [errors.Unwrap] does not see joined ones.
func Inside(err error) []error {
	switch e := err.(type) { //nolint:errorlint // this is the unwrapping
	case interface{ Unwrap() []error }:
		return e.Unwrap()
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return []error{inner}
		}
	}
	return nil
}
