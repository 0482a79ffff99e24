package front

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// links is the server at the socket where what runs for cells meets the kernel.
type links struct {
	k        *kernel
	listener net.Listener
}

// listenLinks opens the socket.
func (k *kernel) listenLinks() (*links, error) {
	path := filepath.Join(k.dir, linkSocket)
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("the kernel's socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, err
	}
	l := &links{k: k, listener: listener}
	go l.accept()
	return l, nil
}

// close closes the socket.
func (l *links) close() { _ = l.listener.Close() }

// accept takes connections until the socket is closed. Each belongs to the cell that runs when it is made.
func (l *links) accept() {
	for {
		conn, err := l.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, say: it may pass
			l.k.o.Log("link: %v", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		c, x := link.NewConn(conn), l.k.lastBegun()
		if x == nil {
			_ = c.Close()
			continue
		}
		x.connect(c)
		go l.serve(c, x)
	}
}

// serve deals with one connection until it ends.
func (l *links) serve(c *link.Conn, x *execution) {
	defer c.Close()
	defer x.disconnect(c)
	if w := l.k.widgets; w != nil {
		defer w.Gone(c)
	}
	for {
		m, err := c.Receive()
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				l.k.o.Log("link: %v", err)
			}
			return
		}
		if m.Kind == link.KindInput { // the user takes their time: what is printed meanwhile goes on
			go l.answer(c, x, m)
			continue
		}
		l.answer(c, x, m)
	}
}

// answer deals with one message and answers it, if an answer is expected.
func (l *links) answer(c *link.Conn, x *execution, m link.Message) {
	kind, body, err := l.k.deal(c, x, m)
	if kind == "" || m.Call == 0 { // the widgets have answered, or nobody waits
		if err != nil {
			l.k.o.Log("link: %s: %v", m.Kind, err)
		}
		return
	}
	reply, newErr := link.New(kind, body)
	if newErr != nil {
		return
	}
	reply.Call = m.Call
	if err != nil {
		reply.Error = err.Error()
	}
	_ = c.Send(reply) // one that is gone needs none
}

// nameOf names a cell for lists of what cells made: its notebook, where that is a file, and its number.
func (k *kernel) nameOf(x *execution) string {
	number := fmt.Sprintf("[%d]", x.count)
	if name := filepath.Base(k.o.Notebook); strings.HasSuffix(name, ".ipynb") {
		return name + " " + number
	}
	return number
}

// errInterrupted is the refusal of a start for a cell that was interrupted.
var errInterrupted = errors.New("the cell was interrupted")

// deal does what a message asks and returns the answer; kind "" = it was given already.
func (k *kernel) deal(c *link.Conn, x *execution, m link.Message) (kind link.Kind, body any, err error) {
	body = struct{}{}
	read := func(to any) bool {
		if err = json.Unmarshal(m.Body, to); err != nil {
			err = fmt.Errorf("message %s: %w", m.Kind, err)
		}
		return err == nil
	}
	switch m.Kind {
	case link.KindStart:
		var start link.Start
		if !read(&start) {
			break
		}
		if start.What == link.WhatSession { // it goes on when the cell has ended, which must not wait for it
			x.disconnect(c)
		} else if !x.started(c, start.What) {
			err = errInterrupted
		}
		started := link.Started{Echo: start.What == "program" && x.captured(), Cell: k.nameOf(x)}
		if x.proof != nil {
			started.Events = x.proof.events
		}
		return link.KindDone, started, err
	case link.KindOutput:
		var o link.Output
		if read(&o) {
			x.write(o.Name, o.Text)
		}
	case link.KindInput:
		var in link.Input
		var v link.Value
		if read(&in) {
			v.Text, v.None = k.ask(x, in.Prompt, in.Password || x.hidden(c))
		}
		return link.KindValue, v, err
	case link.KindEnd:
		var end link.End
		if read(&end) {
			x.ended(c, end)
		}
	case link.KindDisplay:
		var d link.Display
		if read(&d) {
			err = k.display(x, d)
		}
	case link.KindClear:
		var clear link.Clear
		if read(&clear) {
			x.out.flush()
			err = k.publish(x.request.Head, "clear_output", clear, nil, nil)
		}
	case link.KindCommOpen, link.KindCommMsg, link.KindCommClose, link.KindState:
		if k.widgets == nil {
			return link.KindDone, body, errors.New("this kernel has no widgets")
		}
		x.out.flush()
		return "", nil, k.widgets.FromProgram(c, x.request.Head, m)
	case link.KindDone: // settle asks whether all before it were accepted
	default:
		err = fmt.Errorf("message %q is unknown: the program was built with another version of the lab", m.Kind)
	}
	return link.KindDone, body, err
}

// display publishes a bundle.
func (k *kernel) display(x *execution, d link.Display) error {
	x.out.flush()
	kind := "display_data"
	if d.Update {
		kind = "update_display_data"
	}
	content := map[string]any{"data": d.Data, "metadata": d.Metadata, "transient": map[string]string{}}
	if d.Metadata == nil {
		content["metadata"] = struct{}{}
	}
	if d.ID != "" {
		content["transient"] = map[string]string{"display_id": d.ID}
	}
	return k.publish(x.request.Head, kind, content, nil, nil)
}

// connect notes a connection.
func (x *execution) connect(c *link.Conn) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.connections[c] = ""
}

// disconnect notes that a connection has ended.
func (x *execution) disconnect(c *link.Conn) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.connections, c)
	x.began = time.Now()
}

// started notes what begins at a connection, and reports whether it may.
func (x *execution) started(c *link.Conn, what string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.interrupts > 0 {
		return false
	}
	x.connections[c] = what
	if what == "program" {
		x.programs++
	}
	return true
}

// ended notes how what began at a connection has ended.
func (x *execution) ended(c *link.Conn, end link.End) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ends = append(x.ends, ended{x.connections[c], end})
}

// background is how long a cell waits for what it has left running. A variable for tests.
var background = time.Second

// settle waits until all connections that were made for a cell have ended. What a cell has left running in the
// background is not waited for long.
func (k *kernel) settle(x *execution) {
	// Connections are accepted in the order in which they were made: when this one is answered, all others are known.
	conn, err := net.Dial("unix", filepath.Join(k.dir, linkSocket))
	if err != nil {
		return
	}
	c := link.NewConn(conn)
	if c.Send(link.Message{Kind: link.KindDone, Call: 1}) == nil {
		_, _ = c.Receive()
	}
	_ = c.Close()
	for end := time.Now().Add(background); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		x.mu.Lock()
		n := len(x.connections)
		x.mu.Unlock()
		if n == 0 {
			return
		}
	}
}
