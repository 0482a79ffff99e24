package notebook

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

// metaLab is the key of the metadata for what the lab says: of the notebook {"version": "0.1.0", "receipt": {...}}, of a
// cell {"receipt": {...}}.
const metaLab = "siamese"

// keptMetadata are the parts of a notebook's metadata that are about the notebook and not about who ran it where. What
// is kept is listed, rather than what goes: editors invent new keys.
var keptMetadata = []string{"kernelspec", "language_info", metaLab, "title", "authors"}

// Clean takes out of an executed notebook what differs from run to run or tells about the machine: timings, editors'
// states, identifiers of displays. Sources, outputs, tags, execution counts, receipts and the version of the lab stay,
// and what the kernel says of its language, which JupyterLab would put back as it is. Cells without an id get one. Cleaning twice is cleaning once.
//
// kernel and display are the kernelspec's name and display name to record; when kernel is "" the notebook's own are
// kept.
func (n *Notebook) Clean(kernel, display string) {
	// nbformat demands metadata, so that one without gets an empty object.
	meta, _ := n.raw["metadata"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
	}
	keepKeys(meta, keptMetadata)
	if kernel != "" {
		meta["kernelspec"] = map[string]any{"name": kernel, "display_name": display, "language": "go"}
	}
	n.raw["metadata"] = meta
	for _, c := range n.Cells {
		c.clean()
	}
	n.identify()
}

// cellID matches what nbformat 4.5 allows as the id of a cell.
var cellID = regexp.MustCompile(`\A[a-zA-Z0-9-_]{1,64}\z`)

// identify makes the notebook one of format 4.5, in which every cell has an id of its own. JupyterLab would give those
// without one a random id whenever it saves.
func (n *Notebook) identify() {
	if minor, _ := n.raw["nbformat_minor"].(json.Number); minor != "5" {
		if v, err := minor.Int64(); err != nil || v < 5 {
			n.raw["nbformat_minor"] = json.Number("5")
		}
	}
	seen := map[string]bool{}
	var without []*Cell
	for _, c := range n.Cells {
		id, _ := c.raw["id"].(string)
		if !cellID.MatchString(id) || seen[id] {
			without = append(without, c)
			continue
		}
		seen[id] = true
	}
	next := 1
	for _, c := range without {
		for seen[fmt.Sprintf("cell-%d", next)] {
			next++
		}
		id := fmt.Sprintf("cell-%d", next)
		c.raw["id"], seen[id] = id, true
	}
}

// clean takes out of one cell what Clean says, and adds the fields that nbformat demands of a code cell.
func (c *Cell) clean() {
	if meta, ok := c.raw["metadata"].(map[string]any); ok {
		// These are what an author sets; what goes are times of execution and the state of editors.
		keepKeys(meta, []string{"tags", "slideshow", "jupyter", "editable", "deletable", metaLab})
	} else {
		c.raw["metadata"] = map[string]any{}
	}
	for _, o := range c.Outputs() {
		// It holds ids with which a running display is updated, other ones in every run.
		delete(o.raw, "transient")
	}
	if c.Type() == "code" {
		if _, ok := c.raw["outputs"]; !ok {
			c.raw["outputs"] = []any{}
		}
		if _, ok := c.raw["execution_count"]; !ok {
			c.raw["execution_count"] = nil
		}
	}
}

// Reset takes all outputs, execution counts and receipts out of the code cells, as before an execution.
func (n *Notebook) Reset() {
	n.SetReceipt(nil)
	for _, c := range n.Cells {
		if c.Type() == "code" {
			c.SetReceipt(nil)
			c.raw["outputs"], c.raw["execution_count"] = []any{}, nil
		}
	}
}

// SetVersion records the version of the lab with which the notebook was executed.
func (n *Notebook) SetVersion(version string) { setLab(n.raw, "version", version) }

// Version returns the version of the lab with which the notebook was executed, or "" if it does not say.
func (n *Notebook) Version() string {
	version, _ := labOf(n.raw)["version"].(string)
	return version
}

// Kernel returns the name of the kernel that the notebook was last used with, or "".
func (n *Notebook) Kernel() string {
	meta, _ := n.raw["metadata"].(map[string]any)
	spec, _ := meta["kernelspec"].(map[string]any)
	name, _ := spec["name"].(string)
	return name
}

// keepKeys removes all keys from a map, in place, but those of keep.
func keepKeys(m map[string]any, keep []string) {
	for key := range m {
		if !slices.Contains(keep, key) {
			delete(m, key)
		}
	}
}
