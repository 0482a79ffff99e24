package worker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// arguments are those of an operation, as a call has them in JSON. Their JSON is a part of the key, so that a default
// which is spelt out is another key than one that is left out: at worst something is computed twice.
type arguments interface {
	// inputs are the keys of the values that the operation is given.
	inputs() []string
	// files are the paths that it reads.
	files() []string
	// run computes.
	run(ctx context.Context, t *task) (*made, error)
}

// made is what an operation computed.
type made struct {
	name  string                    // for people
	text  string                    // what the value says of itself
	facts any                       // of its handle, as JSON
	write func(folder string) error // its files; nil = none
	// object is the value in memory; nil = it is read from its files when it is wanted.
	object object
	// partial says that it is not the whole: it is answered with the error and kept under a key of its own.
	partial bool
}

// operation is a kind of call.
type operation struct {
	kind string // of its values
	args func() arguments
	// backend says that the result depends on the backend: who computes is a part of the key.
	backend bool
	// durable says that its values took long to compute: they are on the disk before the call is answered.
	durable bool
}

// flight is a computation, with all calls that wait for it.
type flight struct {
	cancel context.CancelFunc
	done   chan struct{}
	record *store.Record // set before done is closed, like err and notes
	notes  []string
	known  bool // another worker had computed it
	err    error

	mu      sync.Mutex
	waiting map[*waiter]bool
	paused  chan struct{} // closed when it may go on; nil = it is not paused
}

// waiter is a call that waits for a flight.
type waiter struct{ each func(any) }

// event tells all waiters how far the flight is.
func (f *flight) event(body any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.waiting {
		w.each(body)
	}
}

// pause makes the computation wait at its next report, or go on.
func (f *flight) pause(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if on == (f.paused != nil) {
		return
	}
	if on {
		f.paused = make(chan struct{})
		return
	}
	close(f.paused)
	f.paused = nil
}

// hold waits while the flight is paused, or until ctx is done.
func (f *flight) hold(ctx context.Context) {
	for {
		f.mu.Lock()
		paused := f.paused
		f.mu.Unlock()
		if paused == nil {
			return
		}
		select {
		case <-paused:
		case <-ctx.Done():
			return
		}
	}
}

// leave takes a waiter away. The computation is told to end when nobody is left.
func (f *flight) leave(w *waiter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.waiting, w)
	if len(f.waiting) == 0 {
		f.cancel()
	}
}

// task is a computation that runs.
type task struct {
	w      *Worker
	flight *flight
	key    string
	cell   string
	begun  time.Time

	mu    sync.Mutex
	notes []string
	done  []func()  // end the use of objects
	told  time.Time // when how far it is was told last
}

// due reports whether it is time to tell how far the task is, some times a second or at the end. t.mu is held.
func (t *task) due(last bool) bool {
	if !last && time.Since(t.told) < 100*time.Millisecond {
		return false
	}
	t.told = time.Now()
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

// decodeArgs fills args from the JSON of a call. A field that it does not know comes from a client of other code.
func decodeArgs(op string, body json.RawMessage, args any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(args); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: the arguments cannot be read (%w): the program was built from other code than the "+
			"session's worker: run the cell again", op, err)
	}
	return nil
}

// dispatch answers a call.
func (w *Worker) dispatch(ctx context.Context, c *client, m wire.Message, r *running) (wire.Message, error) {
	if special, ok := specials[m.Op]; ok {
		var answer wire.Message
		err := guarded(func() (err error) {
			answer, err = special(ctx, w, c, m.Body)
			return err
		})
		return answer, err
	}
	op, ok := operations[m.Op]
	if !ok {
		return wire.Message{}, fmt.Errorf("the session has no call %q: the program was built from other code than the "+
			"session's worker: run the cell again", m.Op)
	}
	args := op.args()
	if err := decodeArgs(m.Op, m.Body, args); err != nil {
		return wire.Message{}, err
	}
	value, err := w.value(ctx, m.Op, args, c.cell, r, func(body any) { c.event(m.Call, body) })
	if value == nil {
		return wire.Message{}, err
	}
	body, marshalErr := json.Marshal(value)
	return wire.Message{Body: body}, errors.Join(err, marshalErr)
}

// keyOf returns the key of a call, with the canonical JSON of its arguments.
func (w *Worker) keyOf(name string, args arguments) (string, json.RawMessage, error) {
	op := operations[name]
	text, err := json.Marshal(args)
	if err != nil {
		return "", nil, err
	}
	machine := ""
	if op.backend {
		if _, err := w.openBackend(); err != nil {
			return "", nil, err
		}
		machine = w.machine
	}
	var files []string
	for _, path := range args.files() {
		sum, err := w.hashes.Of(path)
		if err != nil {
			return "", nil, err
		}
		files = append(files, sum)
	}
	all, err := json.Marshal(struct {
		Op, Code, Machine string
		Args              json.RawMessage
		Files             []string
	}{name, w.code, machine, text, files})
	if err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:]), text, nil
}

