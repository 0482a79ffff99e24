package reproduce

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// madeHere returns the digests of the files and folders that the cells of an executed notebook have read and have made
// themselves, by their names: those that the scratch folder has as they were read, and that were not beside the notebook
// when it began. Programs write files without a word, so that receipts do not say it.
func (s *scratch) madeHere(ctx context.Context, executed *notebook.Notebook, beside []string) map[string]string {
	files, made := receipt.NewFiles(""), map[string]string{}
	for _, c := range executed.Cells {
		r := c.Receipt()
		if r == nil {
			continue
		}
		for _, f := range r.Read {
			if f.SHA == "" || slices.Contains(beside, f.Name) || !filepath.IsLocal(filepath.FromSlash(f.Name)) {
				continue
			}
			now, err := files.Hash(ctx, filepath.Join(s.dir, filepath.FromSlash(f.Name)))
			if err == nil && now.SHA == f.SHA {
				made[f.Name] = f.SHA
			}
		}
	}
	return made
}

// sameRun reports whether two notebooks have the outputs of one execution: no two take the same time in every cell.
func sameRun(a, b *notebook.Notebook) bool {
	receipts := func(nb *notebook.Notebook) (all []*receipt.Cell) {
		for _, c := range nb.Cells {
			if c.Type() == "code" && !c.Empty() {
				all = append(all, c.Receipt())
			}
		}
		return all
	}
	was, is := receipts(a), receipts(b)
	return !slices.Contains(was, nil) && reflect.DeepEqual(was, is)
}
