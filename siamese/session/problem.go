package session

import (
	"context"
	"strings"

	"github.com/go-siamese/lab/siamese/session/failure"
)

// Error is a call that failed, as the library says it. It is an [option.Speller]: where its text names options, a front
// prints its own names.
type Error struct {
	Op      string   `json:"op"`   // the call, such as "train"
	Kind    string   `json:"kind"` // one of package failure's
	Text    string   `json:"text"`
	Options []string `json:"options,omitempty"` // that it is about, by their names in the library
	// Spelled is the text with the names of options between the marks U+0002 and U+0003.
	Spelled string `json:"spelled,omitempty"`

	// Where a table is wrong; empty elsewhere.
	File   string `json:"file,omitempty"`
	Row    int64  `json:"row,omitempty"`
	Line   int64  `json:"line,omitempty"`
	Column string `json:"column,omitempty"`
	Fix    string `json:"fix,omitempty"`

	Trace string `json:"trace,omitempty"` // of a panic: where it was
}

// Marks around the names of options in [Error].Spelled. The text of a file cannot hold them: it is quoted.
const (
	markBegin = "\x02"
	markEnd   = "\x03"
)

// Mark returns the name of an option between the marks of [Error].Spelled.
func Mark(option string) string { return markBegin + option + markEnd }

// Error returns the text.
func (e *Error) Error() string {
	if e.Trace != "" {
		return e.Text + "\n" + e.Trace
	}
	return e.Text
}

// Spell returns the text with a front's names of options; where it has none, the option's own.
func (e *Error) Spell(name func(option string) string) string {
	if e.Spelled == "" {
		return e.Error()
	}
	var b strings.Builder
	rest := e.Spelled
	for {
		before, after, found := strings.Cut(rest, markBegin)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		option, left, _ := strings.Cut(after, markEnd)
		if own := name(option); own != "" {
			b.WriteString(own)
		} else {
			b.WriteString(option)
		}
		rest = left
	}
}

// Is makes errors.Is(err, context.Canceled) true for a call that was stopped.
func (e *Error) Is(target error) bool { return target == context.Canceled && e.Kind == failure.Stopped }
