package notebook

import (
	"bytes"
	"encoding/json"

	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// keyReceipt is the key of a receipt in what the lab says.
const keyReceipt = "receipt"

// CodeDigest returns the digest of the cell's source, as a receipt has it.
func (c *Cell) CodeDigest() string { return receipt.Digest([]byte(c.Source())) }

// OutputsDigest returns the digest of the cell's outputs, as a receipt has it: of their content alone, so that neither
// execution counts nor what editors change when they save a notebook matter. See [receipt.Outputs].
func (c *Cell) OutputsDigest() string {
	var all receipt.Outputs
	for _, o := range c.Outputs() {
		switch kind := o.Kind(); kind {
		case "stream":
			all.Stream(o.Stream())
		case "error":
			name, _ := o.raw["ename"].(string)
			value, _ := o.raw["evalue"].(string)
			all.Error(name, value, textsOf(o.raw["traceback"]))
		default:
			data, _ := o.raw["data"].(map[string]any)
			metadata, _ := o.raw["metadata"].(map[string]any)
			all.Show(kind, data, metadata, "")
		}
	}
	return all.Digest()
}

// textsOf returns a list of texts, as JSON holds it.
func textsOf(v any) []string {
	list, _ := v.([]any)
	var texts []string
	for _, one := range list {
		s, _ := one.(string)
		texts = append(texts, s)
	}
	return texts
}

// Receipt returns how the cell was executed, nil = it does not say, or not so that this version can read it.
func (c *Cell) Receipt() *receipt.Cell { return read[receipt.Cell](labOf(c.raw)[keyReceipt]) }

// SetReceipt records how the cell was executed; nil = it is not known.
func (c *Cell) SetReceipt(r *receipt.Cell) { setLab(c.raw, keyReceipt, written(r)) }

// Receipt returns how the cells with a receipt were executed, nil = it does not say, or not so that this version can
// read it.
func (n *Notebook) Receipt() *receipt.Notebook {
	r := read[receipt.Notebook](labOf(n.raw)[keyReceipt])
	if r == nil || r.Format != receipt.Format {
		return nil
	}
	return r
}

// SetReceipt records how the cells with a receipt were executed; nil = it is not known.
func (n *Notebook) SetReceipt(r *receipt.Notebook) { setLab(n.raw, keyReceipt, written(r)) }

// labOf returns what the lab says in the metadata of a notebook or a cell; nil = nothing.
func labOf(of map[string]any) map[string]any {
	meta, _ := of["metadata"].(map[string]any)
	lab, _ := meta[metaLab].(map[string]any)
	return lab
}

// setLab sets a part of what the lab says; nil takes it away.
func setLab(of map[string]any, key string, value any) {
	lab := labOf(of)
	if value == nil {
		if delete(lab, key); lab != nil && len(lab) == 0 {
			meta, _ := of["metadata"].(map[string]any)
			delete(meta, metaLab)
		}
		return
	}
	meta, _ := of["metadata"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
		of["metadata"] = meta
	}
	if lab == nil {
		lab = map[string]any{}
		meta[metaLab] = lab
	}
	lab[key] = value
}

// read returns a receipt from the JSON that a notebook holds; nil = there is none that can be read.
func read[T any](v any) *T {
	object, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	text, err := json.Marshal(object)
	if err != nil {
		return nil
	}
	r := new(T)
	if json.Unmarshal(text, r) != nil {
		return nil
	}
	return r
}

// written returns a receipt as a notebook holds it, nil for nil.
func written[T any](r *T) any {
	if r == nil {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil { // a struct of texts and numbers
		panic(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		panic(err)
	}
	return v
}
