// Package worker is the session's other end: it holds frames, splits, models, the backend with its compiled steps and
// reports between the cells of a notebook, and computes what they ask for.
//
// Every operation is a function of its arguments, of the files that it reads, of the values that it is given and of
// the program itself. The hash of all that is the key of its result: a call whose key is known computes nothing, and a
// value can never be stale. Values are kept on disk (package store) and, as far as memory allows, as objects.
//
// A fault in an operation is the error of its call. What a worker that is killed had finished is there for the next.
package worker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/session/internal/code"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/session/worker/panel"
)

// Options are those of a worker. The zero value needs Dir.
type Options struct {
	Dir      string // where values are kept
	Bytes    int64  // bound of the values on disk; 0 = [store.DefaultBytes]
	Memory   int64  // bound of the objects in memory; 0 = half of what is free at the start
	Backend  string // name of the backend; "" = the environment's, or the best there is
	Checkout string // the lab's source, to be built anew when it changes; "" = never
	// Exec replaces this process by the program of newer code, and returns only if that fails. nil = no watch is kept.
	Exec func(program string) error
}

// Worker serves the connections of one session.
type Worker struct {
	opt     Options
	store   *store.Store
	hashes  *store.Hashes
	objects *objects
	code    string // hash of this program
	watch   *watch
	marker  *marker
	end     string // how the worker before this one ended; "" = as it should

	mu      sync.Mutex
	flights map[string]*flight
	read    map[[sha256.Size]byte]string // keys of the last values of calls that read files, by hashes of the calls
	panels  map[string]*panel.Panel      // by key of the split
	begun   int                          // what panels and explorers do now: see begin
	// explorers are those that are shown, by what they are of.
	explorers map[string]*explorer
	leaving   sync.WaitGroup // those that are not shown any more, until nothing runs for them

	life context.Context // of panels and explorers; ended by die
	die  context.CancelFunc

	backendOnce sync.Mutex
	backend     *siamese.Backend
	machine     string // what the bits of a result depend on beside the program; set with backend
	kind        string // of the backend, such as "xla:cpu"; set with backend
}

// New returns a worker.
func New(opt Options) (*Worker, error) {
	s, err := store.Open(opt.Dir, opt.Bytes)
	if err != nil {
		return nil, err
	}
	w := &Worker{opt: opt, store: s, hashes: s.OpenHashes(), objects: newObjects(opt.Memory),
		flights: map[string]*flight{}, read: map[[sha256.Size]byte]string{}, panels: map[string]*panel.Panel{}, explorers: map[string]*explorer{},
		marker: newMarker(opt.Dir), end: lastEnd(opt.Dir)}
	w.life, w.die = context.WithCancel(context.Background())
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the worker's program: %w", err)
	}
	if _, w.code, err = openfile.Hash(self); err != nil {
		return nil, fmt.Errorf("the worker's program: %w", err)
	}
	if opt.Checkout != "" && opt.Exec != nil {
		w.watch = newWatch(opt.Checkout, code.Bin(opt.Dir, opt.Checkout), w.code)
	}
	return w, nil
}

// Serve accepts connections until ctx is done or the listener is closed, and ends the work of those that are left.
func (w *Worker) Serve(ctx context.Context, listener *net.UnixListener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	var conns sync.WaitGroup
	defer conns.Wait()
	// While the first cell opens its data: the backend's name is a part of keys, and its plugin takes a while to load.
	conns.Go(func() { _, _ = w.openBackend() }) // its error is that of the call that needs it
	for {
		conn, err := listener.AcceptUnix()
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			cancel()
			return nil
		}
		if err != nil {
			cancel()
			return fmt.Errorf("the session's socket: %w", err)
		}
		conns.Go(func() { w.connection(ctx, conn) })
	}
}

// Close ends panels and explorers and frees what the worker holds in memory. No call may be running.
func (w *Worker) Close() {
	w.die()
	w.mu.Lock()
	left := slices.Collect(maps.Values(w.explorers))
	w.mu.Unlock()
	for _, e := range left {
		e.Wait()
	}
	w.leaving.Wait()
	for w.flying() {
		time.Sleep(time.Millisecond) // a panel's training saves what it has
	}
	w.objects.clear()
	w.backendOnce.Lock()
	defer w.backendOnce.Unlock()
	if w.backend != nil {
		w.backend.Finalize()
		w.backend = nil
	}
}

// flying reports whether something is computed.
func (w *Worker) flying() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.busy()
}

// begin says that a panel or an explorer begins something, and returns what says that it has ended; ok is false where the
// worker ends. They hold their locks here, so that nothing may take one of those under w.mu.
func (w *Worker) begin() (end func(), ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life.Err() != nil {
		return nil, false
	}
	w.begun++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.begun--
	}, true
}

// busy is flying where w.mu is held.
func (w *Worker) busy() bool { return len(w.flights) > 0 || w.begun > 0 }

// openBackend returns the backend, which is opened once: loading XLA's plugin takes a third of a second.
func (w *Worker) openBackend() (*siamese.Backend, error) {
	w.backendOnce.Lock()
	defer w.backendOnce.Unlock()
	if w.backend != nil {
		return w.backend, nil
	}
	b, err := siamese.OpenBackend(w.opt.Backend)
	if err != nil {
		return nil, err
	}
	w.backend, w.machine, w.kind = b, machineOf(b), siamese.OriginOf(b).Backend
	return b, nil
}
