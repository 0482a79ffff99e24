package quote

import (
	"io"
	"unicode/utf8"
)

// Writer writes text to another writer with everything escaped that [Lines] escapes. It is the last guard of a stream
// that ends at a terminal: names should have been quoted before, since it lets line ends through. It is not safe for
// concurrent use.
type Writer struct {
	w io.Writer
	// rest is the beginning of a rune whose end has not been written yet.
	rest []byte
	// err is the first error of the other writer.
	err error
}

// NewWriter returns a Writer on w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write writes text, in one call of the other writer. The first bytes of a rune are kept back until the others come.
// It reports all of p as written unless the other writer fails. After that it writes nothing more, and returns the same
// error, so that no text has a hole.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	text := append(w.rest, p...)
	// A rune has up to four bytes: one that is not whole begins in the last three.
	end := len(text)
	for k := 1; k <= min(utf8.UTFMax-1, len(text)); k++ {
		if tail := text[len(text)-k:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				end -= k
			}
			break
		}
	}
	w.rest = append([]byte(nil), text[end:]...)
	if end == 0 {
		return len(p), nil
	}
	if _, w.err = io.WriteString(w.w, Lines(string(text[:end]))); w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

// Close writes what was kept back, escaped, and returns the first error since the beginning: few callers look at that of
// every print. It does not close the other writer.
func (w *Writer) Close() error {
	rest := string(w.rest)
	w.rest = nil
	if w.err == nil && rest != "" {
		_, w.err = io.WriteString(w.w, Lines(rest))
	}
	return w.err
}

// Unwrap returns the other writer, for what has to move the cursor of a terminal: it quotes its own text.
func (w *Writer) Unwrap() io.Writer { return w.w }
