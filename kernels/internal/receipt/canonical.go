package receipt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

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
