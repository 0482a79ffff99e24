package link

import (
	"errors"
	"fmt"
	"sync"
)

// Caller asks the kernel at a connection. Its methods may be called by several goroutines.
type Caller struct {
	conn  *Conn
	other func(Message)
	gone  chan struct{} // closed when the kernel is gone

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan Message // nil once the kernel is gone
}

// ErrGone is the error of a call that the kernel does not answer, since it ended.
var ErrGone = errors.New("the kernel is gone")

// Refusal is the error of a call that the kernel refused, in its words.
type Refusal string

// Error implements error.
func (r Refusal) Error() string { return string(r) }

// NewCaller returns a caller at a connection, from which nobody else may receive. other gets what is no answer; nil =
// it is dropped.
func NewCaller(conn *Conn, other func(Message)) *Caller {
	c := &Caller{conn: conn, other: other, gone: make(chan struct{}), waiting: map[uint64]chan Message{}}
	go c.receive()
	return c
}

// Gone is closed when the kernel is gone.
func (c *Caller) Gone() <-chan struct{} { return c.gone }

// receive hands on what the kernel says, until it is gone.
func (c *Caller) receive() {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, answer := range c.waiting {
			close(answer)
		}
		c.waiting = nil
		close(c.gone)
	}()
	for {
		m, err := c.conn.Receive()
		if err != nil {
			return
		}
		c.mu.Lock()
		answer := c.waiting[m.Call]
		delete(c.waiting, m.Call)
		c.mu.Unlock()
		switch {
		case answer != nil:
			answer <- m // has room for it
		case c.other != nil:
			c.other(m)
		}
	}
}

// Call asks the kernel and waits for its answer, which it returns. A refusal is an error of type [Refusal]; without a
// kernel the error matches [ErrGone].
func (c *Caller) Call(kind Kind, body any, buffers ...[]byte) (Message, error) {
	m, err := New(kind, body, buffers...)
	if err != nil {
		return m, err
	}
	answer := make(chan Message, 1)
	c.mu.Lock()
	if c.waiting == nil {
		c.mu.Unlock()
		return m, ErrGone
	}
	c.last++
	m.Call = c.last
	c.waiting[m.Call] = answer
	c.mu.Unlock()
	if err := c.conn.Send(m); err != nil {
		c.mu.Lock()
		delete(c.waiting, m.Call)
		c.mu.Unlock()
		return m, fmt.Errorf("%w: %w", ErrGone, err)
	}
	m, ok := <-answer
	switch {
	case !ok:
		return m, ErrGone
	case m.Error != "":
		return m, Refusal(m.Error)
	}
	return m, nil
}
