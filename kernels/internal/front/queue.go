package front

import (
	"sync"
	"time"

	"github.com/go-siamese/lab/kernels/internal/wire"
)

// queue holds the cells that wait to be executed.
type queue struct {
	mu      sync.Mutex
	waiting []wire.Request
	closed  bool
	more    chan struct{} // has a token when something came

	failed time.Time     // when the last cell failed that stops those behind it
	moment time.Duration // how long those that were sent before may come late
}

// newQueue returns an empty queue.
func newQueue() *queue { return &queue{more: make(chan struct{}, 1)} }

// add queues a cell. It reports whether it is to be aborted instead: it was sent before a cell failed, and comes late.
func (q *queue) add(r wire.Request) (abort bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if time.Since(q.failed) < q.moment && !sentAfter(r, q.failed) {
		return true
	}
	q.waiting = append(q.waiting, r)
	q.wake()
	return false
}

// sentAfter reports whether a message says that it was made after a time.
func sentAfter(r wire.Request, at time.Time) bool {
	sent, err := time.Parse(time.RFC3339Nano, r.Header.Date)
	return err == nil && sent.After(at)
}

// wake lets a waiter look again. The lock must be held.
func (q *queue) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// take returns the next cell. Without one it waits until something happens: a cell comes, other is closed, or a time
// has passed; then got is false. open is false when the queue is closed.
func (q *queue) take(other <-chan struct{}, limit time.Duration) (r wire.Request, got, open bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for waited := false; ; waited = true {
		q.mu.Lock()
		if q.closed {
			q.mu.Unlock()
			return r, false, false
		}
		if len(q.waiting) > 0 {
			r, q.waiting = q.waiting[0], q.waiting[1:]
			q.mu.Unlock()
			return r, true, true
		}
		q.mu.Unlock()
		if waited {
			return r, false, true
		}
		select {
		case <-q.more:
		case <-other:
		case <-timer.C:
		}
	}
}

// fail says that a cell failed: what waits is taken out and returned, and for a moment what was sent before is aborted.
func (q *queue) fail(moment time.Duration) []wire.Request {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := q.waiting
	q.waiting, q.failed, q.moment = nil, time.Now(), moment
	return waiting
}

// close ends the queue; what waits is dropped.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake()
}
