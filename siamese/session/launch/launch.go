// Package launch builds the session's worker from a checkout, where it is not built yet, and becomes it. It links
// little: the program that calls it is installed with the kernel's own tools, and the worker is built when a session is
// used.
package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/session/internal/code"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// listenerFD is the file descriptor of the socket.
const listenerFD = 3

// Build builds the worker of the checkout, where it is not built yet, and returns its path.
func Build(ctx context.Context, checkout string) (string, error) {
	dir, err := plugin.StateDir()
	if err != nil {
		return "", err
	}
	built, err := code.Build(ctx, checkout, code.Bin(filepath.Join(dir, "session"), checkout))
	return built.Path, err
}

// Values builds the worker and becomes it, to do what args say: "list" the values that the session keeps, "clear" them, or
// write a "new" notebook. It returns only if that fails.
func Values(ctx context.Context, checkout string, args []string) error {
	path, err := Build(ctx, checkout)
	if err != nil {
		return err
	}
	return syscall.Exec(path, append([]string{path}, args...), os.Environ())
}

// Become builds the worker and becomes it, with the listening socket at file descriptor 3. Those who connect meanwhile
// are told what they wait for, and if it cannot be built, why. It returns only if that fails.
func Become(checkout string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	syscall.CloseOnExec(listenerFD) // for the compilers
	inherited := os.NewFile(listenerFD, "socket")
	listener, err := net.FileListener(inherited)
	if err != nil {
		return fmt.Errorf("file descriptor %d is no listening socket: %w", listenerFD, err)
	}
	socket, ok := listener.(*net.UnixListener)
	if !ok {
		return errors.New("the socket is none of the Unix kind")
	}
	socket.SetUnlinkOnClose(false)
	d := &door{socket: socket, built: make(chan struct{})}
	d.open.Go(d.accept)
	path, err := Build(ctx, checkout)
	d.close(err)
	if err != nil {
		return err
	}
	// It has been the file of a goroutine's listener, which is gone; the program has it as it was.
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, listenerFD, syscall.F_SETFD, 0); errno != 0 {
		return errno
	}
	err = syscall.Exec(path, []string{path, "-checkout", checkout}, os.Environ())
	return errors.Join(err, inherited.Close())
}

// door answers at the socket while the worker is built.
type door struct {
	socket *net.UnixListener
	built  chan struct{} // closed when it is, or cannot be
	why    error         // why it cannot be
	open   sync.WaitGroup
}

// accept accepts connections until the worker is built; those that come later wait for it in the socket.
func (d *door) accept() {
	for {
		raw, err := d.socket.AcceptUnix()
		if err != nil {
			return
		}
		d.open.Go(func() { d.answer(wire.NewConn(raw)) })
	}
}

// close ends the answers. When the worker could not be built, those who connect within half a second are told too.
func (d *door) close(why error) {
	d.why = why
	close(d.built)
	if why != nil {
		time.Sleep(500 * time.Millisecond)
	}
	_ = d.socket.SetDeadline(time.Unix(1, 0)) // wakes accept
	d.open.Wait()
	_ = d.socket.Close()
}

// silence is how long who has connected may say nothing when there is an answer.
const silence = time.Second

// letGo ends a connection by which nothing was heard: it would hold up the worker. A cell says hello at once, and
// connects again.
func (d *door) letGo(conn *wire.Conn, heard chan struct{}) {
	select {
	case <-heard:
		return
	case <-d.built:
	}
	select {
	case <-heard:
	case <-time.After(silence):
		_ = conn.Close() // the answer closes it too
	}
}

// answer tells a cell what it waits for, then to connect again, or why there is no worker.
func (d *door) answer(conn *wire.Conn) {
	defer conn.Close()
	heard := make(chan struct{})
	d.open.Go(func() { d.letGo(conn, heard) })
	_, err := conn.Receive()
	close(heard)
	if err != nil {
		return
	}
	tell := func(hello map[string]any) {
		if body, err := json.Marshal(hello); err == nil {
			_ = conn.Send(wire.Message{Kind: wire.Hello, Body: body}) // who is gone need not know
		}
	}
	for tick := time.NewTicker(500 * time.Millisecond); ; {
		select {
		case <-tick.C:
			tell(map[string]any{"waiting": "building the session's worker, which takes a minute the first time"})
			continue
		case <-d.built:
		}
		tick.Stop()
		if d.why != nil {
			tell(map[string]any{"problem": d.why.Error()})
		} else {
			tell(map[string]any{"restart": true})
		}
		return
	}
}
