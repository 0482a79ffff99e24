package receipt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
)

// settler hashes a text as a terminal shows it in the end.
type settler struct {
	sum  hash.Cloner
	line []byte // the last one
	kept []byte // those before
	more bool   // there was more than is kept
}

// keptText is how much text is kept of a stream.
const keptText = 8 << 20

// shown returns the text, and whether it was kept whole.
func (s *settler) shown() (text string, whole bool) {
	return string(s.kept) + string(settled(s.line)), !s.more
}

// newSettler returns one of an empty text.
func newSettler() *settler {
	sum, ok := sha256.New().(hash.Cloner)
	if !ok { // of the standard library it is one
		panic("SHA-256 cannot be cloned")
	}
	return &settler{sum: sum}
}

// write adds text.
func (s *settler) write(text string) {
	for {
		line, rest, ended := strings.Cut(text, "\n")
		s.line = append(s.line, line...)
		if !ended {
			return
		}
		shown := append(settled(s.line), '\n')
		s.sum.Write(shown)
		if len(s.kept)+len(shown) > keptText {
			s.kept, s.more = nil, true
		}
		if !s.more {
			s.kept = append(s.kept, shown...)
		}
		s.line, text = s.line[:0], rest
	}
}

// digest returns the digest of the text up to now.
func (s *settler) digest() string {
	h, err := s.sum.Clone()
	if err != nil { // SHA-256 can be cloned
		panic(err)
	}
	h.Write(settled(s.line))
	return hex.EncodeToString(h.Sum(nil))
}

// settled returns a line after its carriage returns and backspaces.
func settled(line []byte) []byte {
	if !bytes.ContainsAny(line, "\r\b") {
		return line
	}
	var shown []rune
	at := 0
	for _, r := range string(line) {
		switch {
		case r == '\r':
			at = 0
		case r == '\b':
			at = max(0, at-1)
		case at < len(shown):
			shown[at] = r
			at++
		default:
			shown = append(shown, r)
			at++
		}
	}
	return []byte(string(shown))
}
