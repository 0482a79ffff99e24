package front

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// session starts the session's worker when somebody connects to its socket: the worker gets the listening socket as
// file descriptor 3, and accepts who waits there. When it has ended the kernel watches the socket again. Nobody is lost:
// a connection that the worker has not accepted waits for the next one.
type session struct {
	path     string
	listener *os.File
	command  []string
	env      []string
	log      func(format string, args ...any)
	wake     [2]*os.File // a pipe that ends the watching
	done     chan struct{}

	mu     sync.Mutex
	worker *tied
	closed bool
}

// soon is how early a worker's end counts as a failure to start.
const soon = 3 * time.Second

// grace is how long a worker may take to end when the kernel does.
const grace = 2 * time.Second

// activate opens the session's socket and watches it. env is the whole environment of the worker.
func activate(path string, command, env []string, log func(string, ...any)) (*session, error) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("the session's socket: %w", err)
	}
	l.SetUnlinkOnClose(false)
	defer l.Close()
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, err
	}
	s := &session{path: path, command: command, env: env, log: log, done: make(chan struct{})}
	if s.listener, err = l.File(); err != nil {
		return nil, fmt.Errorf("the session's socket: %w", err)
	}
	if s.wake[0], s.wake[1], err = os.Pipe(); err != nil {
		_ = s.listener.Close()
		return nil, err
	}
	go s.watch()
	return s, nil
}

// watch waits for connections and runs the worker, until the session is closed.
func (s *session) watch() {
	defer close(s.done)
	for {
		waits, err := s.poll()
		if err != nil {
			s.log("session: %v", err)
			return
		}
		if !waits {
			return
		}
		began := time.Now()
		err = s.run()
		s.mu.Lock()
		closed := s.closed
		s.mu.Unlock()
		if closed {
			return
		}
		s.log("session: the worker ended after %v: %v", time.Since(began).Round(time.Millisecond), err)
		if time.Since(began) < soon {
			s.refuse()
		}
	}
}

// poll waits until somebody connects; false = the session is closed.
func (s *session) poll() (bool, error) {
	fds := []unix.PollFd{{Fd: int32(s.listener.Fd()), Events: unix.POLLIN},
		{Fd: int32(s.wake[0].Fd()), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return false, os.NewSyscallError("poll", err)
		case fds[1].Revents != 0:
			return false, nil
		case fds[0].Revents != 0:
			return true, nil
		}
	}
}

// run runs the worker to its end.
func (s *session) run() error {
	cmd := exec.Command(s.command[0], s.command[1:]...)
	cmd.Env, cmd.ExtraFiles = s.env, []*os.File{s.listener}
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	worker, err := start(cmd)
	s.worker = worker
	s.mu.Unlock()
	if err != nil {
		return err
	}
	<-worker.done
	_ = worker.hold.Close()
	return worker.err
}

// refuse ends all connections that wait: their owners learn that there is no worker, rather than wait for ever.
func (s *session) refuse() {
	for {
		fds := []unix.PollFd{{Fd: int32(s.listener.Fd()), Events: unix.POLLIN}}
		if n, err := unix.Poll(fds, 0); n == 0 || err != nil {
			return
		}
		// Handing it to a process has made it blocking, and who waited may be gone by now.
		if err := unix.SetNonblock(int(s.listener.Fd()), true); err != nil {
			return
		}
		fd, _, err := unix.Accept(int(s.listener.Fd()))
		if err != nil {
			return
		}
		_ = unix.Close(fd)
	}
}

// close ends the worker and the socket.
func (s *session) close() {
	s.mu.Lock()
	s.closed = true
	worker := s.worker
	s.mu.Unlock()
	_ = s.wake[1].Close() // its other end becomes readable
	if worker != nil {
		_ = worker.hold.Close() // the worker reads the end of its input
		select {
		case <-worker.done:
		case <-time.After(grace):
			worker.kill()
		}
	}
	<-s.done
	_ = s.wake[0].Close()
	_ = s.listener.Close()
	_ = os.Remove(s.path)
}
