package extract

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/go-siamese/lab/data/quote"
)

// work is the directory that keeps the parts of a table until it is complete. It may hold parts of several
// configurations: whoever tries two of them in turn loses nothing.
type work struct {
	dir string
	// lock keeps two runs from writing the same table. The system releases it even when the process is killed.
	lock *flock.Flock
}

// openWork makes the directory if needed, takes its lock, which ends with this process, and removes files that
// an earlier process left half-written.
func openWork(dir string) (*work, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	w := &work{dir: dir, lock: flock.New(filepath.Join(dir, "lock"))}
	switch got, err := w.lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock %s: %w", quote.Text(dir), err)
	case !got:
		return nil, fmt.Errorf("%s is in use: another run writes the same table; wait for it or stop it",
			quote.Text(dir))
	}
	err := w.remove(func(name string) bool { return strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp") })
	if err != nil {
		return nil, errors.Join(err, w.lock.Unlock())
	}
	return w, nil
}

// path returns the path of a file in the directory.
func (w *work) path(name string) string { return filepath.Join(w.dir, name) }

// remove removes the regular files whose names meant accepts, as many as it can, and returns the errors joined.
func (w *work) remove(meant func(name string) bool) error {
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if meant(e.Name()) && e.Type().IsRegular() {
			err = errors.Join(err, os.Remove(w.path(e.Name())))
		}
	}
	return err
}

// close releases the lock. When the table is done it removes the directory, parts of other configurations
// included, unless it holds files of others.
func (w *work) close(done bool) error {
	var err error
	if done {
		err = w.remove(func(name string) bool { return strings.HasPrefix(name, partPrefix) })
	}
	err = errors.Join(err, w.lock.Unlock())
	if done && err == nil {
		// A failure does no harm: the table is complete.
		_ = os.Remove(w.path("lock"))
		_ = os.Remove(w.dir)
	}
	return err
}
