package worker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/session/internal/store"
)

// task is a computation that runs.
type task struct {
	w      *Worker
	flight *flight
	key    string
	cell   string
	begun  time.Time
	data   func() []origin.File // what [Worker.data] returns for the call, found once; nil in what only reads values

	mu     sync.Mutex
	notes  []string
	events []provenance.Event // see [task.tell]
	done   []func()           // end the use of objects
	shown  time.Time          // when how far it is was told last
}

// due reports whether it is time to tell how far the task is, some times a second or at the end. t.mu is held.
func (t *task) due(last bool) bool {
	if !last && time.Since(t.shown) < 100*time.Millisecond {
		return false
	}
	t.shown = time.Now()
	return true
}

// note keeps a remark for the handle.
func (t *task) note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// release ends the use of all objects that the task was given.
func (t *task) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, done := range t.done {
		done()
	}
	t.done = nil
}

// input returns the object of a value that the task is given, from memory or from its files, and holds it until the
// task ends. A value that was damaged is computed again; one that was removed is an error.
func input[T object](ctx context.Context, t *task, key string) (T, error) {
	x, err := t.w.object(ctx, t, key)
	if err != nil {
		var none T
		return none, err
	}
	typed, ok := x.(T)
	if !ok {
		return typed, option.Errorf("value", "%.12s is of another kind than is needed here", key)
	}
	return typed, nil
}

// inputs returns two of them; the first that is missing is the error.
func inputs[A, B object](ctx context.Context, t *task, first, second string) (a A, b B, err error) {
	if a, err = input[A](ctx, t, first); err != nil {
		return a, b, err
	}
	b, err = input[B](ctx, t, second)
	return a, b, err
}

// object is input without the type.
func (w *Worker) object(ctx context.Context, t *task, key string) (object, error) {
	use := func(x object, done func()) object {
		t.mu.Lock()
		t.done = append(t.done, done)
		t.mu.Unlock()
		return x
	}
	if len(key) != sha256.Size*2 {
		return nil, &goneError{key}
	}
	if x, done := w.objects.get(key); x != nil {
		w.store.Used(key)
		return use(x, done), nil
	}
	r, err := w.store.Get(key)
	var damaged *store.DamagedError
	if errors.As(err, &damaged) && damaged.Record != nil {
		if r, err = w.again(ctx, t, damaged); err == nil {
			t.note("%v and was computed again", damaged)
		}
	}
	if errors.Is(err, store.ErrNone) {
		return nil, &goneError{key}
	}
	if err != nil {
		return nil, err
	}
	load := loaders[r.Kind]
	if load == nil {
		return nil, option.Errorf("value", "%.12s is a %s, which cannot be used here", key, r.Kind)
	}
	x, err := load(ctx, t, r)
	if err != nil {
		return nil, err
	}
	return use(w.objects.put(key, x)), nil
}

// again computes a value that was damaged. Its key must come out the same: if a file changed since, it does not.
func (w *Worker) again(ctx context.Context, t *task, damaged *store.DamagedError) (*store.Record, error) {
	r := damaged.Record
	op, ok := operations[r.Op]
	if !ok {
		return nil, &goneError{damaged.Key}
	}
	args := op.args()
	if err := decodeArgs(r.Op, r.Args, args); err != nil {
		return nil, err
	}
	key, _, err := w.keyOf(r.Op, args)
	if err != nil {
		return nil, err
	}
	if key != damaged.Key {
		return nil, &goneError{damaged.Key}
	}
	if _, err := w.value(ctx, r.Op, args, t.cell, nil, t.flight.event); err != nil {
		return nil, err
	}
	return w.store.Get(key)
}
