package receipt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// Entry is one execution of a cell, as a kernel keeps it until its notebook is saved.
type Entry struct {
	ID       string   `json:"id"` // of the execution; a later entry with it takes the place of the earlier
	Cell     Cell     `json:"cell"`
	Notebook Notebook `json:"notebook"`
}

// Bounds of a journal: the oldest executions are forgotten when a kernel starts.
const (
	maxEntries = 1000
	maxJournal = 4 << 20
)

// Journal keeps the executions of a notebook's cells in a file, over kernels. Kernels of one notebook may write at once.
type Journal struct{ path string }

// NewJournal returns the journal of a notebook, by its path, in a directory. It makes nothing until something is added.
func NewJournal(dir, notebook string) *Journal {
	sum := sha256.Sum256([]byte(notebook))
	return &Journal{filepath.Join(dir, hex.EncodeToString(sum[:12])+".receipts")}
}

// Add adds an execution.
func (j *Journal) Add(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(j.path), 0o700); err != nil {
		return err
	}
	f, err := place.Open(j.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	// One write: lines of several kernels do not mix, also where nothing can be locked. It begins a line, as the last one may have been cut.
	_, err = f.Write(slices.Concat([]byte{'\n'}, line, []byte{'\n'}))
	return errors.Join(err, f.Close())
}

// Entries returns the executions in their order. A line that was cut, by a kernel that was killed or a disk that was
// full, is left out.
func (j *Journal) Entries() ([]Entry, error) {
	content, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Entry
	at := map[string]int{}
	for line := range bytes.Lines(content) {
		var e Entry
		if json.Unmarshal(line, &e) != nil || e.ID == "" {
			continue
		}
		if i, old := at[e.ID]; old {
			all[i] = e
			continue
		}
		at[e.ID] = len(all)
		all = append(all, e)
	}
	return all[max(0, len(all)-maxEntries):], nil
}

// Trim forgets the oldest executions of a journal that has grown too large.
func (j *Journal) Trim() error {
	tooLarge := func() bool {
		info, err := os.Stat(j.path)
		return err == nil && info.Size() > maxJournal
	}
	if !tooLarge() {
		return nil // or there is none yet
	}
	f, err := place.Open(j.path, os.O_RDWR, 0o600) // what is added between reading and writing would be lost
	if err != nil {
		return err
	}
	defer f.Close()
	if !tooLarge() {
		return nil // another kernel was here first
	}
	entries, err := j.Entries()
	if err != nil {
		return err
	}
	var text []byte
	for i := len(entries) - 1; i >= 0; i-- {
		line, err := json.Marshal(entries[i])
		if err != nil {
			return err
		}
		if len(text)+len(line) >= maxJournal/2 {
			break
		}
		text = append(append(line, '\n'), text...)
	}
	return place.WriteFile(j.path, text, 0o600)
}
