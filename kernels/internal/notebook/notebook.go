// Package notebook reads and writes Jupyter notebooks (nbformat 4), sets their parameters, cleans them for keeping,
// and checks that they are fit to be committed.
package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// Notebook is a notebook as its JSON holds it: what is not looked at is kept as it is.
type Notebook struct {
	raw   map[string]any
	Cells []*Cell
}

// Cell is one cell of a notebook.
type Cell struct {
	raw map[string]any
}

// Parse reads a notebook from its JSON text. It fails if the text is not JSON, or not a notebook of format 4;
// the error names the cell (counted from 1) and the field.
func Parse(content []byte) (*Notebook, error) {
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.UseNumber() // numbers are written back as they were read
	var raw map[string]any
	if err := dec.Decode(&raw); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not a notebook: more text after its end")
	}
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

// valid checks the fields of a cell that this package reads.
func valid(cell map[string]any) error {
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

// Read reads a notebook file. Errors carry the file's name.
func Read(path string) (*Notebook, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	nb, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return nb, nil
}

// Bytes returns the notebook's JSON text as Jupyter writes it: keys sorted, one space of indent, a newline at the end.
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
	return buf.Bytes(), nil
}

// Write writes the notebook to a file, atomically.
func (n *Notebook) Write(path string) error {
	content, err := n.Bytes()
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return place.WriteFile(path, content, 0o644)
}

// Type is the cell's type: "code", "markdown" or "raw".
func (c *Cell) Type() string { s, _ := c.raw["cell_type"].(string); return s }

// Source is the cell's text.
func (c *Cell) Source() string { s, _ := text(c.raw["source"]); return s }

// Empty reports whether the cell has nothing but white space.
func (c *Cell) Empty() bool { return strings.TrimSpace(c.Source()) == "" }

// Tags are the cell's tags.
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

// Count is the cell's execution count, or 0 if it was not executed.
func (c *Cell) Count() int {
	n, _ := c.raw["execution_count"].(json.Number)
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return int(i)
}

// Output is one output of a code cell.
type Output struct {
	raw map[string]any
}

// Outputs are the cell's outputs.
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

// Kind is the output's type: "stream", "display_data", "execute_result" or "error".
func (o Output) Kind() string { s, _ := o.raw["output_type"].(string); return s }

// Stream returns the stream's name ("stdout" or "stderr") and its text; both are empty for other kinds of output.
func (o Output) Stream() (name, content string) {
	if o.Kind() != "stream" {
		return "", ""
	}
	name, _ = o.raw["name"].(string)
	content, _ = text(o.raw["text"])
	return name, content
}

// Data returns the output's content of a MIME type as text, or "" if it has none.
func (o Output) Data(mime string) string {
	data, _ := o.raw["data"].(map[string]any)
	s, _ := text(data[mime])
	return s
}

// text joins a multi-line string, which notebooks hold as one string or as a list of lines.
func text(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
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

// lines splits a text into the list of lines that notebooks hold, each with its newline.
func lines(s string) []any {
	list := []any{}
	for line := range strings.Lines(s) {
		list = append(list, line)
	}
	return list
}
