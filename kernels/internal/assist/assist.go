// Package assist completes and explains code in cells, by a gopls of its own: GoNB's answers only when no cell runs.
// Every request ends at a deadline. What is not Go is completed here: magics, names of files.
package assist

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// Options say where things are.
type Options struct {
	// Gopls is the program; "", or one that is not there, means that there is none, as in a run without a browser: then
	// only magics, file names, names of earlier cells and keywords are completed, and only magics are explained.
	Gopls string
	// Repo is the root of the checkout whose packages cells import; "" means that cells have Go's own only.
	Repo string
	// Dir is the working directory of cells before the first "%cd"; "" means that of this process.
	Dir string
	// Temp is the directory in which gopls' folder is made; "" means the system's for temporary files.
	Temp string
	// Env is the environment of gopls; nil means that of this process.
	Env []string
	// Deadline bounds a request, also where what asks waits longer; 0 means 4 s.
	Deadline time.Duration
}

// Assistant answers what a front end asks about code. Its methods may be called by several goroutines.
type Assistant struct {
	opt    Options
	memory cells.Memory
	space  *workspace
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when gopls is gone for good
	err    error         // why there is no workspace

	prepared chan struct{} // closed when space is there

	turn chan struct{} // held by who talks to gopls: a file must not change under a request
	// mu guards what is below.
	mu      sync.Mutex
	current *server       // nil while there is none
	ready   chan struct{} // closed when current is there
	failed  bool          // the last start came to nothing: nobody waits for the next
	late    int           // how many requests in a row had no answer in time
}

// Start returns an assistant and starts its gopls in the background, so that the first request finds it warm. It ends
// with ctx, or by Close.
func Start(ctx context.Context, opt Options) *Assistant {
	if opt.Deadline == 0 {
		opt.Deadline = 4 * time.Second
	}
	if _, err := exec.LookPath(opt.Gopls); err != nil {
		opt.Gopls = "" // it is not installed
	}
	ctx, cancel := context.WithCancel(ctx)
	a := &Assistant{opt: opt, ctx: ctx, cancel: cancel, done: make(chan struct{}), turn: make(chan struct{}, 1),
		prepared: make(chan struct{}), ready: make(chan struct{})}
	go a.keep()
	return a
}

// Close ends gopls and removes what was written for it. It returns when that is done.
func (a *Assistant) Close() error {
	a.cancel()
	<-a.done
	return a.err
}

// Executed remembers what a cell declares that was compiled.
func (a *Assistant) Executed(c cells.Cell) { a.memory.Add(c) }

// Ended remembers what stays of such a cell after its program has ended, well or not.
func (a *Assistant) Ended(c cells.Cell, well bool) {
	if well {
		a.memory.Keep(c)
	} else {
		a.memory.Fail(c)
	}
}

// Tried remembers what the magics did of a cell that could not be compiled.
func (a *Assistant) Tried(c cells.Cell) { a.memory.Tried(c) }

// keep runs gopls, again when it ends.
func (a *Assistant) keep() {
	defer close(a.done)
	if a.opt.Gopls == "" {
		return
	}
	folder, err := os.MkdirTemp(a.opt.Temp, "siamese-cells-*")
	if err != nil {
		a.err = err
		return
	}
	defer os.RemoveAll(folder)
	// Links in the path would give files two names.
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	space, err := newWorkspace(folder, a.opt.Repo)
	if err != nil {
		a.err = err
		return
	}
	a.mu.Lock()
	a.space = space
	a.mu.Unlock()
	close(a.prepared)
	// A gopls that dies at once is not started in a circle.
	for pause := time.Second; a.ctx.Err() == nil; pause = min(2*pause, time.Minute) {
		began := time.Now()
		worked := a.once()
		a.mu.Lock()
		a.failed = !worked
		a.mu.Unlock()
		if time.Since(began) > time.Minute {
			pause = time.Second
		}
		select {
		case <-a.ctx.Done():
		case <-time.After(pause):
		}
	}
}

// once runs gopls until it ends, and reports whether it answered.
func (a *Assistant) once() bool {
	env := a.opt.Env
	if env == nil {
		env = os.Environ()
	}
	start, cancel := context.WithTimeout(a.ctx, time.Minute)
	defer cancel()
	s, err := run(start, a.opt.Gopls, a.space.folder, append(env[:len(env):len(env)], goplsEnv(a.space.folder)...))
	if err != nil {
		return false
	}
	defer s.stop()
	a.turn <- struct{}{}
	err = a.warm(start, s)
	<-a.turn
	if err != nil {
		return false
	}
	a.mu.Lock()
	a.current, a.failed = s, false
	close(a.ready)
	a.mu.Unlock()
	select {
	case <-a.ctx.Done():
	case <-s.gone:
	}
	a.mu.Lock()
	a.current, a.ready = nil, make(chan struct{})
	a.mu.Unlock()
	return true
}

