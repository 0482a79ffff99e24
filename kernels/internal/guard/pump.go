package main

import (
	"errors"
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// pipe is one that a program writes to.
type pipe struct {
	read, write *os.File
	fd          int // of read, which does not block
	ended       bool
}

// pump reads what a program writes to its two pipes, in its order where the system notes that (see [order]). Else it is
// as near to it as two pipes allow: the pump waits for both at once, and where both have something, goes on with the
// other than last time.
type pump struct {
	pipes  [2]pipe
	took   func(stream int, data []byte)
	order  *order  // nil = the system notes none
	first  int     // without it: the stream to look at first
	waited bool    // for the note of what was there without one
	alone  [2]int  // how many writes each had since the other's
	wide   [2]bool // it holds much, since it was long alone

	wake    pipe // a byte in it has the pump look at what is wanted
	mu      sync.Mutex
	drains  []chan struct{}
	stopped bool // nothing more is read
	over    bool
}

// open makes the pipes; took gets what is read from them, in a slice that is used again.
func (p *pump) open(took func(stream int, data []byte)) error {
	p.took = took
	for i, one := range []*pipe{&p.pipes[0], &p.pipes[1], &p.wake} {
		open := makePipe
		if i == 2 {
			open = os.Pipe
		}
		var err error
		if one.read, one.write, err = open(); err != nil {
			return err
		}
		// They are polled, not left to Go's runtime, which tells nothing about the order of two.
		one.fd = int(one.read.Fd())
		if err := unix.SetNonblock(one.fd, true); err != nil {
			return os.NewSyscallError("fcntl", err)
		}
	}
	p.order = watch([2]int{p.pipes[0].fd, p.pipes[1].fd})
	return nil
}

// run reads until both pipes are at their end, or stop is called.
func (p *pump) run() {
	buffer := make([]byte, 64<<10)
	for !p.pipes[0].ended || !p.pipes[1].ended {
		wanted := []unix.PollFd{{Fd: int32(p.wake.fd), Events: unix.POLLIN}, {Fd: -1}, {Fd: -1}}
		for i := range p.pipes {
			if !p.pipes[i].ended {
				wanted[1+i] = unix.PollFd{Fd: int32(p.pipes[i].fd), Events: unix.POLLIN}
			}
		}
		if _, err := unix.Poll(wanted, -1); err != nil && !errors.Is(err, unix.EINTR) {
			break
		}
		p.mu.Lock()
		stopped, drains := p.stopped, p.drains
		p.drains = nil
		p.mu.Unlock()
		if stopped {
			break
		}
		if wanted[0].Revents != 0 {
			_, _ = unix.Read(p.wake.fd, buffer)
		}
		p.pass(buffer, len(drains) > 0)
		for i := range p.pipes {
			if wanted[1+i].Revents&unix.POLLHUP != 0 {
				for p.read(i, buffer) > 0 { // nobody can write any more
				}
			}
		}
		for _, done := range drains {
			close(done)
		}
	}
	if p.order != nil {
		p.order.close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	for _, done := range p.drains {
		close(done)
	}
	p.drains = nil
}

// pass reads what there is; all = nothing of it may stay.
func (p *pump) pass(buffer []byte, all bool) {
	if p.order == nil {
		// One read takes all that a pipe holds.
		for _, i := range [2]int{p.first, 1 - p.first} {
			if p.read(i, buffer) > 0 {
				p.first = 1 - i
			}
		}
		return
	}
	for {
		// What is there now has its notes when these are read next; what is written meanwhile is for the next round.
		left := [2]int{waiting(p.pipes[0].fd), waiting(p.pipes[1].fd)}
		notes, old := p.order.notes()
		for i, stream := range notes {
			if left[stream] <= 0 {
				if i < old {
					continue // it was read already
				}
				p.order.kept = notes[i:]
				break
			}
			last := !slices.Contains(notes[i+1:], stream)
			for left[stream] > 0 {
				n := p.read(stream, buffer)
				if left[stream] -= n; n == 0 || n != packet && !last {
					break
				}
			}
		}
		if len(notes) > 0 {
			p.waited = false
		}
		if len(p.order.kept) > 0 {
			continue
		}
		p.rest(left, buffer, all)
		return
	}
}

// rest reads what has no note: a write that is as large as a pipe is noted at its end only. A small one's note is just
// to come, if it comes.
func (p *pump) rest(left [2]int, buffer []byte, all bool) {
	for i := range left {
		if left[i] > 0 && left[i] < packet && !all && !p.waited {
			p.waited = true
			p.order.wait()
			return
		}
	}
	p.waited = false
	for i := range left {
		for left[i] > 0 {
			n := p.read(i, buffer)
			if left[i] -= n; n == 0 {
				break
			}
		}
	}
}

// read reads once from a pipe and returns how much there was.
func (p *pump) read(stream int, buffer []byte) int {
	one := &p.pipes[stream]
	if one.ended {
		return 0
	}
	for {
		n, err := unix.Read(one.fd, buffer)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return 0
		case err != nil || n <= 0:
			one.ended = true
			return 0
		}
		if p.order != nil {
			p.widen(stream)
		}
		p.took(stream, buffer[:n])
		return n
	}
}

// widen lets a stream that has long been alone write without waiting for us, until the other writes too.
func (p *pump) widen(stream int) {
	p.alone[stream]++
	p.alone[1-stream] = 0
	for i := range p.pipes {
		if p.wide[i] && p.alone[i] == 0 {
			p.wide[i] = !resize(p.pipes[i].fd, packet)
		}
		if !p.wide[i] && p.alone[i] > 100 {
			p.wide[i] = resize(p.pipes[i].fd, 64<<10)
		}
	}
}

// drain returns when what was written until now was taken.
func (p *pump) drain() {
	done := make(chan struct{})
	p.mu.Lock()
	if p.over {
		p.mu.Unlock()
		return
	}
	p.drains = append(p.drains, done)
	p.mu.Unlock()
	_, _ = p.wake.write.Write([]byte{0})
	<-done
}

// stop ends the reading, whoever still could write.
func (p *pump) stop() {
	p.mu.Lock()
	p.stopped = true
	p.mu.Unlock()
	_, _ = p.wake.write.Write([]byte{0})
}
