package receipt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Outputs are the outputs of a cell, of which it keeps the digests and some of the text. It takes them as a kernel
// publishes them, and ends up with what a front end keeps: neighbours of one stream are one text, and a text is as a
// terminal shows it in the end, after its carriage returns and backspaces. The zero value is a cell without outputs.
type Outputs struct {
	list  []output
	clear bool // the next output takes the place of all
}

// output is one output: a stream, or a bundle or an error, which has the digest sum.
type output struct {
	stream string // "stdout" or "stderr"; "" = it is none
	text   *settler
	id     string // with which it can be updated
	kind   string
	sum    string
	texts  []string // of a bundle
}

// add adds an output.
func (o *Outputs) add(one output) {
	if o.clear {
		o.list, o.clear = nil, false
	}
	o.list = append(o.list, one)
}

// Stream adds text of "stdout" or "stderr".
func (o *Outputs) Stream(name, text string) {
	if text == "" {
		return
	}
	if n := len(o.list); n == 0 || o.clear || o.list[n-1].stream != name {
		o.add(output{stream: name, text: newSettler()})
	}
	o.list[len(o.list)-1].text.write(text)
}

// Show adds a bundle; kind is "display_data" or "execute_result". What was shown with the same id, "" = none, becomes
// the same: see [Outputs.Update]. Values of MIME types of text may be lists of lines.
func (o *Outputs) Show(kind string, data, metadata map[string]any, id string) {
	o.Update(id, data, metadata)
	o.add(output{id: id, kind: kind, sum: bundle(kind, data, metadata), texts: textsOf(data)})
}

// Update changes what was shown with an id, and reports whether there was such.
func (o *Outputs) Update(id string, data, metadata map[string]any) bool {
	found := false
	for i, one := range o.list {
		if id != "" && one.id == id {
			o.list[i].sum, o.list[i].texts, found = bundle(one.kind, data, metadata), textsOf(data), true
		}
	}
	return found
}

// Error adds an error.
func (o *Outputs) Error(name, value string, traceback []string) {
	o.add(output{sum: sumOf("error", []any{name, value, strings.Join(traceback, "\n")})})
}

// Clear takes all outputs away, at once or when the next comes.
func (o *Outputs) Clear(wait bool) {
	if o.clear = wait; !wait {
		o.list = nil
	}
}

// Digest returns the digest of the outputs. More may come after it.
func (o *Outputs) Digest() string {
	h := sha256.New()
	for _, one := range o.list {
		if one.stream != "" {
			fmt.Fprintf(h, "%s %s\n", one.stream, one.text.digest())
		} else {
			fmt.Fprintf(h, "%s\n", one.sum)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Has reports whether a text is part of the outputs. Of more text than a notebook has it says yes.
func (o *Outputs) Has(text string) bool {
	for _, one := range o.list {
		if one.text != nil && one.text.has(text) ||
			slices.ContainsFunc(one.texts, func(of string) bool { return strings.Contains(of, text) }) {
			return true
		}
	}
	return false
}

// Forget lets go of the text. The digest stays, and more may come; Has knows no more than that.
func (o *Outputs) Forget() {
	for i, one := range o.list {
		if o.list[i].texts = nil; one.text != nil {
			one.text.kept = nil
		}
	}
}

// textsOf returns the texts of a bundle.
func textsOf(data map[string]any) []string {
	var texts []string
	for mime, value := range data {
		if lines, ok := value.([]any); ok && !isJSON(mime) {
			value = joinLines(lines)
		}
		if text, ok := value.(string); ok && !picture(mime) {
			texts = append(texts, text)
		}
	}
	return texts
}

// picture reports whether the text of a MIME type is base64.
func picture(mime string) bool { return strings.HasPrefix(mime, "image/") && mime != "image/svg+xml" }

// bundle returns the digest of what is shown.
func bundle(kind string, data, metadata map[string]any) string {
	joined := map[string]any{}
	for mime, value := range data {
		if lines, ok := value.([]any); ok && !isJSON(mime) {
			value = joinLines(lines)
		}
		joined[mime] = value
	}
	if metadata == nil {
		metadata = map[string]any{}
	}
	return sumOf(kind, []any{joined, metadata})
}

// isJSON reports whether values of a MIME type are JSON, which is never cut into lines.
func isJSON(mime string) bool {
	return mime == "application/json" || strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}

// joinLines returns the text of a list of lines; what is no such list stays.
func joinLines(lines []any) any {
	var text strings.Builder
	for _, line := range lines {
		s, ok := line.(string)
		if !ok {
			return lines
		}
		text.WriteString(s)
	}
	return text.String()
}

// sumOf returns the digest of a JSON value.
func sumOf(kind string, v any) string {
	var b bytes.Buffer
	canonical(&b, v)
	return kind + " " + Digest(b.Bytes())
}

// canonical writes a JSON value in one way: keys sorted, numbers by their value. A number as large as no float is, and
// an integer, is as it was written: browsers write 1.0 as 1.
func canonical(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case map[string]any:
		b.WriteByte('{')
		for _, key := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(strconv.Quote(key) + ":")
			canonical(b, v[key])
			b.WriteByte(',')
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for _, one := range v {
			canonical(b, one)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case json.Number:
		b.WriteString(number(v.String()))
	case float64:
		b.WriteString(number(strconv.FormatFloat(v, 'g', -1, 64)))
	case string:
		b.WriteString(strconv.Quote(v))
	case nil:
		b.WriteString("null")
	default: // a bool, or a number of Go
		fmt.Fprint(b, v)
	}
}

// number returns a number as browsers and Python agree on it.
func number(text string) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !strings.ContainsAny(text, ".eE") {
		return text
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// settler hashes a text as a terminal shows it in the end.
type settler struct {
	sum  hash.Cloner
	line []byte // the last one
	kept []byte // those before
	more bool   // there was more than is kept
}

// keptText is how much text is kept of a stream.
const keptText = 8 << 20

// has reports whether a text is part of this one.
func (s *settler) has(text string) bool {
	return s.more || bytes.Contains(append(slices.Clip(s.kept), settled(s.line)...), []byte(text))
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
