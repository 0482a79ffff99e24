package front

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// child is a running GoNB.
type child struct {
	*tied
	dir    string // its sockets, and everything that it makes
	client *wire.Client
	said   *tail // its own messages, for when it dies

	mu    sync.Mutex
	calls map[string]chan wire.Request // who waits for the reply to a message
	heard chan struct{}                // closed when something published has come
}

// What can be wrong with GoNB.
var (
	errNoStart = errors.New("GoNB, which compiles cells, did not start")
	errEnded   = errors.New("GoNB, which compiles cells, ended")
)

// startChild starts GoNB and waits until it answers. got gets all that it sends but replies to calls.
func (k *kernel) startChild(got func(c *child, m wire.Request)) (*child, error) {
	// Each has a folder of its own: GoNB does not replace the sockets that one before it has left.
	dir, err := os.MkdirTemp(filepath.Join(k.dir, gonbDir), "")
	if err != nil {
		return nil, err
	}
	connection := wire.Private(dir, wire.NewID())
	// GoNB takes the name of the kernel from that of the file.
	path := filepath.Join(dir, "kernel-"+wire.NewID()+".json")
	if name := filepath.Base(k.o.Connection); strings.HasPrefix(name, "kernel-") {
		path = filepath.Join(dir, name)
	}
	// GoNB does not listen where one that crashed has.
	if err := connection.Clear(); err != nil {
		return nil, err
	}
	if err := connection.Write(path); err != nil {
		return nil, err
	}
	args := append([]string{"-c", watched, "gonb"}, k.o.GoNB...)
	cmd := exec.Command("/bin/sh", append(args, "-raw_error", "--kernel", path)...)
	cmd.Env = append(k.environment(), "TMPDIR="+dir, link.TempEnv+"="+os.Getenv("TMPDIR"))
	c := &child{dir: dir, calls: map[string]chan wire.Request{}, heard: make(chan struct{})}
	c.said = &tail{to: unnoted(func(p []byte) { _, _ = os.Stderr.Write(p) })}
	cmd.Stdout, cmd.Stderr = c.said, c.said
	if c.tied, err = start(cmd); err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("%w: %w", errNoStart, err)
	}
	ctx, cancel := context.WithTimeout(k.ctx, k.o.Limits.Startup)
	defer cancel()
	go func() { // a child that has ended will never listen
		select {
		case <-c.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	if c.client, err = wire.Dial(ctx, connection); err == nil {
		go c.receive(got)
		err = c.greet(ctx)
	}
	if err != nil {
		c.kill()
		return nil, fmt.Errorf("%w: %w", errNoStart, c.why(err))
	}
	return c, nil
}

// greet asks the child until it answers and its answer's states come: what it publishes before it has read the
// subscription is lost.
func (c *child) greet(ctx context.Context) error {
	for {
		if _, err := c.call(ctx, wire.Shell, "kernel_info_request", struct{}{}); err != nil {
			return err
		}
		select {
		case <-c.heard:
			return nil
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// kill ends the child and its connections.
func (c *child) kill() {
	if c.client != nil {
		c.client.Close()
	}
	c.tied.kill()
	_ = os.RemoveAll(c.dir) // what stays goes with the kernel's folder
}

// why returns the reason for an end: how the process ended, with its last words, else err.
func (c *child) why(err error) error {
	select {
	case <-c.done:
	default:
		return err
	}
	how := "it ended by itself"
	if c.err != nil {
		how = c.err.Error()
	}
	if last := lastWords(c.said.String()); last != "" {
		how += ": " + last
	}
	return errors.New(how)
}

// lastWords returns what a program said last of why it ends: the line of its panic, else its last line.
func lastWords(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.HasPrefix(lines[i], "panic: ") || strings.HasPrefix(lines[i], "fatal error: ") {
			return lines[i]
		}
	}
	return lines[len(lines)-1]
}

// receive passes on what the child sends, until it is gone.
func (c *child) receive(got func(c *child, m wire.Request)) {
	heard := sync.OnceFunc(func() { close(c.heard) })
	for m := range c.client.Messages {
		if m.Channel == wire.IOPub {
			heard()
		}
		if m.Channel == wire.Shell || m.Channel == wire.Control {
			c.mu.Lock()
			waiting := c.calls[m.ParentID()]
			delete(c.calls, m.ParentID())
			c.mu.Unlock()
			if waiting != nil {
				waiting <- m // has room for it
			}
			continue
		}
		got(c, m)
	}
}

// ask sends a request and returns where its reply comes.
func (c *child) ask(channel wire.Channel, m wire.Message) (<-chan wire.Request, error) {
	reply := make(chan wire.Request, 1)
	c.mu.Lock()
	c.calls[m.Header.ID] = reply
	c.mu.Unlock()
	if err := c.client.Send(channel, m); err != nil {
		return nil, c.why(err)
	}
	return reply, nil
}

// call asks and waits for the reply.
func (c *child) call(ctx context.Context, channel wire.Channel, kind string, content any) (wire.Request, error) {
	m, err := c.client.New(kind, nil, content)
	if err != nil {
		return wire.Request{}, err
	}
	reply, err := c.ask(channel, m)
	if err != nil {
		return wire.Request{}, err
	}
	select {
	case m := <-reply:
		return m, nil
	case <-c.done:
		return wire.Request{}, c.why(wire.ErrGone)
	case <-ctx.Done():
		return wire.Request{}, c.why(ctx.Err())
	}
}

// compiler returns GoNB, which it starts anew where it is gone: what earlier cells have declared is declared again.
func (k *kernel) compiler() (*child, error) {
	if c := k.current(); c != nil {
		select {
		case <-c.done:
			k.dropChild(c.why(wire.ErrGone))
		default:
			return c, nil
		}
	}
	for {
		c, err := k.startChild(k.relay)
		if err != nil {
			k.o.Log("%v", err)
			return nil, err
		}
		k.childMu.Lock()
		k.child = c
		k.childMu.Unlock()
		err = k.declareAgain(c)
		if err == nil {
			return c, nil
		}
		k.dropChild(err)
		if k.ctx.Err() != nil {
			return nil, k.ctx.Err()
		}
	}
}

// declareAgain gives a new GoNB what earlier cells have declared: all at once, which is one build, or cell by cell where
// that fails. A cell that GoNB does not survive is an error, and is left out the next time.
func (k *kernel) declareAgain(c *child) error {
	list := k.memory.Declarations()
	last := len(list) - 1
	for i := 0; i < len(list); i++ {
		good, err := k.declare(c, list[i])
		switch {
		case err != nil:
			k.notice = lost
			return err
		case !good && i == last:
			list = append(list, k.memory.Separately()...)
		case !good:
			k.notice = lost
		}
	}
	return nil
}

// declare gives GoNB a cell that declares, and reports whether GoNB took it.
func (k *kernel) declare(c *child, code string) (bool, error) {
	if k.deadly[code] {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(k.ctx, k.o.Limits.Idle)
	reply, err := c.call(ctx, wire.Shell, "execute_request", executeRequest{Code: code, Silent: true})
	cancel()
	if err != nil {
		k.deadly[code] = true
		return false, fmt.Errorf("declaring again what cells have declared: %w", err)
	}
	var content executeReply
	if err := json.Unmarshal(reply.Content, &content); err != nil || content.Status != "ok" {
		k.o.Log("declaring again what cells have declared: %v %s", err, content.Value)
		return false, nil
	}
	return true, nil
}

// lost is what the user is told when a new GoNB does not know what the one before did.
const lost = "GoNB was started again, and what earlier cells have declared could not be declared again: " +
	"run those cells again\n"

// dropChild ends GoNB; the next cell starts a new one.
func (k *kernel) dropChild(why error) {
	k.childMu.Lock()
	c := k.child
	k.child = nil
	k.childMu.Unlock()
	if c == nil {
		return
	}
	k.o.Log("%v (%v), and is started again", errEnded, why)
	c.kill()
}

// ping ends a GoNB that has nothing to do and does not answer.
func (k *kernel) ping() {
	c := k.current()
	if c == nil {
		return
	}
	ctx, cancel := context.WithTimeout(k.ctx, k.o.Limits.Startup)
	defer cancel()
	if _, err := c.call(ctx, wire.Shell, "kernel_info_request", struct{}{}); err != nil && k.ctx.Err() == nil {
		k.dropChild(err)
	}
}
