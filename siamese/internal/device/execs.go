package device

import (
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// SharedExec is an executor of a graph that is compiled once for all its users on one backend: sweeps and protocols
// train many encoders of one shape. It is safe for concurrent use.
type SharedExec struct {
	*graph.Exec
	key   string     // identifies the graph in its cache
	cache *ExecCache // nil = it has one user, who frees it
	Users int        // taken and not yet released; cache.mu guards it

	mu    sync.Mutex
	Ready [][]shapes.Shape // shapes of inputs for which it is compiled; mu guards it
}

// MaxIdleExecs is the number of executors without users that a backend keeps. Successive runs have few shapes: a
// training step, one of the classifier that is compared with it, and the embedding of each.
const MaxIdleExecs = 8

// ExecCache holds the executors of one backend, used ones and a few idle ones. It is a list rather than a map, because
// it is short and its order says which idle one to free. It is safe for concurrent use.
type ExecCache struct {
	mu     sync.Mutex
	List   []*SharedExec // most recently used last
	closed bool
}

// ExecCaches maps every open compute.Backend of [Open] to its *ExecCache. It is global because callers hold the plain
// backend, which has no room for a cache.
var ExecCaches sync.Map

// Finalize frees the backend with all graphs compiled for it, none of which may be in use. The backend cannot be used
// afterwards.
func (b *Backend) Finalize() {
	if cache, ok := ExecCaches.LoadAndDelete(b.Backend); ok {
		cache.(*ExecCache).Close()
	}
	b.Backend.Finalize()
}

// TakeExec returns the executor for key, from the cache of backend or else from build. The key starts with the graph's
// name, up to the first space, and must identify everything that build depends on and, but for a few, the shapes of the
// inputs: two graphs with one key would be confused without an error. Release the executor after use. With an empty
// key, or a backend that [Open] did not open, it is not shared.
func TakeExec(backend compute.Backend, key string, build func() (*graph.Exec, error)) (*SharedExec, error) {
	// GoMLX shows the name in errors and in profiles.
	named := func() (*graph.Exec, error) {
		exec, err := build()
		if name, _, _ := strings.Cut(key, " "); err == nil && name != "" {
			exec.WithName(name)
		}
		return exec, err
	}
	cached, ok := ExecCaches.Load(backend)
	if !ok || key == "" { // its one user frees it
		exec, err := named()
		if err != nil {
			return nil, err
		}
		return &SharedExec{Exec: exec}, nil
	}
	cache := cached.(*ExecCache)
	cache.mu.Lock()
	defer cache.mu.Unlock()
	// The lock is held while building, which is fast: compiling comes later, in Compile.
	if i := slices.IndexFunc(cache.List, func(e *SharedExec) bool { return e.key == key }); i >= 0 {
		e := cache.List[i]
		e.Users++
		cache.List = append(slices.Delete(cache.List, i, i+1), e)
		return e, nil
	}
	exec, err := named()
	if err != nil {
		return nil, err
	}
	e := &SharedExec{Exec: exec, key: key, cache: cache, Users: 1}
	cache.List = append(cache.List, e)
	return e, nil
}

// Compile compiles the graph for inputs of these shapes, unless it is already. Others that compile the same graph wait,
// so that it is compiled once.
func (e *SharedExec) Compile(inputs ...shapes.Shape) error {
	made, err := e.compile(inputs...)
	if made {
		Settle() // compiling needs much more memory than the graph keeps
	}
	return err
}

// Ahead compiles the graph for inputs of these shapes beside the caller, and then returns memory to the system, which
// nobody who runs the graph waits for. The returned function waits for the end of both; call it before the backend is
// closed. An error is not told: [SharedExec.Compile] runs into it again.
func (e *SharedExec) Ahead(inputs ...shapes.Shape) (wait func()) {
	var done sync.WaitGroup
	done.Go(func() {
		_, _ = e.compile(inputs...)
		Settle()
	})
	return done.Wait
}

// compile is Compile without what follows it. made is false where there was nothing to do.
func (e *SharedExec) compile(inputs ...shapes.Shape) (made bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	same := func(ready []shapes.Shape) bool { return slices.EqualFunc(ready, inputs, shapes.Shape.Equal) }
	if slices.ContainsFunc(e.Ready, same) {
		return false, nil
	}
	if _, err := e.Exec.Compile(inputs...); err != nil {
		return true, err
	}
	e.Ready = append(e.Ready, slices.Clone(inputs))
	return true, nil
}

// Release ends one use of e, which the caller must not use afterwards. Every [TakeExec] needs exactly one.
func (e *SharedExec) Release() {
	if e.cache == nil {
		e.Finalize()
		return
	}
	e.cache.mu.Lock()
	defer e.cache.mu.Unlock()
	e.Users--
	e.cache.trim()
}

// trim frees the least recently used executors without users, beyond those that are kept. c.mu is held.
func (c *ExecCache) trim() {
	idle := 0
	for _, e := range c.List {
		if e.Users == 0 {
			idle++
		}
	}
	kept := MaxIdleExecs
	if c.closed {
		kept = 0
	}
	c.List = slices.DeleteFunc(c.List, func(e *SharedExec) bool {
		if e.Users > 0 || idle <= kept {
			return false
		}
		idle--
		e.Finalize()
		return true
	})
}

// Close frees all executors without users; the others are freed by their last user.
func (c *ExecCache) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.trim()
}
