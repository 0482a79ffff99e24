package widget

import (
	"context"
	"sync"
)

// events runs the functions that a program gave for changes and clicks, one at a time, and wakes those that wait. They
// are run apart from where messages are received, so that they may change widgets themselves.
type events struct {
	mu       sync.Mutex
	waiting  []*event
	running  bool
	happened chan struct{} // closed and made anew when something has happened; nil = nobody waits
}

// event is what happened to a widget. Changes of one key of a widget are one event until it is handled: what counts is
// the last value.
type event struct {
	model *model
	key   string // of a change; "" = a click or a message of its own
	run   func()
}

// add appends an event.
func (e *events) add(m *model, key string, run func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, old := range e.waiting {
		if key != "" && old.model == m && old.key == key {
			old.run = run
			return
		}
	}
	e.waiting = append(e.waiting, &event{m, key, run})
	if !e.running {
		e.running = true
		go e.handle()
	}
}

// handle runs what waits, until nothing does.
func (e *events) handle() {
	for {
		e.mu.Lock()
		if len(e.waiting) == 0 {
			e.running = false
			e.mu.Unlock()
			return
		}
		next := e.waiting[0]
		e.waiting = e.waiting[1:]
		e.mu.Unlock()
		next.run()
		e.mu.Lock()
		next.model.unseen = true
		if e.happened != nil {
			close(e.happened)
			e.happened = nil
		}
		e.mu.Unlock()
	}
}

// wait waits until something has happened to one of the widgets that no wait has seen yet.
func (e *events) wait(ctx context.Context, gone <-chan struct{}, models []*model) error {
	for {
		e.mu.Lock()
		for _, m := range models {
			if m.unseen {
				m.unseen = false
				e.mu.Unlock()
				return nil
			}
		}
		if e.happened == nil {
			e.happened = make(chan struct{})
		}
		happened := e.happened
		e.mu.Unlock()
		select {
		case <-happened:
		case <-gone:
			return errGone
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
