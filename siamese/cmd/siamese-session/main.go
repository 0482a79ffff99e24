// Command siamese-session is the worker of a session: it holds frames, models and compiled steps between the cells of a
// notebook. The lab's kernel starts it at the first connection, and package session does so where there is no kernel;
// nobody else needs to.
//
// It serves the listening Unix socket at file descriptor 3 and ends when standard input, a pipe from whoever started
// it, is closed. It builds itself anew from the checkout when that changes, and keeps the socket meanwhile.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/session/worker"
)

// listenerFD is the file descriptor of the socket.
const listenerFD = 3

// socket is that file. It is a variable of the package, so that it is not closed as garbage.
var socket = os.NewFile(listenerFD, "socket")

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "siamese-session:", option.Text(err, func(name string) string { return "-" + name }))
		os.Exit(1)
	}
}

// run serves the socket until standard input ends.
func run() error {
	checkout := flag.String("checkout", "", "folder of the lab's source, to follow its changes; empty = do not follow")
	backend := flag.String("backend", "", "backend, such as xla or go; empty = the best there is")
	bytes := flag.Int64("bytes", 0, "most bytes of values on disk; 0 = 20 GiB")
	flag.Parse()
	dir, err := plugin.Dir()
	if err != nil {
		return err
	}
	syscall.CloseOnExec(listenerFD) // compilers that the worker starts must not hold the socket
	listener, err := net.FileListener(socket)
	if err != nil {
		return fmt.Errorf("file descriptor %d is no listening socket: the kernel, or package session, starts the worker "+
			"with one: %w", listenerFD, err)
	}
	unix, ok := listener.(*net.UnixListener)
	if !ok {
		return errors.New("the socket is none of the Unix kind")
	}
	unix.SetUnlinkOnClose(false)
	w, err := worker.New(worker.Options{Dir: filepath.Join(dir, "session"), Bytes: *bytes, Backend: *backend,
		Checkout: *checkout, Exec: become})
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	dieWithParent()
	go func() {
		if piped() {
			_, _ = io.Copy(io.Discard, os.Stdin) // until whoever started this is gone
			cancel()
		}
	}()
	err = w.Serve(ctx, unix)
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
