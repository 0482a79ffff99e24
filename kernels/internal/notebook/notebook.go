// Package notebook reads and writes Jupyter notebooks (nbformat 4), sets their parameters, cleans them for keeping, and
// checks that they are fit to be committed. It executes nothing: the package run does.
//
// The order of a run is [Read], [Notebook.Reset], [Notebook.Inject], [Notebook.Write], the execution, [Read] of its
// result, [Notebook.Clean], [Notebook.Results]. [CheckFile] stands alone.
//
// A notebook is kept as the JSON it was read from, and only what this package is about is looked at and changed: fields
// that Jupyter adds in later minor versions survive. Values are not safe for concurrent use.
package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/kernels/internal/place"
)

// Notebook is a notebook as its JSON holds it. Cells may be inserted, removed and reordered; they are written back in
// their order.
type Notebook struct {
	// raw is the whole document. Its "cells" are those of when it was read; Bytes replaces them by Cells.
	raw   map[string]any
	Cells []*Cell
}

// Cell is one cell of a notebook, a view of its JSON object: changing it changes the notebook. Parse has checked the
// fields that its methods read.
type Cell struct {
	raw map[string]any
}

// Parse reads a notebook from its JSON text. It fails if the text is not JSON or has more after it, if it is not a
// notebook of format 4, and if a field that this package reads has another type; the error names the cell, counted from
// 1, and the field.
func Parse(content []byte) (*Notebook, error) {
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.UseNumber() // numbers are written back as they were read
	var raw map[string]any
	if err := dec.Decode(&raw); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	// The decoder stops after the first value; a file may have two, as a bad merge leaves them.
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not a notebook: more text after its end")
	}
	// Older formats have other names for the same things; JupyterLab converts them.
	if raw["nbformat"] != json.Number("4") {
		return nil, fmt.Errorf("not a notebook of format 4: nbformat is %v; open and save it in JupyterLab",
			raw["nbformat"])
	}
	cells, ok := raw["cells"].([]any)
	if !ok {
		return nil, errors.New("not a notebook: no list of cells")
	}
	nb := &Notebook{raw: raw}
	for i, c := range cells {
		cell, ok := c.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("cell %d is not an object", i+1)
		}
		if err := valid(cell); err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		nb.Cells = append(nb.Cells, &Cell{cell})
	}
	return nb, nil
}

// valid returns an error if a field of a cell that this package reads is not of the type that nbformat 4 gives it.
// Everything after Parse relies on it, and takes what is missing for empty.
func valid(cell map[string]any) error {
	// A field that is missing is fine where nbformat has a default for it; the type of a cell has none.
	if kind, ok := cell["cell_type"].(string); !ok || !slices.Contains([]string{"code", "markdown", "raw"}, kind) {
		return fmt.Errorf("cell_type is %v", cell["cell_type"])
	}
	if _, err := text(cell["source"]); err != nil {
		return fmt.Errorf("source: %w", err)
	}
	outputs, ok := cell["outputs"].([]any)
	if !ok && cell["outputs"] != nil {
		return errors.New("outputs is not a list")
	}
	for i, o := range outputs {
		if _, ok := o.(map[string]any); !ok {
			return fmt.Errorf("output %d is not an object", i+1)
		}
	}
	return nil
}

// Read reads a notebook file, as [Parse] does. Errors carry the file's name; pipes and devices are refused.
func Read(path string) (*Notebook, error) {
	content, err := openfile.ReadPart(path)
	if err != nil {
		return nil, err
	}
	nb, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return nb, nil
}

// Bytes returns the notebook's JSON text as Jupyter writes it, so that saving it there changes no line: keys sorted,
// one space of indent, HTML not escaped, a newline at the end.
func (n *Notebook) Bytes() ([]byte, error) {
	cells := make([]any, len(n.Cells))
	for i, c := range n.Cells {
		cells[i] = c.raw
	}
	n.raw["cells"] = cells
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(n.raw); err != nil {
		return nil, err
	}
	return unescaped(buf.Bytes()), nil
}

