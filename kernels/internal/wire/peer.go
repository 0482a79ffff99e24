package wire

import (
	"sync"
	"time"
)

// queued is how many bytes may wait for a peer that does not read; who sends more waits with them. Variables for tests.
var queued = 32 << 20

// stall is how long a peer may take nothing at all before it is dropped, so that it does not hold up the others: one
// that was stopped in a terminal, say.
var stall = 10 * time.Second

// item is a message in a queue, or a command, which has one frame.
type item struct {
	frames  [][]byte
	command bool
}

// peer is one connection with its queue of messages to send.
type peer struct {
	z       *zmtp
	mu      sync.Mutex
	changed *sync.Cond
	queue   []item
	waiting int // bytes in the queue, and of the message that is being written
	closed  bool
	topics  map[string]bool // of a subscriber; only the socket touches them
}

// newPeer starts the writer of a connection.
func newPeer(z *zmtp) *peer {
	p := &peer{z: z, topics: map[string]bool{}}
	p.changed = sync.NewCond(&p.mu)
	go p.write()
	return p
}

// size returns the bytes of a message.
func size(frames [][]byte) int {
	n := 0
	for _, f := range frames {
		n += len(f)
	}
	return n
}

// send queues a message and reports whether the peer is there. It waits while the peer has more to read than it is
// allowed, and closes a peer that takes nothing.
func (p *peer) send(frames [][]byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for last, since := p.waiting, time.Now(); p.waiting > queued && !p.closed; {
		// The condition has no deadline of its own.
		wake := time.AfterFunc(stall/10, p.changed.Broadcast)
		p.changed.Wait()
		wake.Stop()
		if p.waiting != last {
			last, since = p.waiting, time.Now()
		} else if time.Since(since) > stall {
			p.end()
		}
	}
	if p.closed {
		return false
	}
	p.push(item{frames: frames})
	return true
}

// push queues something. The lock must be held.
func (p *peer) push(i item) {
	p.queue = append(p.queue, i)
	p.waiting += size(i.frames)
	p.changed.Broadcast()
}

// pong answers a ping with its context.
func (p *peer) pong(context []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed && p.waiting <= queued { // a peer that does not read needs no answer
		p.push(item{frames: [][]byte{append([]byte("\x04PONG"), context...)}, command: true})
	}
}

// write sends what is queued until the peer is gone.
func (p *peer) write() {
	for {
		p.mu.Lock()
		for len(p.queue) == 0 && !p.closed {
			p.changed.Wait()
		}
		if p.closed && len(p.queue) == 0 {
			p.mu.Unlock()
			return
		}
		next := p.queue[0]
		p.queue = p.queue[1:]
		more := len(p.queue) > 0
		p.mu.Unlock()
		if next.command {
			p.z.frame(flagCommand, next.frames[0])
		} else {
			p.z.write(next.frames)
		}
		var err error
		if !more {
			err = p.z.w.Flush()
		}
		p.mu.Lock()
		p.waiting -= size(next.frames)
		if err != nil {
			p.end()
			p.queue = nil
		}
		p.changed.Broadcast()
		p.mu.Unlock()
	}
}

// end closes the connection. The lock must be held.
func (p *peer) end() {
	if !p.closed {
		p.closed = true
		_ = p.z.conn.Close()
		p.changed.Broadcast()
	}
}

// close ends the peer; what is queued is lost.
func (p *peer) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = nil
	p.end()
}

// drain waits until all that is queued is sent, at most for a time.
func (p *peer) drain(limit time.Duration) {
	deadline := time.Now().Add(limit)
	wake := time.AfterFunc(limit, p.changed.Broadcast)
	defer wake.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.waiting > 0 && !p.closed && time.Now().Before(deadline) {
		p.changed.Wait()
	}
}
