package notebook

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Part is one form of an output's content.
type Part struct {
	MIME string // such as "text/html"; of a stream "stdout" or "stderr", of an error "error"
	Text string // text as it is, other data as JSON with its keys sorted, a line each
}

// Parts returns what an output has, sorted by MIME type: a display in all its forms, with the metadata of each as a part
// "metadata" where there is some; one part of a stream and of an error, which is its name, value and traceback. Of a
// widget the text that stands for it is taken: the widget itself ended with its kernel.
func (o Output) Parts() []Part {
	if name, content := o.Stream(); name != "" {
		return []Part{{name, content}}
	}
	if o.Kind() == "error" {
		name, _ := o.raw["ename"].(string)
		value, _ := o.raw["evalue"].(string)
		trace, _ := o.raw["traceback"].([]any)
		all := name + ": " + value
		for _, line := range trace {
			s, _ := line.(string)
			all += "\n" + s
		}
		return []Part{{"error", all}}
	}
	data, _ := o.raw["data"].(map[string]any)
	var parts []Part
	for _, mime := range slices.Sorted(maps.Keys(data)) {
		if _, plain := data["text/plain"]; plain && mime == "application/vnd.jupyter.widget-view+json" {
			continue
		}
		s, err := text(data[mime])
		if err != nil || strings.HasSuffix(mime, "json") {
			s = jsonText(data[mime])
		}
		parts = append(parts, Part{mime, s})
	}
	if meta, _ := o.raw["metadata"].(map[string]any); len(meta) > 0 {
		parts = append(parts, Part{"metadata", jsonText(meta)})
	}
	return parts
}

// jsonText returns a value as JSON, one key or item a line.
func jsonText(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		return "" // it was read from JSON
	}
	return b.String()
}
