package tableerr

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// MaxListed is how many names an error lists before "and 17 more".
const MaxListed = 5

// Quoted lists names for an error, in quotes, at most [MaxListed] of them and a count of the others.
func Quoted(names []string) string {
	shown := make([]string, 0, MaxListed)
	for _, s := range names[:min(len(names), MaxListed)] {
		shown = append(shown, strconv.Quote(s))
	}
	text := strings.Join(shown, ", ")
	if len(names) > MaxListed {
		text += fmt.Sprintf(" and %d more", len(names)-MaxListed)
	}
	return text
}

// Unexpected returns [io.ErrUnexpectedEOF] for an end of file where more was expected, and other errors
// unchanged.
func Unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Shorten cuts a text for an error to about 60 bytes.
func Shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// Joined returns the parts with ", " between them.
func Joined(parts []string) string { return strings.Join(parts, ", ") }
