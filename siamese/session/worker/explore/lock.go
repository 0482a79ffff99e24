package explore

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// files guards the tables between explorers of this process, which may keep their judgements in one.
var files sync.Mutex

// lockPatience is for how long a table is waited for. What has it reads and writes it once.
const lockPatience = 30 * time.Second

// lock waits until nobody else has a table of judged pairs, here or in the worker of another notebook: each reads and
// writes it whole.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	files.Lock()
	release, err := hold(ctx, path)
	if err != nil {
		files.Unlock()
		return nil, err
	}
	return func() {
		release()
		files.Unlock()
	}, nil
}

// hold is lock between processes. The lock is a file elsewhere, so that no other one appears beside the user's; the
// system gives it back when a process ends.
func hold(ctx context.Context, path string) (release func(), err error) {
	if real, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(real, filepath.Base(path))
	}
	name := fmt.Sprintf("siamese-judged-%d-%x.lock", os.Getuid(), sha256.Sum256([]byte(path)))
	held := flock.New(filepath.Join(os.TempDir(), name))
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	if _, err := held.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return nil, fmt.Errorf("another notebook has the table of judged pairs: %w", err)
	}
	return func() { _ = held.Close() }, nil
}
