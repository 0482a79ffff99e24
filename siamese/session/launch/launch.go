// Package launch builds the session's worker from a checkout, where it is not built yet, and becomes it. It links little:
// the program that calls it is installed with the kernel's own tools, and the worker is built when a session is used.
package launch

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/session/internal/code"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// Launch builds the worker of the checkout, and with warm does no more. Else it becomes the worker, with the listening
// socket at file descriptor 3, and returns only if that fails.
func Launch(checkout string, warm bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := plugin.Dir()
	if err != nil {
		return err
	}
	if !warm {
		syscall.CloseOnExec(3) // for the compilers
	}
	built, err := code.Build(ctx, checkout, code.Bin(filepath.Join(dir, "session"), checkout))
	if err != nil || warm {
		return err
	}
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, 3, syscall.F_SETFD, 0); errno != 0 {
		return errno
	}
	return syscall.Exec(built.Path, []string{built.Path, "-checkout", checkout}, os.Environ())
}

// Answer tells those who wait at the socket why there is no worker.
func Answer(why error) {
	listener, err := net.FileListener(os.NewFile(3, "socket"))
	if err != nil {
		return
	}
	socket, ok := listener.(*net.UnixListener)
	if !ok {
		return
	}
	socket.SetUnlinkOnClose(false)
	body, err := json.Marshal(map[string]string{"problem": why.Error()})
	if err != nil {
		return
	}
	for {
		// Those who come later start another try.
		if err := socket.SetDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
			return
		}
		raw, err := socket.AcceptUnix()
		if err != nil {
			return
		}
		conn := wire.NewConn(raw)
		if _, err := conn.Receive(); err == nil {
			_ = conn.Send(wire.Message{Kind: wire.Hello, Body: body}) // who is gone need not know
		}
		_ = conn.Close()
	}
}
