package widget

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// client is this program's connection to the kernel.
type client struct {
	conn   *link.Conn
	events events

	mu     sync.Mutex
	call   uint64
	asked  map[uint64]func(link.Message) // run where messages are received, in their order
	models map[string]*model
	ended  error         // why the connection ended
	gone   chan struct{} // closed at its end
}

// current is the connection that all widgets of the program share, and the socket that it was made to.
var current struct {
	sync.Mutex
	socket string
	*client
}

// connect returns the connection to the kernel. Outside of the lab's kernel it returns nil and no error.
func connect() (*client, error) {
	current.Lock()
	defer current.Unlock()
	socket := cmp.Or(os.Getenv(link.Env), os.Getenv(link.SessionEnv))
	if current.client != nil && current.socket == socket {
		return current.client, nil
	}
	if socket == "" {
		return nil, nil
	}
	conn, err := link.DialAt(socket)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, asked: map[uint64]func(link.Message){}, models: map[string]*model{},
		gone: make(chan struct{})}
	current.client, current.socket = c, socket
	go c.receive()
	return c, nil
}

// receive handles what the kernel says until the connection ends.
func (c *client) receive() {
	for {
		message, err := c.conn.Receive()
		if err != nil {
			c.mu.Lock()
			c.ended = fmt.Errorf("the connection to the kernel ended: %w", err)
			c.mu.Unlock()
			close(c.gone)
			return
		}
		c.mu.Lock()
		answered := c.asked[message.Call]
		delete(c.asked, message.Call)
		c.mu.Unlock()
		switch message.Kind {
		case link.KindCommMsg, link.KindCommClose:
			c.comm(message)
		default:
			if answered != nil {
				answered(message)
			}
		}
	}
}

// comm handles a message to one of the widgets.
func (c *client) comm(message link.Message) {
	var comm link.Comm
	if json.Unmarshal(message.Body, &comm) != nil {
		return
	}
	c.mu.Lock()
	m := c.models[comm.ID]
	if message.Kind == link.KindCommClose {
		delete(c.models, comm.ID)
	}
	c.mu.Unlock()
	switch {
	case m == nil:
	case message.Kind == link.KindCommClose:
		m.closed()
	default:
		m.message(comm.Data, message.Buffers)
	}
}

// ask sends a message and waits for the answer. first, if it is not nil, is run with the answer before anything that
// the kernel said after it.
func (c *client) ask(ctx context.Context, kind link.Kind, body any, buffers [][]byte, first func()) (link.Message, error) {
	message, err := link.New(kind, body, buffers...)
	if err != nil {
		return link.Message{}, err
	}
	answer := make(chan link.Message, 1)
	c.mu.Lock()
	c.call++
	message.Call = c.call
	c.asked[message.Call] = func(m link.Message) {
		if first != nil {
			first()
		}
		answer <- m
	}
	c.mu.Unlock()
	if err := c.conn.Send(message); err != nil {
		return link.Message{}, fmt.Errorf("to the kernel: %w", err)
	}
	select {
	case m := <-answer:
		if m.Error != "" {
			return m, errors.New(m.Error)
		}
		return m, nil
	case <-c.gone:
		return link.Message{}, c.ended
	case <-ctx.Done():
		return link.Message{}, ctx.Err()
	}
}
