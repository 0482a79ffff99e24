package front

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/kernels/internal/cells"
	"github.com/go-siamese/lab/kernels/internal/link"
	"github.com/go-siamese/lab/kernels/internal/problem"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// kernel is a running kernel.
type kernel struct {
	o       Options
	server  *wire.Server
	dir     string // the private folder: sockets, and everything that GoNB makes
	history *history
	widgets Widgets
	proofs  *receipts       // nil = cells have no receipts
	memory  *cells.Memory   // what GoNB knows
	results cells.Results   // of functions that cells call
	assist  Assistant       // nil = there is none
	notice  string          // what the next cell tells its user
	deadly  map[string]bool // cells that GoNB does not survive when they are declared again
	work    *queue
	ctx     context.Context // ends with the kernel
	end     context.CancelFunc

	// child is GoNB; only the goroutine that executes changes it.
	childMu sync.Mutex
	child   *child

	// statusMu keeps the status that front ends see in step with what runs.
	statusMu sync.Mutex
	running  *execution // nil = no cell runs
	last     *execution // the last one that began

	parents parents
	asking  asking
	cells   []problem.Cell // those that were executed, for problems of later ones
}

// Run runs a kernel until it is shut down, its parent process is gone or ctx is done, none of which is an error. All
// that it started has ended when it returns.
func Run(ctx context.Context, o Options) error {
	o.Limits = o.Limits.withDefaults()
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	connection, err := wire.ReadConnection(o.Connection)
	if err != nil {
		return err
	}
	dir, remove, err := privateDir()
	if err != nil {
		return err
	}
	defer remove()
	ctx, end := context.WithCancel(ctx)
	defer end()
	k := &kernel{o: o, dir: dir, work: newQueue(), ctx: ctx, end: end, memory: &cells.Memory{}, results: cells.Sources(o.Checkout), deadly: map[string]bool{},
		history: openHistory(o.History, o.Notebook)}
	k.proofs = k.openReceipts()
	defer k.proofs.close()
	if o.Widgets != nil {
		k.widgets = o.Widgets(k.publish)
		defer k.widgets.Close()
	}
	if o.Assist != nil {
		k.assist = o.Assist(ctx, dir)
		defer k.assist.Close()
	}
	links, err := k.listenLinks()
	if err != nil {
		return err
	}
	defer links.close()
	if len(o.Worker) > 0 {
		// What the worker builds is no cell's: it has no kernel to tell. Its widgets have.
		env := append(append(os.Environ(), o.Env...), link.Env+"=", provenance.Env+"=",
			link.SessionEnv+"="+filepath.Join(dir, linkSocket))
		s, err := activate(filepath.Join(dir, sessionSocket), o.Worker, env, o.Log)
		if err != nil {
			return err
		}
		defer s.close()
	}
	if k.server, err = wire.Listen(connection, o.Log); err != nil {
		return err
	}
	defer k.server.Close()
	go watchParent(ctx, end)
	executed := make(chan struct{})
	go func() {
		defer close(executed)
		k.execute()
	}()
	_ = k.publish(nil, "status", map[string]string{"execution_state": "starting"}, nil, nil)
	k.serve()
	k.work.close()
	k.stopRunning()
	end() // a GoNB that just starts, or does not end, is not waited for
	<-executed
	if c := k.current(); c != nil {
		c.kill()
	}
	return nil
}

// environment returns the environment of what the kernel starts: cells find the kernel and the session by it. What GoNB
// leaves behind lies in the private folder, and goes with it.
func (k *kernel) environment() []string {
	env := append(os.Environ(), k.o.Env...)
	env = append(env, link.Env+"="+filepath.Join(k.dir, linkSocket), provenance.Env+"=")
	if len(k.o.Worker) > 0 {
		env = append(env, sessionEnv+"="+filepath.Join(k.dir, sessionSocket))
	}
	return env
}

// Names of what is in the private folder.
const (
	linkSocket    = "link"
	sessionSocket = "session"
	eventsDir     = "events" // what cells' programs tell for their receipts
	gonbDir       = "g"      // GoNB's sockets, and its temporary files
)

// sessionEnv is the environment variable with the path of the session's socket.
const sessionEnv = "SIAMESE_SESSION"

// publish is [Publish].
func (k *kernel) publish(parent json.RawMessage, kind string, content, metadata any, buffers [][]byte) error {
	m, err := k.server.New(kind, parent, content)
	if err != nil {
		return err
	}
	if metadata != nil {
		if m.Metadata, err = json.Marshal(metadata); err != nil {
			return fmt.Errorf("message %s: its metadata: %w", kind, err)
		}
	}
	m.Buffers = buffers
	err = k.server.Publish(m)
	if err == nil {
		k.proofs.published(parent, kind, content)
	}
	return err
}

// status publishes a state as an answer to a message.
func (k *kernel) status(parent json.RawMessage, state string) {
	if err := k.publish(parent, "status", map[string]string{"execution_state": state}, nil, nil); err != nil {
		k.o.Log("status: %v", err)
	}
}

// idle ends the state busy of a request. While a cell runs the kernel stays busy: front ends show the last state that
// they were told, whatever it was an answer to.
func (k *kernel) idle(parent json.RawMessage) {
	k.statusMu.Lock()
	defer k.statusMu.Unlock()
	k.status(parent, "idle")
	if k.running != nil {
		k.status(k.running.request.Head, "busy")
	}
}

// setRunning says which cell runs; nil = none, and the one before is done.
func (k *kernel) setRunning(x *execution) {
	k.statusMu.Lock()
	defer k.statusMu.Unlock()
	if before := k.running; x == nil && before != nil {
		k.running = nil
		k.status(before.request.Head, "idle")
		return
	}
	k.running, k.last = x, x
}

// runningNow returns the cell that runs, or nil.
func (k *kernel) runningNow() *execution {
	k.statusMu.Lock()
	defer k.statusMu.Unlock()
	return k.running
}

// lastBegun returns the cell that runs, or the last one that did; nil = there was none.
func (k *kernel) lastBegun() *execution {
	k.statusMu.Lock()
	defer k.statusMu.Unlock()
	return k.last
}

// current returns GoNB as it is now, or nil.
func (k *kernel) current() *child {
	k.childMu.Lock()
	defer k.childMu.Unlock()
	return k.child
}

// stopRunning lets a cell that runs save what it has, for a short time.
func (k *kernel) stopRunning() {
	x := k.runningNow()
	if x == nil {
		return
	}
	k.interrupt()
	select {
	case <-x.done:
	case <-time.After(k.o.Limits.Kill):
		k.interrupt()
	}
}

// watchParent ends the kernel when the process that started it is gone: then nobody is left to ask for it.
func watchParent(ctx context.Context, end func()) {
	parent := os.Getppid()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if os.Getppid() != parent {
				end()
				return
			}
		}
	}
}
