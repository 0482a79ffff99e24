package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
)

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

	telling sync.Mutex // keeps events in order; never taken while mu is held
}

// waiter is a call that waits for a flight.
type waiter struct{ each func(any) }

// event tells all waiters how far the flight is. A waiter may need a lock whose holder wants to pause the flight, so that
// mu is free meanwhile.
func (f *flight) event(body any) {
	f.telling.Lock()
	defer f.telling.Unlock()
	f.mu.Lock()
	waiting := slices.Collect(maps.Keys(f.waiting))
	f.mu.Unlock()
	for _, w := range waiting {
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

// value returns the value of a call: the kept one, or what is computed now, for all calls that want it at once. A
// partial one comes with an error. r and each may be nil.
func (w *Worker) value(ctx context.Context, name string, args arguments, cell string, r *running,
	each func(any)) (*answer, error) {
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
			v.Anew = w.anew(name, text, key, args.files())
			return v, nil
		}
		w.forget(key)
		if attempt == 2 {
			return nil, errors.New("a file changes while it is read: wait until it is written, then run the cell again")
		}
	}
}

// anew says that files of a call have changed since it was made last, "" where they have not: else a line of a notebook
// that is run again for a later cell would train again with nobody knowing why.
func (w *Worker) anew(name string, text json.RawMessage, key string, files []string) string {
	call := sha256.Sum256(append([]byte(name+"\x00"), text...))
	w.mu.Lock()
	defer w.mu.Unlock()
	last, ok := w.read[call]
	w.read[call] = key
	if !ok || last == key {
		return ""
	}
	what := quote.Text(filepath.Base(files[0])) + " has"
	if len(files) > 1 {
		what = "files have"
	}
	return what + " changed since last read: read again, and what is made with it is made anew"
}

// forget removes a value.
func (w *Worker) forget(key string) {
	w.objects.forget(key)
	_, _, _ = w.store.Clear([]string{key}) // at worst it stays, under a key that no call has
}

// valueAt is value for a key.
func (w *Worker) valueAt(ctx context.Context, name, key string, text json.RawMessage, args arguments, cell string,
	r *running, each func(any)) (*answer, error) {
	record, err := w.store.Get(key)
	if err == nil {
		return answerOf(record, true, nil), nil
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
	notes = append(notes, f.notes...)
	a := answerOf(f.record, f.known, notes)
	if len(notes) > 0 {
		a.told = append(slices.Clone(a.told), mendedEvent)
	}
	return a, f.err
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
	t := &task{w: w, flight: f, key: key, cell: cell, begun: time.Now(),
		data: sync.OnceValue(func() []origin.File { return w.data(args) })}
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
	lasting := w.lasting(name, text, args)
	if m.partial { // another key, since the whole has this one
		lasting = ""
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
		Inputs: args.inputs(), Lasting: lasting, Made: time.Now().UTC(), Cell: cell, Seconds: time.Since(t.begun).Seconds(),
		Told: t.told(operations[name], args), Data: t.data(), Text: m.text, Facts: facts}
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
