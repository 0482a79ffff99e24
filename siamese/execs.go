package siamese

import (
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// sharedExec is an executor of a graph that is compiled once for all who run it on one backend, at the same time or one after
// the other: trials and protocols train many encoders of one shape. Its calls may come from several goroutines at once.
type sharedExec struct {
	*graph.Exec
	key   string
	cache *execCache // nil = it has one user and goes with it
	users int        // cache.mu guards it

	mu    sync.Mutex
	ready [][]shapes.Shape // inputs for which it is compiled
}

// execsKept is how many executors without a user a backend keeps. Runs in turn differ in few shapes: a step on pairs, one of
// the classifier that an encoder is compared with, and the embedding by each.
const execsKept = 8

// execCache has the executors of one backend.
type execCache struct {
	mu     sync.Mutex
	list   []*sharedExec // the latest taken last
	closed bool
}

// execCaches has an *execCache of every backend, compute.Backend, that OpenBackend has opened and nobody has closed.
var execCaches sync.Map

// Finalize frees the backend with all that was compiled for it. Nothing may be in use.
func (b *Backend) Finalize() {
	if cache, ok := execCaches.LoadAndDelete(b.Backend); ok {
		cache.(*execCache).close()
	}
	b.Backend.Finalize()
}

// takeExec returns the executor of the graph that key names, which is build's where backend has none. The key must tell all
// that the graph depends on, the shapes of its inputs but for a few included, and begins with the graph's name. Release it
// after use. An empty key, and a backend that was not opened by OpenBackend, give one that is not shared.
func takeExec(backend compute.Backend, key string, build func() (*graph.Exec, error)) (*sharedExec, error) {
	named := func() (*graph.Exec, error) {
		exec, err := build()
		if name, _, _ := strings.Cut(key, " "); err == nil && name != "" {
			exec.WithName(name)
		}
		return exec, err
	}
	cached, ok := execCaches.Load(backend)
	if !ok || key == "" {
		exec, err := named()
		if err != nil {
			return nil, err
		}
		return &sharedExec{Exec: exec}, nil
	}
	cache := cached.(*execCache)
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if i := slices.IndexFunc(cache.list, func(e *sharedExec) bool { return e.key == key }); i >= 0 {
		e := cache.list[i]
		e.users++
		cache.list = append(slices.Delete(cache.list, i, i+1), e)
		return e, nil
	}
	exec, err := named()
	if err != nil {
		return nil, err
	}
	e := &sharedExec{Exec: exec, key: key, cache: cache, users: 1}
	cache.list = append(cache.list, e)
	return e, nil
}

// compile compiles the graph for inputs of these shapes, where it is not yet.
func (e *sharedExec) compile(inputs ...shapes.Shape) error {
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

// release says that one user is done with e.
func (e *sharedExec) release() {
	if e.cache == nil {
		e.Finalize()
		return
	}
	e.cache.mu.Lock()
	defer e.cache.mu.Unlock()
	e.users--
	e.cache.trim()
}

// trim frees the executors without a user that were not taken for longest, beyond those that are kept. c.mu is held.
func (c *execCache) trim() {
	idle := 0
	for _, e := range c.list {
		if e.users == 0 {
			idle++
		}
	}
	kept := execsKept
	if c.closed {
		kept = 0
	}
	c.list = slices.DeleteFunc(c.list, func(e *sharedExec) bool {
		if e.users > 0 || idle <= kept {
			return false
		}
		idle--
		e.Finalize()
		return true
	})
}

// close frees all executors that nobody uses; the others go with their last user.
func (c *execCache) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.trim()
}
