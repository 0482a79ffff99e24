package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-siamese/lab/data/provenance"
)

// listenerFD is the file descriptor of the socket that a worker inherits.
const listenerFD = 3

// inherited is that file. It is a variable of the package, so that it is not closed as garbage.
var inherited *os.File

// Inherit serves the listening socket at file descriptor 3, until standard input, a pipe from whoever started this
// process, is closed, or it is told to end. opt.Exec is set where opt has a Checkout.
func Inherit(opt Options) error {
	syscall.CloseOnExec(listenerFD) // compilers that the worker starts must not hold the socket
	inherited = os.NewFile(listenerFD, "socket")
	listener, err := net.FileListener(inherited)
	if err != nil {
		return fmt.Errorf("file descriptor %d is no listening socket: the kernel, or package session, starts the worker "+
			"with one: %w", listenerFD, err)
	}
	socket, ok := listener.(*net.UnixListener)
	if !ok {
		return errors.New("the socket is none of the Unix kind")
	}
	socket.SetUnlinkOnClose(false)
	if opt.Checkout != "" {
		opt.Exec = become
	}
	// What the library tells here is of no one call: each is told its own, see [task.told].
	provenance.To(func(provenance.Event) {})
	w, err := New(opt)
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	dieWithParent()
	if piped() {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // until whoever started this is gone
			cancel()
		}()
	}
	err = w.Serve(ctx, socket)
	w.Close()
	return err
}

// piped reports whether standard input is a pipe.
func piped() bool {
	info, err := os.Stdin.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}

// become replaces this process by another program with the same arguments, environment and socket.
func become(program string) error {
	// The socket is the one file that the program is given.
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, listenerFD, syscall.F_SETFD, 0); errno != 0 {
		return errno
	}
	err := syscall.Exec(program, append([]string{program}, os.Args[1:]...), os.Environ())
	syscall.CloseOnExec(listenerFD)
	return err
}
