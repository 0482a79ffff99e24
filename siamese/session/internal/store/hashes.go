package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
)

// Hashes are those of files, remembered by what the system says of a file: path, size, times of change and inode. They
// are kept in a file for the next worker.
type Hashes struct {
	path string // of the file; "" = they are not kept

	mu    sync.Mutex
	known map[string]hashed
	dirty bool
}

// hashed is the hash of a file that looked so.
type hashed struct {
	Look   look   `json:"look"`
	SHA256 string `json:"sha256"`
}

// look is what the system says of a file.
type look struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // nanoseconds
	Changed  int64  `json:"changed"`
	Inode    uint64 `json:"inode"`
	Device   uint64 `json:"device"`
}

// settled is how old a change must be before a hash is remembered: a file that changes twice within a tick of the
// file system's clock looks the same.
const settled = 2 * time.Second

// OpenHashes returns the hashes kept in the store's folder.
func (s *Store) OpenHashes() *Hashes {
	h := &Hashes{path: filepath.Join(s.dir, "hashes.json"), known: map[string]hashed{}}
	text, err := os.ReadFile(h.path)
	if err == nil && json.Unmarshal(text, &h.known) != nil {
		h.known = map[string]hashed{} // a cache: what is damaged is computed again
	}
	return h
}

// Of returns a hash of what is at path: of a file's content, or of the names and contents of all files in a folder and
// below it. A path that leads nowhere and files that are neither are errors.
func (h *Hashes) Of(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		sum, err := h.file(path, info)
		if err != nil {
			return "", err
		}
		return sum, h.keep()
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	all := sha256.New()
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(path, p)
		if err != nil {
			return err
		}
		info, err := os.Stat(p) // of what a link names
		if err != nil && d.Type()&fs.ModeSymlink == 0 {
			return err
		}
		sum := "" // of links to folders and to nothing, and of sockets and the like, which readers pass over
		if err == nil && info.Mode().IsRegular() {
			if sum, err = h.file(p, info); err != nil {
				return err
			}
		}
		fmt.Fprintf(all, "%q %s\n", rel, sum)
		return nil
	})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(all.Sum(nil)), h.keep()
}

// file returns the hash of a regular file.
func (h *Hashes) file(path string, info fs.FileInfo) (string, error) {
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file: a session reads files and folders", quote.Text(path))
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	seen := lookOf(info)
	h.mu.Lock()
	known, ok := h.known[path]
	h.mu.Unlock()
	if ok && known.Look == seen {
		return known.SHA256, nil
	}
	_, text, err := openfile.Hash(path)
	if err != nil {
		return "", err
	}
	after, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	latest := time.Unix(0, max(seen.Modified, seen.Changed))
	if lookOf(after) == seen && time.Since(latest) > settled {
		h.mu.Lock()
		h.known[path], h.dirty = hashed{seen, text}, true
		h.mu.Unlock()
	}
	return text, nil
}

// mostHashes bounds what is remembered.
const mostHashes = 500_000

// keep writes what is new. It is a cache: that it cannot be written is no error.
func (h *Hashes) keep() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.dirty {
		return nil
	}
	h.dirty = false
	if len(h.known) > mostHashes {
		names := make([]string, 0, len(h.known))
		for name := range h.known {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names[mostHashes/2:] {
			delete(h.known, name)
		}
	}
	text, err := json.Marshal(h.known)
	if err != nil {
		return err
	}
	_ = atomicfile.WriteCache(h.path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	return nil
}
