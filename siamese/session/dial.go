package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/go-siamese/lab/siamese/session/failure"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// hello is the body of the first message both ways.
type hello struct {
	Cell    string `json:"cell,omitempty"`
	Restart bool   `json:"restart,omitempty"` // the worker is replaced by one of newer code: connect again
	Waiting string `json:"waiting,omitempty"` // what the worker does before it answers; another hello follows
	Note    string `json:"note,omitempty"`    // how the worker before this one ended
	Problem string `json:"problem,omitempty"` // the newer code does not build
	Code    string `json:"code,omitempty"`    // hash of the worker's program
	Pid     int    `json:"pid,omitempty"`
}

// dial connects, and waits while the worker is replaced by one of newer code. s.mu is held.
func (s *Session) dial(ctx context.Context) error {
	if s.closed {
		return errors.New("the session is closed: connect again")
	}
	begun := time.Now()
	for {
		if err := s.local.ensure(ctx); err != nil {
			return err
		}
		conn, err := wire.Dial(s.path)
		if err != nil {
			return &Error{Op: "connect", Kind: failure.Ended,
				Text: fmt.Sprintf("the session's worker cannot be reached (%v): restart the kernel", err)}
		}
		answer, err := s.greet(ctx, conn)
		switch {
		case err != nil && ctx.Err() == nil && errors.Is(err, io.EOF):
			_ = conn.Close() // it was replaced, or killed, before it answered
			if time.Since(begun) > startTime {
				return &Error{Op: "connect", Kind: failure.Ended, Text: "the session's worker does not start" + s.local.why() +
					": its words are on standard error, or in the kernel's log"}
			}
			if err := wait(ctx, 50*time.Millisecond); err != nil {
				return err
			}
			continue
		case err != nil:
			_ = conn.Close()
			return err
		case answer.Restart:
			_ = conn.Close()
			continue
		case answer.Problem != "":
			_ = conn.Close()
			return &Error{Op: "connect", Kind: failure.Code, Text: answer.Problem}
		}
		s.conn, s.note = conn, answer.Note
		go s.receive(conn)
		return nil
	}
}

// startTime is how long a worker may fail to start before the call does.
const startTime = 20 * time.Second

// wait waits for a time, or until ctx is done.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// greet says hello and returns the answer.
func (s *Session) greet(ctx context.Context, conn *wire.Conn) (hello, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	body, err := json.Marshal(hello{Cell: os.Getenv(cellEnv)})
	if err != nil {
		return hello{}, err
	}
	// A worker that ends at this moment breaks the pipe: to the caller that is an end too.
	if err := conn.Send(wire.Message{Kind: wire.Hello, Body: body}); err != nil {
		return hello{}, errors.Join(err, ctx.Err(), io.EOF)
	}
	for {
		m, err := conn.Receive()
		if ctx.Err() != nil {
			return hello{}, ctx.Err()
		}
		if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed) {
			err = io.EOF
		}
		if err != nil {
			return hello{}, err
		}
		var answer hello
		if err := json.Unmarshal(m.Body, &answer); err != nil {
			return hello{}, fmt.Errorf("the session's answer: %w", err)
		}
		if answer.Waiting == "" {
			return answer, nil
		}
		if s.waits != nil {
			s.waits(Work{What: answer.Waiting})
		}
	}
}
