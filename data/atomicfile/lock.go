package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/go-siamese/lab/data/quote"
)

// ErrInUse is what the error of [LockFolder] matches if another run has the folder.
var ErrInUse = errors.New("another run uses it: wait for it, stop it, or choose another folder")

// LockFolder makes a folder, if there is none, and locks it for one run until unlock is called. The system unlocks it
// when the process ends, even if it is killed; the file "lock" stays in the folder and means nothing by itself. Locks
// of one process exclude each other too. "" stands for no folder: there is nothing to lock. Where a file system has no
// locks (some network drives), the error of the system is returned, as two runs could not tell each other apart.
func LockFolder(dir string) (unlock func(), err error) {
	if dir == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	switch got, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock %s: %w", quote.Text(dir), err)
	case !got:
		return nil, fmt.Errorf("%s: %w", quote.Text(dir), ErrInUse)
	}
	return func() { _ = lock.Close() }, nil
}
