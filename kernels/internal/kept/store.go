// Package kept keeps the outputs of executed notebooks, so that a notebook that did not change is verified without
// executing it. What is kept is served only while everything that it follows from is what it was: see [Key], and
// [Fit] for cells of which that cannot be said.
package kept

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// Kept is an executed notebook that is kept.
type Kept struct {
	Notebook *notebook.Notebook
	Ran      time.Time // when it was executed
	Fresh    bool      // with a session that began empty: nothing was known before
	// Made are the digests of files and folders that its cells have read and have made themselves, by their names in
	// receipts: they need not be there. Files that receipts say were written are such too. nil = none.
	Made map[string]string
}

// written is the form of a Kept in a file.
type written struct {
	Key      string            `json:"key"` // under which it is kept: a file by another name is no other notebook
	Ran      time.Time         `json:"ran"`
	Fresh    bool              `json:"fresh"`
	Made     map[string]string `json:"made,omitempty"`
	Notebook json.RawMessage   `json:"notebook"`
}

// Store is where executed notebooks are kept: one file each, called by its key and a digest of the files that it has read,
// so that data may go back and forth. Several programs may use it at once.
type Store struct {
	lab   place.Lab
	dir   string
	files *receipt.Files
}

// mostBytes is the bound of the store's size. A variable, so that tests can lower it.
var mostBytes = int64(1 << 30)

// mostText is the most bytes of a notebook that is kept, before it is compressed.
const mostText = 1 << 30

// suffix ends the names of files that are kept.
const suffix = ".ipynb.gz"

// Load returns what was kept under a key, for a notebook that lies in folder. The error says why there is nothing, or
// why it does not hold any more: it matches [fs.ErrNotExist], or is an *[Unfit], or of a damaged file.
func (s *Store) Load(ctx context.Context, key, folder string) (*Kept, error) {
	paths, err := openfile.Glob(s.dir, key+"-*"+suffix)
	if err != nil {
		return nil, err
	}
	why := fs.ErrNotExist
	for _, path := range paths {
		k, err := s.load(ctx, key, path, folder)
		if err == nil || ctx.Err() != nil {
			return k, err
		}
		why = err
	}
	return nil, why
}

// load is Load of one file.
func (s *Store) load(ctx context.Context, key, path, folder string) (*Kept, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(z, mostText))
	if err != nil { // a damaged file does not have its checksum
		return nil, err
	}
	var from written
	if err := json.Unmarshal(content, &from); err != nil {
		return nil, err
	}
	nb, err := notebook.Parse(from.Notebook)
	if err != nil {
		return nil, err
	}
	if from.Key != key {
		return nil, errors.New("it is another notebook's")
	}
	k := &Kept{nb, from.Ran, from.Fresh, from.Made}
	if err := s.valid(ctx, k, folder); err != nil {
		return nil, err
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // the oldest go first
	return k, nil
}

// Save keeps an executed notebook under a key, for a notebook that lies in folder. An *[Unfit] says why it is not
// kept; other errors are of writing.
func (s *Store) Save(ctx context.Context, key, folder string, executed *Kept) error {
	if err := Fit(executed.Notebook); err != nil {
		return err
	}
	if err := s.valid(ctx, executed, folder); err != nil {
		return err
	}
	text, err := executed.Notebook.Bytes()
	if err != nil {
		return err
	}
	content, err := json.Marshal(written{key, executed.Ran, executed.Fresh, executed.Made, text})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err = z.Write(content); err == nil {
		err = z.Close()
	}
	if err != nil {
		return err
	}
	if int64(b.Len()) > mostBytes || len(content) > mostText {
		return &Unfit{Why: "they are too large"}
	}
	if err := place.WriteFile(filepath.Join(s.dir, key+"-"+reads(executed.Notebook)+suffix), b.Bytes(), 0o600); err != nil {
		return err
	}
	return s.trim()
}

// reads returns a digest of the files that the cells of a notebook have read.
func reads(nb *notebook.Notebook) string {
	var all []string
	for _, c := range nb.Cells {
		if r := c.Receipt(); r != nil {
			for _, f := range r.Read {
				all = append(all, f.Name, f.SHA)
			}
		}
	}
	return digest(all...)[:16]
}

// trim removes the oldest files until the store is within its bound.
func (s *Store) trim() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	var all []place.Kept
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !strings.HasSuffix(e.Name(), suffix) {
			continue // another program has removed it, or it is none
		}
		all = append(all, place.Kept{Path: filepath.Join(s.dir, e.Name()), Used: info.ModTime(), Bytes: info.Size()})
	}
	return place.RemoveOldest(all, mostBytes)
}

// Clear forgets everything.
func (s *Store) Clear() error { return os.RemoveAll(s.dir) }
