package session

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// pausing is [Session.want] for a call that waits while paused returns true, which is asked some times a second; nil =
// never.
func (s *Session) pausing(ctx context.Context, op string, args any, h handle, paused func() bool,
	each func(wire.Message)) error {
	if paused == nil {
		return s.want(ctx, op, args, h, each)
	}
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	n, p, conn, err := s.begin(ctx, op, body)
	if err != nil {
		return err
	}
	asked := make(chan struct{})
	defer close(asked)
	go func() {
		held := false
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-asked:
				tick.Stop()
				return
			case <-tick.C:
			}
			if now := paused(); now != held {
				kind := wire.Resume
				if held = now; held {
					kind = wire.Pause
				}
				_ = conn.Send(wire.Message{Kind: kind, Call: n}) // that it cannot be sent shows as an end
			}
		}
	}()
	m, err := s.answer(ctx, op, n, p, conn, each)
	if len(m.Body) == 0 {
		return err
	}
	return errors.Join(err, fill(s, h, m.Body))
}
