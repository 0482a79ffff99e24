package worker

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
)

// What a call reads, draws from and computes by is told to the cell that asked, with the answer. The worker cannot take
// it from what the library tells in this process: several calls run at once, and none may be told of another's. It is a
// function of the call instead, as its key is, and is kept beside the value for whoever is given that later.

// answer is a value with what is told of it.
type answer struct {
	*session.Value
	told []provenance.Event
}

// answerOf returns the answer by a record. known says that it was there.
func answerOf(r *store.Record, known bool, notes []string) *answer {
	told := r.Told
	if known {
		told = append(slices.Clone(told), provenance.Event{Kind: provenance.KeptValue, Text: r.Key})
	}
	return &answer{valueOf(r, known, notes), told}
}

// tell keeps events for the answer, once each.
func (t *task) tell(events ...provenance.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range events {
		if !slices.Contains(t.events, e) {
			t.events = append(t.events, e)
		}
	}
}

// seed tells a seed that is drawn from.
func (t *task) seed(seed uint64) { t.tell(provenance.SeedEvent(seed)) }

// volatile tells texts of the value that are others in every run.
func (t *task) volatile(texts ...string) {
	for _, text := range texts {
		if text != "" {
			t.tell(provenance.Event{Kind: provenance.Changes, Text: text})
		}
	}
}

// readsOf returns the files that a call reads, as far as they are there: what is refused has been read too.
func readsOf(args arguments) []provenance.Event {
	var out []provenance.Event
	for _, path := range args.files() {
		if _, err := os.Stat(path); err == nil {
			out = append(out, provenance.Event{Kind: provenance.FileRead, Text: path})
		}
	}
	return out
}

// mendedEvent is told of a call for which a value was computed again, since what was kept was damaged: its handle has a note
// that another run has not.
var mendedEvent = provenance.Event{Kind: provenance.Fact, Name: "session", Text: "a damaged value was computed again"}

// told returns what is told of the computation of an operation: the files that it reads, the backend, and what
// [task.tell] was given.
func (t *task) told(op operation, args arguments) []provenance.Event {
	var out []provenance.Event
	for _, path := range args.files() {
		out = append(out, provenance.Event{Kind: provenance.FileRead, Text: path})
	}
	if op.backend {
		out = append(out, provenance.Event{Kind: provenance.Fact, Name: "backend", Text: t.w.kind})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.events {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// data returns the files that values and a call's own files come from, never nil.
func (w *Worker) data(args arguments) []origin.File {
	out := []origin.File{}
	add := func(f origin.File) {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	for _, key := range args.inputs() {
		if r, err := w.record(key); err == nil { // one that is gone is an error of the computation
			for _, f := range r.Data {
				add(f)
			}
		}
	}
	for _, path := range args.files() {
		info, err := os.Stat(path)
		if err != nil { // an error of the computation
			continue
		}
		f := origin.File{Name: filepath.Base(path)}
		if !info.IsDir() {
			f.Bytes = info.Size()
			f.SHA, _ = w.hashes.Of(path) // known from the key
		}
		add(f)
	}
	return out
}
