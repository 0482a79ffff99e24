package tableerr

import (
	"errors"
	"io"
	"strings"
)

// Unexpected returns [io.ErrUnexpectedEOF] for an end of file where more was expected, and other errors
// unchanged.
func Unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Shorten cuts a text for an error to about 60 bytes, at the end of a character. A cell may
// be megabytes long.
func Shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// Joined returns the parts with ", " between them.
func Joined(parts []string) string { return strings.Join(parts, ", ") }
