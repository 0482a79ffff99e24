package worker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-siamese/lab/siamese/session/internal/code"
)

// watch knows whether the lab's source has changed since this program was built.
type watch struct {
	checkout, bin string
	sha256        string // of this program

	mu    sync.Mutex
	stamp string // of the sources that build this program; "" = not known
	err   error  // why this process could not be replaced
}

// newWatch returns a watch over a checkout, whose worker is built into bin.
func newWatch(checkout, bin, sha256 string) *watch {
	w := &watch{checkout: checkout, bin: bin, sha256: sha256}
	if last, err := code.Last(bin); err == nil && last.SHA256 == sha256 {
		w.stamp = last.Stamp
	}
	return w
}

// changed returns the program of newer code, "" where this one is of the newest. The error is that of code that does
// not build. A nil watch sees no change.
func (w *watch) changed(ctx context.Context) (string, error) {
	if w == nil {
		return "", nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return "", w.err
	}
	stamp, err := code.Stamp(w.checkout)
	if err != nil || stamp == w.stamp {
		return "", err
	}
	built, err := code.Build(ctx, w.checkout, w.bin)
	if err != nil {
		return "", err
	}
	if built.SHA256 == w.sha256 { // only how the files look has changed
		w.stamp = built.Stamp
		return "", nil
	}
	return built.Path, nil
}

// replace waits until neither a call nor a panel nor an explorer computes, tells the cell to connect again and becomes
// the newer program. It returns only if ctx is done or that fails.
func (w *Worker) replace(ctx context.Context, program string, tell func()) {
	for {
		w.mu.Lock()
		if !w.busy() {
			break
		}
		w.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
	// The lock is held: nothing can begin any more. Connections queue in the socket until the newer program accepts.
	defer w.mu.Unlock()
	tell()
	err := w.opt.Exec(program)
	w.watch.mu.Lock()
	w.watch.err = fmt.Errorf("the session's worker cannot be replaced by one of newer code (%w): restart the kernel", err)
	w.watch.mu.Unlock()
}
