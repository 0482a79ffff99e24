package main

import (
	"encoding/json"
	"io"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// stamped is what JupyterLab's server puts under "siamese" in the metadata of a notebook and of each of its cells before
// it saves them; null = nothing.
type stamped struct {
	Notebook map[string]any   `json:"notebook"`
	Cells    []map[string]any `json:"cells"`
}

// stamp reads a notebook that is about to be saved at a path, and writes the receipts that it is to have, from what
// kernels have kept in a directory.
func stamp(from io.Reader, to io.Writer, path, history string) error {
	content, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	nb, err := notebook.Parse(content)
	if err != nil {
		return err
	}
	kept, err := receipt.NewJournal(history, path).Entries()
	if err != nil {
		return err
	}
	nb.Stamp(kept)
	var s stamped
	s.Notebook, s.Cells = nb.Lab()
	return json.NewEncoder(to).Encode(s)
}
