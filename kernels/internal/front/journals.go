package front

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// journal returns the journal of a notebook by its name, in r.history. What has grown too large is cut when it is first
// asked for.
func (r *receipts) journal(name string) *receipt.Journal {
	r.journalsMu.Lock()
	defer r.journalsMu.Unlock()
	j := r.journals[name]
	if j == nil {
		j = receipt.NewJournal(r.history, name)
		r.journals[name] = j
		if r.history == "" {
			return j
		}
		if err := j.Trim(); err != nil {
			r.log("receipts: %v", err)
		}
	}
	return j
}

// notebookOf returns the path of the notebook that a request is of, from its metadata; "" = these do not tell. Jupyter's
// server tells it when it starts a kernel, and VS Code, whose kernels serve several notebooks in turn, with each cell: the
// cell's address is vscode-notebook-cell:/path/of/the.ipynb#W0sZmlsZQ==.
func notebookOf(metadata json.RawMessage) string {
	var meta struct {
		Cell string `json:"cellId"`
	}
	if json.Unmarshal(metadata, &meta) != nil {
		return ""
	}
	rest, ours := strings.CutPrefix(meta.Cell, "vscode-notebook-cell:")
	if !ours {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "#")
	// A window on another machine names that first, as package url would not have it: //ssh-remote%2Bhost/path.
	if other, remote := strings.CutPrefix(rest, "//"); remote {
		_, rest, _ = strings.Cut(other, "/")
		rest = "/" + rest
	}
	path, err := url.PathUnescape(rest)
	if err != nil || !filepath.IsAbs(path) { // such as that of a notebook that was never saved
		return ""
	}
	return path
}