// separator matches a backslash with what follows it, where that may be one of the two line separators of Unicode that
// Go escapes in JSON and Python does not.
var separator = regexp.MustCompile(`\\(u202[89]|.)`)

// unescaped writes Unicode's line separators in a JSON text as themselves, as Jupyter does.
func unescaped(text []byte) []byte {
	return separator.ReplaceAllFunc(text, func(m []byte) []byte {
		switch string(m[1:]) {
		case "u2028":
			return []byte("\u2028")
		case "u2029":
			return []byte("\u2029")
		}
		return m
	})
}

// Write writes the notebook to a file, atomically: see [place.WriteFile].
func (n *Notebook) Write(path string) error {
	content, err := n.Bytes()
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return place.WriteFile(path, content, 0o644)
}

// Type returns the cell's type: "code", "markdown" or "raw".
func (c *Cell) Type() string { s, _ := c.raw["cell_type"].(string); return s }

// Source returns the cell's text, with a newline between its lines.
func (c *Cell) Source() string { s, _ := text(c.raw["source"]); return s }

// Empty reports whether the cell has nothing but white space. Jupyter does not execute such a cell.
func (c *Cell) Empty() bool { return strings.TrimSpace(c.Source()) == "" }

// Tags returns the cell's tags, nil if it has none.
func (c *Cell) Tags() []string {
	var tags []string
	meta, _ := c.raw["metadata"].(map[string]any)
	list, _ := meta["tags"].([]any)
	for _, t := range list {
		if s, ok := t.(string); ok {
			tags = append(tags, s)
		}
	}
	return tags
}

// HasTag reports whether the cell has a tag.
func (c *Cell) HasTag(tag string) bool { return slices.Contains(c.Tags(), tag) }

// Count returns the cell's execution count, from 1, or 0 if it was not executed.
func (c *Cell) Count() int {
	// null and a number too large for an int count as not executed.
	n, _ := c.raw["execution_count"].(json.Number)
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return int(i)
}

// Output is one output of a code cell, a view of its JSON object like [Cell].
type Output struct {
	raw map[string]any
}

// Outputs returns the cell's outputs in order, nil if it has none or is not a code cell.
func (c *Cell) Outputs() []Output {
	var outputs []Output
	list, _ := c.raw["outputs"].([]any)
	for _, o := range list {
		if m, ok := o.(map[string]any); ok {
			outputs = append(outputs, Output{m})
		}
	}
	return outputs
}

// Kind returns the output's type: "stream", "display_data", "execute_result" or "error".
func (o Output) Kind() string { s, _ := o.raw["output_type"].(string); return s }

// Stream returns the stream's name ("stdout" or "stderr") and its text; both are "" for other kinds of output.
func (o Output) Stream() (name, content string) {
	if o.Kind() != "stream" {
		return "", ""
	}
	name, _ = o.raw["name"].(string)
	content, _ = text(o.raw["text"])
	return name, content
}

// Data returns the output's content of a MIME type as text, or "" if it has none or it is no text, as for JSON.
func (o Output) Data(mime string) string {
	data, _ := o.raw["data"].(map[string]any)
	s, _ := text(data[mime])
	return s
}

// text joins a multi-line string, which notebooks hold as one string or as a list of lines, each with its newline. A
// field that is missing is "".
func text(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	// Lines carry their newlines, so that they are joined with nothing between.
	case []any:
		var b strings.Builder
		for _, line := range v {
			s, ok := line.(string)
			if !ok {
				return "", fmt.Errorf("%v is not a line of text", line)
			}
			b.WriteString(s)
		}
		return b.String(), nil
	}
	return "", fmt.Errorf("%T is not text", v)
}

// lines splits a text into the list of lines that notebooks hold, each with its newline; that of "" is empty, not nil,
// since null would be another type.
func lines(s string) []any {
	list := []any{}
	for line := range strings.Lines(s) {
		list = append(list, line)
	}
	return list
}
