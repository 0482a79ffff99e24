package reproduce

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/kept"
	"github.com/go-siamese/lab/kernels/internal/place"
)

// Keep returns what keeps the cells of the notebook at path, which is about to be executed where it lies, once all of
// them have succeeded: executed is the executed one. What has read something that an earlier run has left is not
// kept, since it would not come out so elsewhere, nor is what lies in another folder than it ran in. The error, which
// says why nothing is kept, is no fault of the execution.
func Keep(ctx context.Context, lab place.Lab, kernel, path string) func(executed string) error {
	store, folder, began := kept.NewStore(lab), filepath.Dir(path), time.Now()
	before, fault := store.Surroundings(ctx, kernel)
	there, unread := names(folder, hidden)
	return func(executed string) error {
		switch {
		case fault != nil:
			return fault
		case unread != nil:
			return unread
		case filepath.Clean(filepath.Dir(executed)) != filepath.Clean(folder):
			return &kept.Unfit{Why: "the executed notebook lies elsewhere"}
		}
		t, err := newTask(executed, Options{Lab: lab, Kernel: kernel})
		if err != nil {
			return err
		}
		if err := t.alone(); err != nil {
			return err
		}
		after, err := store.Surroundings(ctx, kernel)
		if err != nil {
			return err
		}
		beside, err := names(folder, t.made.leave)
		if err != nil {
			return err
		}
		// The same before and after: what came or went meanwhile may have been seen, or not.
		there = slices.DeleteFunc(there, func(name string) bool { return t.made.has(name) || isResult(name) })
		if before != after || !slices.Equal(there, beside) {
			return errChanged
		}
		return store.Save(ctx, kept.Key(after, t.saved, beside), folder, &kept.Kept{Notebook: t.saved, Ran: began})
	}
}

// hidden leaves out hidden folders.
func hidden(_ string, d fs.DirEntry) bool { return d.IsDir() && strings.HasPrefix(d.Name(), ".") }

// alone returns an error if a cell has read what a scratch folder would not have: what the notebook makes, and no cell
// before it has written.
func (t *task) alone() error {
	written := map[string]bool{}
	for i, c := range t.saved.Cells {
		r := c.Receipt()
		if r == nil {
			continue
		}
		for _, f := range r.Read {
			if !written[f.Name] && t.made.has(f.Name) {
				return &kept.Unfit{Cell: i + 1, Why: "reads " + f.Name + ", which an earlier run has left"}
			}
		}
		for _, f := range r.Written {
			written[f.Name] = true
		}
	}
	return nil
}
