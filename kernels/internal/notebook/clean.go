package notebook

import "slices"

// metaLab is the key of the notebook's metadata for what the lab says about it: {"version": "0.1.0"}.
const metaLab = "siamese_lab"

// keptMetadata are the parts of a notebook's metadata that are about the notebook and not about who ran it where. What
// is kept is listed, rather than what goes: editors invent new keys.
var keptMetadata = []string{"kernelspec", "language_info", metaLab, "title", "authors"}

// Clean takes out of an executed notebook what differs from run to run or tells about the machine: timings, editors'
// states, identifiers of displays. Sources, outputs, tags, execution counts and the version of the lab stay, and what
// the kernel says of its language, which JupyterLab would put back as it is. Cleaning twice is cleaning once.
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
}

// clean takes out of one cell what Clean says, and adds the fields that nbformat demands of a code cell.
func (c *Cell) clean() {
	if meta, ok := c.raw["metadata"].(map[string]any); ok {
		// These are what an author sets; what goes are times of execution and the state of editors.
		keepKeys(meta, []string{"tags", "slideshow", "jupyter", "editable", "deletable"})
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

// Reset takes all outputs and execution counts out of the code cells, as before an execution.
func (n *Notebook) Reset() {
	for _, c := range n.Cells {
		if c.Type() == "code" {
			c.raw["outputs"], c.raw["execution_count"] = []any{}, nil
		}
	}
}

// SetVersion records the version of the lab with which the notebook was executed.
func (n *Notebook) SetVersion(version string) {
	meta, _ := n.raw["metadata"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
		n.raw["metadata"] = meta
	}
	meta[metaLab] = map[string]any{"version": version}
}

// Version returns the version of the lab with which the notebook was executed, or "" if it does not say.
func (n *Notebook) Version() string {
	meta, _ := n.raw["metadata"].(map[string]any)
	lab, _ := meta[metaLab].(map[string]any)
	version, _ := lab["version"].(string)
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
