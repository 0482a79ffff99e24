package device

import (
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// SharedExec is an executor of a graph that is compiled once for all who run it on one backend, at the same time or one after
// the other: trials and protocols train many encoders of one shape. Its calls may come from several goroutines at once.
type SharedExec struct {
	*graph.Exec
	key   string
	cache *ExecCache // nil = it has one user and goes with it
	Users int        // cache.mu guards it

	mu    sync.Mutex
	ready [][]shapes.Shape // inputs for which it is compiled
}

// MaxIdleExecs is how many executors without a user a backend keeps. Runs in turn differ in few shapes: a step on pairs, one of
// the classifier that an encoder is compared with, and the embedding by each.
const MaxIdleExecs = 8

// ExecCache has the executors of one backend.
type ExecCache struct {
	mu     sync.Mutex
	List   []*SharedExec // the latest taken last
	closed bool
}

// ExecCaches has an *ExecCache of every backend, compute.Backend, that OpenBackend has opened and nobody has closed.
var ExecCaches sync.Map

// Finalize frees the backend with all that was compiled for it. Nothing may be in use.
func (b *Backend) Finalize() {
	if cache, ok := ExecCaches.LoadAndDelete(b.Backend); ok {
		cache.(*ExecCache).Close()
	}
	b.Backend.Finalize()
}

// TakeExec returns the executor of the graph that key names, which is build's where backend has none. The key must tell all
// that the graph depends on, the shapes of its inputs but for a few included, and begins with the graph's name. Release it
// after use. An empty key, and a backend that was not opened by OpenBackend, give one that is not shared.
func TakeExec(backend compute.Backend, key string, build func() (*graph.Exec, error)) (*SharedExec, error) {
	named := func() (*graph.Exec, error) {
		exec, err := build()
		if name, _, _ := strings.Cut(key, " "); err == nil && name != "" {
			exec.WithName(name)
		}
		return exec, err
	}
	cached, ok := ExecCaches.Load(backend)
	if !ok || key == "" {
		exec, err := named()
		if err != nil {
			return nil, err
		}
		return &SharedExec{Exec: exec}, nil
	}
	cache := cached.(*ExecCache)
	cache.mu.Lock()
	defer cache.mu.Unlock()
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

// Compile compiles the graph for inputs of these shapes, where it is not yet.
func (e *SharedExec) Compile(inputs ...shapes.Shape) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	same := func(ready []shapes.Shape) bool { return slices.EqualFunc(ready, inputs, shapes.Shape.Equal) }
	if slices.ContainsFunc(e.ready, same) {
		return nil
	}
	if err := compileExec(e.Exec, inputs...); err != nil {
		return err
	}
	e.ready = append(e.ready, slices.Clone(inputs))
	return nil
}

// Release says that one user is done with e.
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

// trim frees the executors without a user that were not taken for longest, beyond those that are kept. c.mu is held.
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

// Close frees all executors that nobody uses; the others go with their last user.
func (c *ExecCache) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.trim()
}
