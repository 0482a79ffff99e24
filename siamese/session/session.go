package session

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/session/failure"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// Environment variables that are read.
const (
	socketEnv = "SIAMESE_SESSION"        // path of the session's socket; the lab's kernel sets it
	workerEnv = "SIAMESE_SESSION_WORKER" // the worker's program, where there is no kernel; "" = it is built
	cellEnv   = "SIAMESE_CELL"           // what the cell is called in lists of values
)

// Session is a connection to a session's worker. It is safe for concurrent use.
type Session struct {
	path  string
	local *local // the worker that this process started; nil under a kernel

	mu     sync.Mutex
	conn   *wire.Conn
	calls  map[uint64]*pending
	last   uint64
	closed bool
	waits  func(Work) // told what the connection waits for; nil = nobody
	note   string     // how the worker before the present one ended
}

// pending is a call that waits for its answer.
type pending struct {
	events chan wire.Message
	done   chan wire.Message
}

// Connect returns the session of the lab's kernel, whose worker starts with the first call. Elsewhere, as with go run
// and in tests, it starts a worker that ends with this process, and builds it from the checkout if need be. Close ends
// the connection.
func Connect(ctx context.Context) (*Session, error) { return ConnectWith(ctx, nil) }

// ConnectWith is [Connect] that tells in each what it waits for, some times a second: building the worker takes a
// minute the first time, and some seconds after an edit of the lab's code. nil = silent.
func ConnectWith(ctx context.Context, each func(Work)) (*Session, error) {
	s := &Session{path: os.Getenv(socketEnv), calls: map[uint64]*pending{}, waits: each}
	if s.path == "" {
		l, err := newLocal(each)
		if err != nil {
			return nil, err
		}
		s.local, s.path = l, l.socket
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.dial(ctx); err != nil {
		s.local.close()
		return nil, err
	}
	return s, nil
}

// Close ends the connection, and a worker that this process started.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	s.closed = true
	if s.conn != nil {
		err = s.conn.Close()
		s.conn = nil
	}
	s.local.close()
	return err
}

// receive gives messages to the calls that wait for them, until the connection ends.
func (s *Session) receive(conn *wire.Conn) {
	for {
		m, err := conn.Receive()
		s.mu.Lock()
		if err != nil {
			if s.conn == conn {
				s.conn = nil
			}
			for n, p := range s.calls {
				close(p.done)
				delete(s.calls, n)
			}
			s.mu.Unlock()
			_ = conn.Close()
			return
		}
		p := s.calls[m.Call]
		if p != nil && m.Kind != wire.Event {
			delete(s.calls, m.Call)
		}
		s.mu.Unlock()
		switch {
		case p == nil:
			for _, f := range m.Files {
				_ = f.Close()
			}
		case m.Kind == wire.Event:
			select {
			case p.events <- m:
			default: // the caller is slow: how far a call is may be skipped
			}
		default:
			p.done <- m
		}
	}
}

// begin sends a call.
func (s *Session) begin(ctx context.Context, op string, body json.RawMessage) (uint64, *pending, *wire.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for attempt := 0; ; attempt++ {
		if s.conn == nil {
			if err := s.dial(ctx); err != nil {
				return 0, nil, nil, err
			}
		}
		s.last++
		p := &pending{events: make(chan wire.Message, 64), done: make(chan wire.Message, 1)}
		s.calls[s.last] = p
		conn := s.conn
		err := conn.Send(wire.Message{Kind: wire.Call, Call: s.last, Op: op, Body: body})
		if err == nil {
			return s.last, p, conn, nil
		}
		delete(s.calls, s.last)
		if s.conn == conn {
			s.conn = nil
		}
		if attempt > 0 { // the first time the worker may have ended long ago
			return 0, nil, nil, &Error{Op: op, Kind: failure.Ended,
				Text: fmt.Sprintf("the session's worker cannot be reached (%v): restart the kernel", err)}
		}
	}
}

// ended returns the error of a call whose worker ended. It connects again, since the next worker may know why.
func (s *Session) ended(ctx context.Context, op string) error {
	why := s.local.why()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil && !s.closed && s.dial(ctx) == nil && s.note != "" {
		why = " (" + s.note + ")"
	}
	return &Error{Op: op, Kind: failure.Ended, Text: "the session's worker ended during " + op + why +
		": what was finished is kept; run the cell again to go on"}
}

// call sends a call and returns its answer. each receives events, one at a time; nil = none are wanted. When ctx is
// done the call is told to end, and its answer is waited for.
func (s *Session) call(ctx context.Context, op string, body json.RawMessage,
	each func(wire.Message)) (wire.Message, error) {
	if err := ctx.Err(); err != nil {
		return wire.Message{}, err
	}
	n, p, conn, err := s.begin(ctx, op, body)
	if err != nil {
		return wire.Message{}, err
	}
	return s.answer(ctx, op, n, p, conn, each)
}

// answer waits for the answer of a call that was sent.
func (s *Session) answer(ctx context.Context, op string, n uint64, p *pending, conn *wire.Conn,
	each func(wire.Message)) (wire.Message, error) {
	cancelled := ctx.Done()
	for {
		select {
		case m := <-p.events:
			if each != nil {
				each(m)
			}
		case <-cancelled:
			cancelled = nil
			_ = conn.Send(wire.Message{Kind: wire.Cancel, Call: n}) // that it cannot be sent shows as an end
		case m, ok := <-p.done:
			for each != nil && len(p.events) > 0 {
				each(<-p.events)
			}
			if !ok {
				return wire.Message{}, s.ended(ctx, op)
			}
			for _, e := range m.Told {
				provenance.Tell(e)
			}
			if m.Kind == wire.Result {
				return m, nil
			}
			return problem(m)
		}
	}
}

// problem returns the error in a message, and the message with the value that came beside it.
func problem(m wire.Message) (wire.Message, error) {
	var body struct {
		Error Error           `json:"error"`
		Value json.RawMessage `json:"value,omitempty"`
	}
	if err := json.Unmarshal(m.Body, &body); err != nil {
		return wire.Message{}, fmt.Errorf("the session's answer: %w", err)
	}
	m.Body = body.Value
	return m, &body.Error
}

// absolute returns a path that means the same to the worker, whose working directory is another one.
func absolute(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	return filepath.Abs(path)
}
