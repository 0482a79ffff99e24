package main

import (
	"errors"
	"fmt"
	"sync"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// kernel is the guard's connection to the kernel. Its methods may be called by several goroutines.
type kernel struct {
	conn *link.Conn
	// orders has what the kernel wants: [link.KindInterrupt] or [link.KindKill]. It is closed when the kernel is gone.
	orders chan link.Kind

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan link.Message // nil once the kernel is gone
}

// errGone is the error of a call that the kernel does not answer, since it ended.
var errGone = errors.New("the kernel is gone")

// refusal is the error of a call that the kernel refused.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

// dial connects to the kernel of the environment; the error matches [link.ErrNoKernel] where there is none.
func dial() (*kernel, error) {
	conn, err := link.Dial()
	if err != nil {
		return nil, err
	}
	k := &kernel{conn: conn, orders: make(chan link.Kind, 16), waiting: map[uint64]chan link.Message{}}
	go k.receive()
	return k, nil
}

// receive hands on what the kernel says, until it is gone.
func (k *kernel) receive() {
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		for _, answer := range k.waiting {
			close(answer)
		}
		k.waiting = nil
		close(k.orders)
	}()
	for {
		m, err := k.conn.Receive()
		if err != nil {
			return
		}
		if m.Kind == link.KindInterrupt || m.Kind == link.KindKill {
			select {
			case k.orders <- m.Kind:
			default: // sixteen wait already
			}
			continue
		}
		k.mu.Lock()
		if answer := k.waiting[m.Call]; answer != nil {
			delete(k.waiting, m.Call)
			answer <- m
		}
		k.mu.Unlock()
	}
}

// call asks the kernel and waits for its answer. A refusal is an error of type [refusal].
func (k *kernel) call(kind link.Kind, body any) (link.Message, error) {
	m, err := link.New(kind, body)
	if err != nil {
		return m, err
	}
	answer := make(chan link.Message, 1)
	k.mu.Lock()
	if k.waiting == nil {
		k.mu.Unlock()
		return m, errGone
	}
	k.last++
	m.Call = k.last
	k.waiting[m.Call] = answer
	k.mu.Unlock()
	if err := k.conn.Send(m); err != nil {
		return m, fmt.Errorf("%w: %w", errGone, err)
	}
	m, ok := <-answer
	switch {
	case !ok:
		return m, errGone
	case m.Error != "":
		return m, refusal(m.Error)
	}
	return m, nil
}
