package main

import (
	"bytes"
	"time"
	"unicode/utf8"
)

// maxWords is how much of last words is kept; with more they are output like any other.
const maxWords = 1 << 20

// silence is how long after its last words a program is expected to have ended.
const silence = 300 * time.Millisecond

// begins are what Go's runtime writes first, at the start of a line, when it ends a program.
var begins = [][]byte{[]byte("panic: "), []byte("fatal error: "), []byte("SIGSEGV: "), []byte("SIGABRT: "),
	[]byte("SIGBUS: "), []byte("SIGFPE: "), []byte("SIGILL: "), []byte("SIGQUIT: ")}

// lastWords keeps back what Go's runtime writes to standard error when it ends a program. The zero value is ready.
type lastWords struct {
	text   []byte
	within bool // in a line of other text
	over   bool // there were too many
	at     time.Time
}

// take takes what was written and returns what of it is ordinary output.
func (w *lastWords) take(data []byte, now time.Time) []byte {
	rest := data
	if !w.are() {
		at := w.find(data)
		if at < 0 || w.over {
			return data
		}
		data, rest = data[:at], data[at:]
	} else {
		data = nil
	}
	w.text, w.at = append(w.text, rest...), now
	if len(w.text) > maxWords {
		w.over = true
		return append(bytes.Clone(data), w.release()...)
	}
	return data
}

// find returns where last words begin, or -1.
func (w *lastWords) find(data []byte) int {
	for at := 0; at < len(data); {
		line, _, whole := bytes.Cut(data[at:], []byte("\n"))
		if !w.within {
			for _, begin := range begins {
				if bytes.HasPrefix(line, begin) {
					return at
				}
			}
		}
		w.within = !whole
		at += len(line) + 1
	}
	return -1
}

// are reports whether there are last words.
func (w *lastWords) are() bool { return len(w.text) > 0 }

// until returns how long to wait before they are known to be none, since the program goes on.
func (w *lastWords) until(now time.Time) time.Duration { return silence - now.Sub(w.at) }

// release returns the text, and keeps nothing.
func (w *lastWords) release() []byte {
	text := w.text
	if len(text) > 0 {
		w.within = text[len(text)-1] != '\n'
	}
	w.text = nil
	return text
}

// runes makes text of the pieces of a stream: a rune that is cut between two pieces is whole in the second, and bytes
// that are no text become U+FFFD. The zero value is ready.
type runes struct{ cut []byte }

// whole returns the text of a piece, without a rune that it cuts.
func (r *runes) whole(piece []byte) string {
	data := append(r.cut, piece...)
	r.cut = nil
	for n := 1; n < utf8.UTFMax && n <= len(data); n++ {
		tail := data[len(data)-n:]
		if !utf8.RuneStart(tail[0]) {
			continue
		}
		if !utf8.FullRune(tail) {
			r.cut, data = bytes.Clone(tail), data[:len(data)-n]
		}
		break
	}
	return valid(data)
}

// rest returns the beginning of a rune that never came.
func (r *runes) rest() string { return valid(r.cut) }

// valid returns data as text, with U+FFFD in place of each byte that is none.
func valid(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	var text []byte
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		text = utf8.AppendRune(text, r)
		data = data[n:]
	}
	return string(text)
}
