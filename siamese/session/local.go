package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/session/failure"
	"github.com/go-siamese/lab/siamese/session/internal/code"
)

// local is a worker that this process started, with its socket in a folder that only this user may enter.
type local struct {
	dir, socket string
	listener    *os.File   // kept open, so that a new worker serves the same socket
	waits       func(Work) // told of builds; nil = nobody

	mu      sync.Mutex
	life    *os.File // the worker ends when this end of its pipe is closed
	ended   chan struct{}
	cmd     *exec.Cmd
	end     error // how it ended
	closing bool
}

// newLocal makes the socket. The worker starts with [local.ensure].
func newLocal(waits func(Work)) (*local, error) {
	dir, err := os.MkdirTemp("", "siamese-session-") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("the session's socket: %w", err)
	}
	socket := filepath.Join(dir, "socket")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the session's socket: %w", err), os.RemoveAll(dir))
	}
	listener.SetUnlinkOnClose(false)
	file, err := listener.File()
	if err := errors.Join(err, listener.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("the session's socket: %w", err), os.RemoveAll(dir))
	}
	return &local{dir: dir, socket: socket, listener: file, waits: waits}, nil
}

// program returns the worker's command.
func program(ctx context.Context, waits func(Work)) ([]string, error) {
	if path := os.Getenv(workerEnv); path != "" {
		return []string{path}, nil
	}
	root := code.Root()
	if root == "" {
		return nil, fmt.Errorf("the session's worker is not known: set %s to its program, which "+
			"`go build -o siamese-session github.com/go-siamese/lab/siamese/cmd/siamese-session` makes", workerEnv)
	}
	dir, err := plugin.StateDir()
	if err != nil {
		return nil, err
	}
	if waits != nil {
		waits(Work{What: "building the session's worker"})
	}
	built, err := code.Build(ctx, root, code.Bin(filepath.Join(dir, "session"), root))
	var failed *code.BuildError
	if errors.As(err, &failed) {
		return nil, &Error{Op: "connect", Kind: failure.Code, Text: failed.Error()}
	}
	return []string{built.Path, "-checkout", root}, err
}

// ensure starts the worker unless it runs. A nil local is a kernel's, which does this itself.
func (l *local) ensure(ctx context.Context) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended != nil {
		select {
		case <-l.ended:
		default:
			return nil
		}
	}
	args, err := program(ctx, l.waits)
	if err != nil {
		return err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stderr = read, os.Stderr
	cmd.ExtraFiles = []*os.File{l.listener}
	cmd.SysProcAttr = ownGroup() // an interrupt of the terminal is for the program, which tells the worker
	err = errors.Join(cmd.Start(), read.Close())
	if err != nil {
		return errors.Join(fmt.Errorf("the session's worker: %w", err), write.Close())
	}
	if l.life != nil {
		_ = l.life.Close()
	}
	l.cmd, l.life, l.ended = cmd, write, make(chan struct{})
	go func(ended chan struct{}) {
		err := cmd.Wait()
		l.mu.Lock()
		l.end = err
		l.mu.Unlock()
		close(ended)
	}(l.ended)
	return nil
}

// why says how the worker ended, as the end of a sentence's part.
func (l *local) why() string {
	if l == nil {
		return ""
	}
	l.mu.Lock()
	ended := l.ended
	l.mu.Unlock()
	if ended == nil {
		return ""
	}
	select {
	case <-ended:
	case <-time.After(time.Second): // its connection ended, and it does in a moment
		return ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.end == nil {
		return ""
	}
	text := " (" + l.end.Error() + ")"
	if killed(l.end) {
		text = " (it was killed: by somebody, or by the system for want of memory)"
	}
	return text
}

// close ends the worker and removes the socket.
func (l *local) close() {
	if l == nil {
		return
	}
	l.mu.Lock()
	life, ended, cmd, done := l.life, l.ended, l.cmd, l.closing
	l.life, l.closing = nil, true
	l.mu.Unlock()
	if done {
		return
	}
	if life != nil {
		_ = life.Close()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	}
	_ = l.listener.Close()
	_ = os.RemoveAll(l.dir)
}
