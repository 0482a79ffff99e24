package panel

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/session"
)

// States of a run.
const (
	Waiting = "waiting" // for the run before it
	Running = "running"
	Stopped = "stopped" // by the user, or with the worker: it can go on
	Failed  = "failed"
	Done    = "done"

	// Unreadable is a run whose file this code cannot read, as one of newer code. It has no more than its problem, and
	// the file stays as it is.
	Unreadable = "unreadable"
)

// Run is a training of the panel, as it is kept.
type Run struct {
	session.Run
	Seconds float64 `json:"seconds,omitempty"`
}

// Runs are the runs of one split, each in a file of its own, so that several workers may keep some. It is safe for
// concurrent use.
type Runs struct {
	dir string

	mu   sync.Mutex
	list []*Run
}

// OpenRuns returns the runs that are kept in a folder, which need not exist. Nothing is passed over: a file that cannot be
// read is a run that says so.
func OpenRuns(dir string) (*Runs, error) {
	r := &Runs{dir: dir}
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".json") {
			continue
		}
		run := &Run{}
		path, id := filepath.Join(dir, f.Name()), strings.TrimSuffix(f.Name(), ".json")
		err := jsonfile.Read(path, run)
		if err == nil && run.ID != id {
			err = fmt.Errorf("%s: it is of run %q", path, run.ID)
		}
		if err != nil {
			run = unreadable(id, err)
		}
		if run.Status == Running || run.Status == Waiting { // its worker ended
			run.Status = Stopped
		}
		r.list = append(r.list, run)
	}
	slices.SortFunc(r.list, func(a, b *Run) int { return cmp.Or(a.Number-b.Number, strings.Compare(a.ID, b.ID)) })
	return r, nil
}

// unreadable returns what stands for a run whose file cannot be read.
func unreadable(id string, err error) *Run {
	return &Run{Run: session.Run{ID: id, Config: config.Default(), Status: Unreadable,
		Problem: fmt.Sprintf("%v: it was written by other code of the lab, or is damaged; delete it to go on without it", err)}}
}

// List returns copies of all runs, the oldest first.
func (r *Runs) List() []Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Run, len(r.list))
	for i, run := range r.list {
		out[i] = *run
	}
	return out
}

// Get returns a copy of the run with an id, nil if there is none.
func (r *Runs) Get(id string) *Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, run := range r.list {
		if run.ID == id {
			c := *run
			return &c
		}
	}
	return nil
}

// Now returns a run that was read from its file as the panel has it. One of another worker, or that was deleted
// meanwhile, stays as it was read.
func (p *Panel) Now(read Run) Run {
	if run := p.runs.Get(read.ID); run != nil {
		return *run
	}
	return read
}

// Add keeps a new run with the next number.
func (r *Runs) Add(cfg config.Config, name string) (*Run, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	run := &Run{Run: session.Run{ID: hex.EncodeToString(b), Number: 1, Name: name, Config: cfg, Status: Waiting,
		Made: time.Now().UTC()}}
	for _, other := range r.list {
		run.Number = max(run.Number, other.Number+1)
	}
	if err := r.write(run); err != nil {
		return nil, err
	}
	r.list = append(r.list, run)
	c := *run
	return &c, nil
}

// Put keeps a run as it is now.
func (r *Runs) Put(run *Run) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, other := range r.list {
		if other.ID == run.ID && other.Status != Unreadable {
			c := *run
			r.list[i] = &c
			return r.write(&c)
		}
	}
	return nil // it was deleted meanwhile
}

// write writes a run's file. r.mu is held.
func (r *Runs) write(run *Run) error {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	return jsonfile.Write(filepath.Join(r.dir, run.ID+".json"), run)
}

// Delete removes a run. Its model stays a value of the session until that needs the room.
func (r *Runs) Delete(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.list, func(run *Run) bool { return run.ID == id })
	if i < 0 {
		return nil
	}
	if err := os.Remove(filepath.Join(r.dir, id+".json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r.list = slices.Delete(r.list, i, i+1)
	return nil
}