// goplsEnv is what gopls's environment has on top: no workspace of Go but our own, a heap that stays small, and a
// folder of settings in which telemetry is off, which would be one more process. Go's own settings stay.
func goplsEnv(folder string) []string {
	env := []string{"GOWORK=off", "GOGC=50", "GOMEMLIMIT=600MiB"}
	config, err := os.UserConfigDir()
	if err != nil || runtime.GOOS != "linux" {
		return env
	}
	own := filepath.Join(folder, ".config")
	if os.MkdirAll(filepath.Join(own, "go", "telemetry"), 0o700) != nil ||
		os.WriteFile(filepath.Join(own, "go", "telemetry", "mode"), []byte("off"), 0o600) != nil {
		return env
	}
	if os.Getenv("GOENV") == "" {
		env = append(env, "GOENV="+filepath.Join(config, "go", "env"))
	}
	return append(env, "XDG_CONFIG_HOME="+own)
}

// warmCells are completed at their ends before anything else, so that what notebooks use is loaded: members of a
// package, fields, and names of packages, for which gopls reads an index of all modules.
var warmCells = []string{"%%\nshow.", "%%\nsiamese.DefaultConfig().", "%%\nfm"}

// warm has a server load what cells import.
func (a *Assistant) warm(ctx context.Context, s *server) error {
	for _, code := range warmCells {
		path, p, _, err := a.put(s, cells.Parse(code), len(code))
		if err != nil {
			return err
		}
		var list completionList
		if err := s.call(ctx, "textDocument/completion", at(path, p), &list); err != nil {
			return err
		}
	}
	return nil
}

// Warm has gopls look at everything that cells use, once, so that what it keeps of that on disk is there when a kernel
// starts: without it the first start takes a quarter of a minute.
func Warm(ctx context.Context, opt Options) error {
	a := Start(ctx, opt)
	err := a.ask(ctx, func(context.Context, *server) error { return nil })
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return errors.Join(err, a.Close())
}

// errLost is the error of a place that is not Go.
var errLost = errors.New("not in the Go file")

// put shows a server the cell on top of the memory, and returns where an offset of it is.
func (a *Assistant) put(s *server, c cells.Cell, offset int) (path string, p cells.Position, f cells.File, err error) {
	composed := a.memory.Compose(c, a.space.packages())
	place, ok := composed.Edited.Offset(0, offset)
	if !ok {
		return "", p, f, errLost
	}
	path = filepath.Join(a.space.folder, editedFile)
	text := composed.Edited.Text()
	if err := s.show(filepath.Join(a.space.folder, rememberedFile), composed.Remembered.Text()); err != nil {
		return "", p, f, err
	}
	if err := s.show(path, text); err != nil {
		return "", p, f, err
	}
	return path, cells.PositionOf(text, place), composed.Edited, nil
}

// tell tells a server which files of the checkout have changed.
func (a *Assistant) tell(s *server) {
	if changed := a.space.refresh(); len(changed) > 0 {
		_ = s.changed(changed) // what follows fails, too
	}
}

// patience is how many requests in a row may end without an answer before gopls is taken for hung.
const patience = 5

// watch ends a server that does not answer any more; the next is started then. err is the end of a request.
func (a *Assistant) watch(s *server, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !errors.Is(err, context.DeadlineExceeded) {
		a.late = 0
		return
	}
	if a.late++; a.late >= patience {
		a.late = 0
		s.kill()
	}
}

// ask runs f with gopls, warm and alone with it, until ctx ends.
func (a *Assistant) ask(ctx context.Context, f func(context.Context, *server) error) error {
	for {
		a.mu.Lock()
		s, ready, failed := a.current, a.ready, a.failed
		a.mu.Unlock()
		if failed {
			return errGone
		}
		if s != nil {
			select {
			case a.turn <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			err := f(ctx, s)
			<-a.turn
			a.watch(s, err)
			if !errors.Is(err, errGone) {
				return err
			}
			// It is replaced in a moment.
			ready = nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ready:
		case <-a.done:
			return errGone
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
