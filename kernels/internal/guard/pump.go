package main

import (
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// pipe is one that a program writes to.
type pipe struct {
	read, write *os.File
	fd          int // of read, which does not block
	ended       bool
}

// pump reads what a program writes to its two pipes, as near to its order as two pipes allow: it waits for both at
// once, and where both have something, goes on with the other than last time.
type pump struct {
	pipes [2]pipe
	took  func(stream int, data []byte)

	wake    pipe // a byte in it has the pump look at what is wanted
	mu      sync.Mutex
	drains  []chan struct{}
	stopped bool // nothing more is read
	over    bool
}

// open makes the pipes; took gets what is read from them, in a slice that is used again.
func (p *pump) open(took func(stream int, data []byte)) error {
	p.took = took
	for _, one := range []*pipe{&p.pipes[0], &p.pipes[1], &p.wake} {
		var err error
		if one.read, one.write, err = os.Pipe(); err != nil {
			return err
		}
		// They are polled, not left to Go's runtime, which tells nothing about the order of two.
		one.fd = int(one.read.Fd())
		if err := unix.SetNonblock(one.fd, true); err != nil {
			return os.NewSyscallError("fcntl", err)
		}
	}
	return nil
}

// run reads until both pipes are at their end, or stop is called.
func (p *pump) run() {
	buffer := make([]byte, 64<<10)
	first := 0 // the stream to look at first
	for !p.pipes[0].ended || !p.pipes[1].ended {
		wanted := []unix.PollFd{{Fd: int32(p.wake.fd), Events: unix.POLLIN}}
		for i := range p.pipes {
			if !p.pipes[i].ended {
				wanted = append(wanted, unix.PollFd{Fd: int32(p.pipes[i].fd), Events: unix.POLLIN})
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
			_, _ = unix.Read(p.wake.fd, make([]byte, 64))
		}
		// One read takes all that a pipe holds, and what is asked to be drained was written before.
		for _, i := range [2]int{first, 1 - first} {
			if p.read(i, buffer) {
				first = 1 - i
			}
		}
		for _, done := range drains {
			close(done)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	for _, done := range p.drains {
		close(done)
	}
	p.drains = nil
}

// read reads once from a pipe, where there is something.
func (p *pump) read(stream int, buffer []byte) bool {
	one := &p.pipes[stream]
	if one.ended {
		return false
	}
	for {
		n, err := unix.Read(one.fd, buffer)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return false
		case err != nil || n <= 0:
			one.ended = true
			return false
		}
		p.took(stream, buffer[:n])
		return true
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
