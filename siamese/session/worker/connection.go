package worker

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"sync"
	"time"

	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// connection serves one connection of a cell until it ends. What runs for nobody else then ends too.
func (w *Worker) connection(ctx context.Context, raw *net.UnixConn) {
	conn := wire.NewConn(raw)
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	var calls sync.WaitGroup
	defer calls.Wait()
	defer cancel()
	// The socket's folder is the user's own; this is for a folder whose mode somebody changed.
	if uid, err := conn.PeerUID(); err != nil || uid != os.Getuid() {
		return
	}
	c := &client{w: w, conn: conn, running: map[uint64]*running{}}
	for {
		m, err := conn.Receive()
		if err != nil {
			return
		}
		for _, f := range m.Files { // no message of a cell has any
			_ = f.Close()
		}
		switch m.Kind {
		case wire.Hello:
			if !c.hello(ctx, m) {
				return
			}
		case wire.Call:
			r := &running{}
			var callCtx context.Context
			callCtx, r.cancel = context.WithCancel(ctx)
			c.mu.Lock()
			c.running[m.Call] = r
			c.mu.Unlock()
			calls.Go(func() {
				defer r.cancel()
				c.call(callCtx, m, r)
				c.mu.Lock()
				delete(c.running, m.Call)
				c.mu.Unlock()
			})
		case wire.Cancel, wire.Pause, wire.Resume:
			c.mu.Lock()
			r := c.running[m.Call]
			c.mu.Unlock()
			switch {
			case r == nil: // it was answered meanwhile
			case m.Kind == wire.Cancel:
				r.cancel()
			default:
				r.pause(m.Kind == wire.Pause)
			}
		}
	}
}

// client is a cell's program.
type client struct {
	w    *Worker
	conn *wire.Conn
	cell string

	mu      sync.Mutex
	running map[uint64]*running
}

// running is a call that was not answered yet.
type running struct {
	cancel context.CancelFunc

	mu     sync.Mutex
	paused bool
	flight *flight
}

// pause makes the call's work wait, or go on.
func (r *running) pause(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paused = on
	if r.flight != nil {
		r.flight.pause(on)
	}
}

// at says which flight does the call's work.
func (r *running) at(f *flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flight = f
	if r.paused {
		f.pause(true)
	}
}

// greeting is what both sides say first; package session has the same.
type greeting struct {
	Cell    string `json:"cell,omitempty"`
	Restart bool   `json:"restart,omitempty"`
	Problem string `json:"problem,omitempty"`
	Waiting string `json:"waiting,omitempty"`
	Note    string `json:"note,omitempty"` // how the worker before this one ended
	Code    string `json:"code,omitempty"`
	Pid     int    `json:"pid,omitempty"`
}

// hello answers the first message. It returns false when the connection should end: the worker is replaced by one of
// newer code, or the newer code does not build.
func (c *client) hello(ctx context.Context, m wire.Message) bool {
	var said greeting
	if json.Unmarshal(m.Body, &said) != nil {
		return false
	}
	c.cell = said.Cell
	answer := greeting{Code: c.w.code, Pid: os.Getpid()}
	done := c.waiting("building the session's worker: the lab's code has changed")
	newer, err := c.w.watch.changed(ctx)
	done()
	if err != nil {
		answer.Problem = err.Error()
	}
	answer.Restart, answer.Note = newer != "", c.w.end
	body, err := json.Marshal(answer)
	if err != nil {
		return false
	}
	if newer != "" {
		done := c.waiting("waiting for what runs by older code of the lab")
		defer done()
		c.w.replace(ctx, newer, func() {
			done()
			_ = c.conn.Send(wire.Message{Kind: wire.Hello, Body: body})
		})
		return false
	}
	return c.conn.Send(wire.Message{Kind: wire.Hello, Body: body}) == nil && answer.Problem == ""
}

// waiting tells the cell what it waits for, every half second until the returned function is called.
func (c *client) waiting(what string) func() {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(500 * time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
				if body, err := json.Marshal(greeting{Waiting: what}); err == nil {
					_ = c.conn.Send(wire.Message{Kind: wire.Hello, Body: body}) // an end shows when it is answered
				}
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(stop)
		<-stopped
	})
}

// call answers a call.
func (c *client) call(ctx context.Context, m wire.Message, r *running) {
	answer, err := c.w.dispatch(ctx, c, m, r)
	if err != nil {
		problem := problemOf(m.Op, err)
		body, marshalErr := json.Marshal(struct {
			Error *session.Error  `json:"error"`
			Value json.RawMessage `json:"value,omitempty"`
		}{problem, answer.Body})
		if marshalErr != nil {
			body = []byte(`{"error":{"kind":"panic","text":"the error cannot be written"}}`)
		}
		answer.Kind, answer.Body = wire.Problem, body
	} else {
		answer.Kind = wire.Result
	}
	answer.Call = m.Call
	_ = c.conn.Send(answer) // that it cannot be sent shows as the connection's end
	for _, f := range answer.Files {
		_ = f.Close()
	}
}

// event tells the cell how far a call is.
func (c *client) event(call uint64, body any) {
	text, err := json.Marshal(body)
	if err == nil {
		_ = c.conn.Send(wire.Message{Kind: wire.Event, Call: call, Body: text})
	}
}
