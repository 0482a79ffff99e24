package notebook

import (
	"bytes"
	"encoding/json"
	"maps"
	"path"
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

// Untag takes a tag from the cell. An injected cell without its tag is a cell like others: a run keeps it as it is.
func (c *Cell) Untag(tag string) {
	meta, _ := c.raw["metadata"].(map[string]any)
	if list, ok := meta["tags"].([]any); ok {
		meta["tags"] = slices.DeleteFunc(slices.Clone(list), func(t any) bool { return t == tag })
	}
}

// ID returns what tells the cell from others of its notebook, "" = it has no id: see [Notebook.Clean].
func (c *Cell) ID() string { id, _ := c.raw["id"].(string); return id }

// RunFolders returns the folders of the notebook's own files, as far as its parameters say: the values of
// [ParameterRuns] in the parameters' cell and in an injected one, with forward slashes.
func (n *Notebook) RunFolders() []string {
	var folders []string
	for _, c := range n.Cells {
		if c.Type() != "code" || !c.HasTag(TagParameters) && !c.HasTag(TagInjected) {
			continue
		}
		declared, err := declarations(c.Source())
		if err != nil {
			continue // it will not compile: nothing is written then
		}
		for _, p := range declared.parameters {
			if folder, ok := p.text(); ok && p.name == ParameterRuns {
				folders = append(folders, path.Clean(folder))
			}
		}
	}
	return folders
}