// value returns the value of a call: the kept one, or what is computed now, for all calls that want it at once. A
// partial one comes with an error. r and each may be nil.
func (w *Worker) value(ctx context.Context, name string, args arguments, cell string, r *running,
	each func(any)) (*session.Value, error) {
	for attempt := 0; ; attempt++ {
		key, text, err := w.keyOf(name, args)
		if err != nil {
			return nil, err
		}
		v, err := w.valueAt(ctx, name, key, text, args, cell, r, each)
		if err != nil || len(args.files()) == 0 {
			return v, err
		}
		// A file that changed while it was read gives a value that belongs to neither key.
		again, _, err := w.keyOf(name, args)
		if err != nil {
			return nil, err
		}
		if again == key {
			return v, nil
		}
		w.forget(key)
		if attempt == 2 {
			return nil, errors.New("a file changes while it is read: wait until it is written, then run the cell again")
		}
	}
}

// forget removes a value.
func (w *Worker) forget(key string) {
	w.objects.forget(key)
	_, _, _ = w.store.Clear([]string{key}) // at worst it stays, under a key that no call has
}

// valueAt is value for a key.
func (w *Worker) valueAt(ctx context.Context, name, key string, text json.RawMessage, args arguments, cell string,
	r *running, each func(any)) (*session.Value, error) {
	record, err := w.store.Get(key)
	if err == nil {
		return valueOf(record, true, nil), nil
	}
	var damaged *store.DamagedError
	var notes []string
	switch {
	case errors.As(err, &damaged):
		w.objects.forget(key)
		notes = append(notes, damaged.Error()+" and was computed again")
	case !errors.Is(err, store.ErrNone):
		return nil, err
	}
	f, mine := w.join(ctx, name, key, text, args, cell)
	waits := &waiter{each: func(body any) {
		if each != nil {
			each(body)
		}
	}}
	f.mu.Lock()
	f.waiting[waits] = true
	f.mu.Unlock()
	mine()
	if r != nil {
		r.at(f)
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		f.leave(waits)
		<-f.done // it saves what it has
	}
	f.leave(waits)
	if errors.Is(f.err, context.Canceled) && ctx.Err() == nil { // others stopped it just as this call came
		return w.valueAt(ctx, name, key, text, args, cell, r, each)
	}
	if f.record == nil {
		return nil, f.err
	}
	return valueOf(f.record, f.known, append(notes, f.notes...)), f.err
}

// join returns the flight for a key, a new one if there is none, and what lets it start once the caller waits for it.
func (w *Worker) join(ctx context.Context, name, key string, text json.RawMessage, args arguments,
	cell string) (*flight, func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f := w.flights[key]; f != nil {
		return f, func() {}
	}
	// It outlives the call that began it, if another one waits for it.
	flightCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{cancel: cancel, done: make(chan struct{}), waiting: map[*waiter]bool{}}
	w.flights[key] = f
	return f, func() {
		go func() {
			defer cancel()
			w.fly(flightCtx, f, name, key, text, args, cell)
			w.mu.Lock()
			delete(w.flights, key)
			w.mu.Unlock()
			close(f.done)
		}()
	}
}

// fly computes a value and keeps it.
func (w *Worker) fly(ctx context.Context, f *flight, name, key string, text json.RawMessage, args arguments,
	cell string) {
	t := &task{w: w, flight: f, key: key, cell: cell, begun: time.Now()}
	defer t.release()
	defer w.marker.begin(name)()
	// Another worker, of another kernel, may compute the same.
	release, err := w.store.Claim(ctx, key)
	if err != nil {
		f.err = err
		return
	}
	defer release()
	if r, err := w.store.Get(key); err == nil {
		f.record, f.known = r, true
		return
	}
	var m *made
	runErr := guarded(func() (err error) {
		m, err = args.run(ctx, t)
		return err
	})
	f.err, f.notes = runErr, t.notes
	if m == nil {
		return
	}
	if m.partial { // another key, since the whole has this one
		sum := sha256.Sum256([]byte(key + time.Now().String()))
		key = hex.EncodeToString(sum[:])
	} else if runErr != nil {
		return
	}
	facts, err := json.Marshal(m.facts)
	if err != nil {
		f.err = errors.Join(runErr, err)
		return
	}
	r := &store.Record{Key: key, Kind: operations[name].kind, Name: m.name, Op: name, Args: text,
		Inputs: args.inputs(), Made: time.Now().UTC(), Cell: cell, Seconds: time.Since(t.begun).Seconds(),
		Text: m.text, Facts: facts}
	write := m.write
	if write == nil {
		write = func(string) error { return nil }
	}
	if err := w.store.Put(r, operations[name].durable, write); err != nil {
		if m.object != nil {
			m.object.close()
		}
		f.err = errors.Join(runErr, err)
		return
	}
	if m.object != nil {
		_, done := w.objects.put(key, m.object)
		done()
	}
	f.record, f.notes = r, t.notes
}

// valueOf returns the value of a record.
func valueOf(r *store.Record, known bool, notes []string) *session.Value {
	return &session.Value{Key: r.Key, Kind: r.Kind, Name: r.Name, Op: r.Op, Bytes: r.Bytes(), Made: r.Made,
		Cell: r.Cell, Seconds: r.Seconds, Known: known, Notes: notes, Text: r.Text, Facts: r.Facts}
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
