package notebook

import (
	"maps"

	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// Keys of what a kernel says of a cell, as the driver of a run leaves it in the cell's metadata.
const (
	keyCell     = "cell"
	keyNotebook = "notebook"
)

// Seal puts the receipts in their places that the kernel gave for the cells of an execution, with the digests of the
// outputs as they are in the notebook now. kernel is the name of the kernel's spec, sets are the parameters that were
// set. A notebook's receipt holds for all of its cells: those that were executed with something else than the last one,
// such as other code of the lab, have none; they are returned, counted from 1.
func (n *Notebook) Seal(kernel string, sets []Set) (other []int) {
	var whole *receipt.Notebook
	told := map[*Cell]*receipt.Notebook{}
	for _, c := range n.Cells {
		lab := labOf(c.raw)
		cell, notebook := read[receipt.Cell](lab[keyCell]), read[receipt.Notebook](lab[keyNotebook])
		for _, key := range []string{keyCell, keyNotebook, keyReceipt} {
			setLab(c.raw, key, nil)
		}
		if cell == nil || notebook == nil || cell.Code != c.CodeDigest() {
			continue
		}
		cell.Outputs = c.OutputsDigest()
		c.SetReceipt(cell)
		told[c], whole = notebook, notebook
	}
	for i, c := range n.Cells {
		if told[c] != nil && !told[c].Like(*whole) {
			c.SetReceipt(nil)
			other = append(other, i+1)
		}
	}
	if whole != nil {
		whole.Kernel, whole.Parameters = kernel, map[string]string{}
		for _, set := range sets {
			whole.Parameters[set.Name] = set.Value
		}
	}
	n.SetReceipt(whole)
	return other
}

// Stamp brings the receipts of a notebook that is saved by hand in step with its cells, from the executions that kernels
// have kept, the last one last. A receipt stays where code and outputs are still those that were executed. A cell whose
// code and outputs are those of a kept execution gets that one's receipt; any other has none. All are of one kind of
// execution, that of the last: see [Notebook.Seal].
func (n *Notebook) Stamp(kept []receipt.Entry) {
	whole := n.Receipt()
	valid, found := map[*Cell]bool{}, map[*Cell][]receipt.Entry{}
	last, missing := -1, false
	for _, c := range n.Cells {
		if c.Type() != "code" {
			continue
		}
		code, outputs := c.CodeDigest(), c.OutputsDigest()
		if r := c.Receipt(); whole != nil && r != nil && r.Code == code && r.Outputs == outputs {
			valid[c] = true
		}
		for i, e := range kept {
			if e.Cell.Code != code || e.Cell.Outputs != outputs {
				continue
			}
			found[c] = append(found[c], e)
			if !valid[c] {
				last, missing = max(last, i), true
			}
		}
	}
	if missing && (whole == nil || !whole.Like(kept[last].Notebook)) {
		e := kept[last].Notebook
		whole = &e
		whole.Kernel = n.Kernel()
		n.SetVersion(whole.Lab.Version)
		clear(valid)
	}
	any := false
	for _, c := range n.Cells {
		if valid[c] {
			any = true
			continue
		}
		var r *receipt.Cell
		for _, e := range found[c] {
			if e.Notebook.Like(*whole) {
				r, any = &e.Cell, true
			}
		}
		c.SetReceipt(r)
	}
	if !any {
		whole = nil
	}
	n.SetReceipt(whole)
}

// Proven returns the number of code cells, but empty ones, whose receipt is about their code and outputs as they are.
func (n *Notebook) Proven() int {
	proven := 0
	for _, c := range n.Cells {
		if c.Type() != "code" || c.Empty() || n.Receipt() == nil {
			continue
		}
		if r := c.Receipt(); r != nil && r.Code == c.CodeDigest() && r.Outputs == c.OutputsDigest() {
			proven++
		}
	}
	return proven
}

// Lab returns what the lab says in the metadata of the notebook and of each of its cells; nil = nothing.
func (n *Notebook) Lab() (notebook map[string]any, cells []map[string]any) {
	for _, c := range n.Cells {
		cells = append(cells, maps.Clone(labOf(c.raw)))
	}
	return maps.Clone(labOf(n.raw)), cells
}
