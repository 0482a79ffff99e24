package quick

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// programs keeps what was built, so that a cell that any kernel has built before is neither compiled nor linked. A program
// is kept by the digest of all that it is made from, in a folder with its source: stacks of the program name that file,
// which is there in every kernel.
type programs struct {
	dir string // made when it is needed
}

// mostBytes is the bound of what is kept. A variable, so that tests can lower it.
var mostBytes = int64(1 << 30)

// folder returns the folder of a program that is made from the parts, in this order. It need not be there.
func (p programs) folder(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return filepath.Join(p.dir, hex.EncodeToString(h.Sum(nil))[:32])
}

// built is the name of a program in its folder.
const built = "program"

// whole reports whether a folder has a program with its source.
func whole(folder string) bool {
	for _, name := range []string{program, built} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

// take puts a program that is kept in a folder at out. The error is [fs.ErrNotExist] where it is not kept.
func (p programs) take(folder, out string) error {
	if !whole(folder) {
		return fs.ErrNotExist
	}
	if err := copyFile(filepath.Join(folder, built), out); err != nil {
		return err
	}
	now := time.Now()
	_ = os.Chtimes(folder, now, now) // the oldest go first
	return nil
}

// begin makes a folder for a program that is to be kept, with its source. The caller removes it, whether it is published or
// not. It fails where nothing can be written.
func (p programs) begin(source string) (begun string, err error) {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return "", err
	}
	if begun, err = os.MkdirTemp(p.dir, ".new-*"); err != nil {
		return "", err
	}
	return begun, os.WriteFile(filepath.Join(begun, program), []byte(source), 0o600)
}

// publish keeps what was begun, with its program, in the folder that is its own, and removes the oldest ones above the
// bound.
func (p programs) publish(begun, executable, folder string) error {
	if err := copyFile(executable, filepath.Join(begun, built)); err != nil {
		return err
	}
	err := os.Rename(begun, folder)
	if errors.Is(err, fs.ErrExist) && whole(folder) {
		err = nil // another kernel was first
	}
	if errors.Is(err, fs.ErrExist) { // somebody has removed a part of it
		if err = os.RemoveAll(folder); err == nil {
			err = os.Rename(begun, folder)
		}
	}
	if err != nil {
		return err
	}
	_ = p.trim(folder) // the next one tries again
	return nil
}

// trim removes the programs that were used longest ago until the rest is within the bound; never that of a folder.
func (p programs) trim(but string) error {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	var others []place.Kept
	most := mostBytes
	for _, e := range entries {
		path := filepath.Join(p.dir, e.Name())
		info, err := e.Info()
		if err != nil {
			continue // another kernel has removed it
		}
		file, err := os.Stat(filepath.Join(path, built))
		switch {
		case err == nil && path == but:
			most -= file.Size()
		case err == nil:
			others = append(others, place.Kept{Path: path, Used: info.ModTime(), Bytes: file.Size()})
		case time.Since(info.ModTime()) > time.Hour: // left by a kernel that was killed
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	return place.RemoveOldest(others, most)
}

// copyFile makes a new name for a file that nobody writes to any more, or copies it to another file system.
func copyFile(from, to string) (err error) {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Link(from, to); err == nil || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	if _, err = io.Copy(w, r); err != nil {
		w.Close()
		_ = os.Remove(to) // half a program
		return err
	}
	return w.Close()
}

// moved returns the value of the compiler's -trimpath that has a source in the current directory called as if it were in
// a folder. Where their names cannot be written so, it returns the value as it is, and an error.
func moved(trim, folder string) (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return trim, err
	}
	if strings.ContainsAny(here+folder, ";=") {
		return trim, errNotSure
	}
	return trim + ";" + here + "=>" + folder, nil
}
