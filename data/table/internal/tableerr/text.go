package tableerr

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const MaxListed = 5

// Quoted lists names for an error, in quotes and capped.
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

func Unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func Shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func Joined(parts []string) string { return strings.Join(parts, ", ") }
