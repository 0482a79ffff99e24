package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/plugin"
)

// receiptsCmd is `receipts`.
type receiptsCmd struct {
	Notebooks []string `arg:"" name:"notebook" help:"Saved notebooks."`
}

// Run puts the receipts that kernels have kept into notebooks that were saved by a front end that knows nothing of them,
// and says of how many cells. What has changed since it was executed has none. A notebook for whose cells none are kept
// stays as it is, and is a failure.
func (r *receiptsCmd) Run(out io.Writer, c *cli) error {
	lab, err := place.Find(c.Dir, ".")
	if err != nil {
		return err
	}
	bad := false
	for _, path := range r.Notebooks {
		nb, before, after, err := stamped(lab, path)
		if err != nil {
			return err
		}
		switch total := executable(nb); {
		case after == 0:
			bad = true
			fmt.Fprintf(out, "%s: no kernel of this lab has kept how its cells were executed as they are now: use `run --inplace`\n",
				short(path))
			continue
		case after < total:
			bad = true
			fmt.Fprintf(out, "%s: %d of %d cells have receipts, the others were changed since, or not executed here\n", short(path),
				after, total)
		default:
			fmt.Fprintf(out, "%s: all %d cells have receipts\n", short(path), total)
		}
		if after == before {
			continue
		}
		if err := nb.Write(path); err != nil {
			return err
		}
	}
	if bad {
		return errFailed
	}
	return nil
}

// stamped returns a saved notebook with the receipts that kernels have kept, and how many cells had a valid one before and
// have one now.
func stamped(lab place.Lab, path string) (nb *notebook.Notebook, before, after int, err error) {
	if nb, err = notebook.Read(path); err != nil {
		return nil, 0, 0, err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, 0, 0, err
	}
	history := filepath.Join(plugin.State(lab.Dir), filepath.Base(lab.History())) // where kernels keep it
	names := []string{filepath.Dir(absolute), absolute}
	if real, err := filepath.EvalSymlinks(absolute); err == nil && real != absolute {
		names = append([]string{filepath.Dir(real), real}, names...)
	}
	// The folder is the name where a front end does not tell the notebook's. Of executions with other code or machines the
	// last one counts, so that those by the notebook's own name come last.
	var kept []receipt.Entry
	for _, name := range names {
		entries, err := receipt.NewJournal(history, name).Entries()
		if err != nil {
			return nil, 0, 0, err
		}
		kept = append(kept, entries...)
	}
	before = nb.Proven()
	nb.Stamp(kept)
	return nb, before, nb.Proven(), nil
}

// executable returns the number of code cells that are not empty.
func executable(nb *notebook.Notebook) int {
	n := 0
	for _, c := range nb.Cells {
		if c.Type() == "code" && !c.Empty() {
			n++
		}
	}
	return n
}
