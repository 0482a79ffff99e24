package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// relay is the way of a program to the kernel: a socket of its own, at which the guard passes on what the program says
// after all that it printed before.
type relay struct {
	path     string
	listener net.Listener
	out      *output
	open     sync.WaitGroup
}

// listen makes the socket, beside the kernel's.
func listen(out *output) (*relay, error) {
	path := filepath.Join(filepath.Dir(os.Getenv(link.Env)), fmt.Sprintf("guard-%d", os.Getpid()))
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("the program's way to the kernel: %w", err)
	}
	r := &relay{path: path, listener: listener, out: out}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			r.open.Add(1)
			go r.pass(link.NewConn(conn))
		}
	}()
	return r, nil
}

// pass connects a program to the kernel until one of them ends.
func (r *relay) pass(program *link.Conn) {
	defer r.open.Done()
	defer program.Close()
	kernel, err := link.Dial()
	if err != nil {
		return
	}
	defer kernel.Close()
	go func() {
		defer program.Close()
		for {
			m, err := kernel.Receive()
			if err != nil || program.Send(m) != nil {
				return
			}
		}
	}()
	for {
		m, err := program.Receive()
		if err != nil {
			return
		}
		r.out.drain()
		if kernel.Send(m) != nil {
			return
		}
	}
}

// wait waits until what an ended program said is passed on. What it started may go on, and is not waited for.
func (r *relay) wait() {
	done := make(chan struct{})
	go func() {
		r.open.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(last):
	}
}

// close removes the socket.
func (r *relay) close() { _ = r.listener.Close() }

// decode reads a message's body; one without is the zero value.
func decode(m link.Message, body any) error {
	if len(m.Body) == 0 {
		return nil
	}
	return json.Unmarshal(m.Body, body)
}
