package widget_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
	"github.com/go-siamese/lab/kernels/internal/widgets"
)

// said is a message to the front ends.
type said struct {
	Kind     string         `json:"kind"`
	Content  map[string]any `json:"content"`
	Metadata map[string]any `json:"metadata"`
	Buffers  [][]byte       `json:"buffers"`
}

// front is a kernel without a compiler, and a front end that hears all and shows nothing. The test is the cell's program.
type front struct {
	*widgets.Manager
	t *testing.T

	mu     sync.Mutex
	all    []said
	conns  []net.Conn
	cells  int // that there were before this one
	socket string
}

// newFront starts a kernel to which this process connects, and an execution of a cell.
func newFront(t *testing.T, headless bool) *front {
	t.Helper()
	f := &front{t: t}
	f.Manager = widgets.New(f.publish)
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	f.socket = socket
	t.Setenv(link.Env, socket)
	t.Cleanup(func() {
		listener.Close()
		f.Close()
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			f.mu.Lock()
			f.conns = append(f.conns, conn)
			f.mu.Unlock()
			go f.serve(link.NewConn(conn))
		}
	}()
	if err := f.Begin(nil, "cell", headless); err != nil {
		t.Fatal(err)
	}
	return f
}

// serve handles what a program says, as the kernel does.
func (f *front) serve(c *link.Conn) {
	defer f.Gone(c)
	for {
		m, err := c.Receive()
		if err != nil {
			return
		}
		if m.Kind == link.KindStart {
			_ = c.Send(link.Message{Kind: link.KindDone, Call: m.Call})
			continue
		}
		if m.Kind != link.KindDisplay {
			_ = f.FromProgram(c, json.RawMessage(`{}`), m) // the program gets the error
			continue
		}
		var d link.Display
		if err := json.Unmarshal(m.Body, &d); err != nil {
			f.t.Error(err)
		}
		_ = f.publish(nil, "display_data", map[string]any{"data": d.Data, "metadata": map[string]any{},
			"transient": map[string]any{"display_id": d.ID}}, map[string]any{}, nil)
		if err := c.Send(link.Message{Kind: link.KindDone, Call: m.Call}); err != nil {
			return
		}
	}
}

// publish keeps what is said, as JSON makes of it.
func (f *front) publish(_ json.RawMessage, kind string, content, metadata any, buffers [][]byte) error {
	raw, err := json.Marshal(map[string]any{"kind": kind, "content": content, "metadata": metadata})
	if err != nil {
		return err
	}
	s := said{Buffers: append([][]byte{}, buffers...)}
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, s)
	return nil
}

// next ends the cell's program and starts another cell, whose program the test is from now on.
func (f *front) next(cell string) {
	f.t.Helper()
	f.mu.Lock()
	conns := f.conns
	f.conns = nil
	f.mu.Unlock()
	for _, conn := range conns {
		conn.Close()
	}
	// Another name of the socket makes another connection, as another process would.
	f.cells++
	other := f.socket + fmt.Sprint(f.cells)
	if err := os.Symlink(f.socket, other); err != nil {
		f.t.Fatal(err)
	}
	f.t.Setenv(link.Env, other)
	if err := errors.Join(f.End(nil), f.Begin(nil, cell, false)); err != nil {
		f.t.Fatal(err)
	}
}

// heard returns what was said since the last call.
func (f *front) heard() []said {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.all
	f.all = nil
	return all
}

// send is a message of the browser to a widget.
func (f *front) send(id string, data any, buffers ...[]byte) error {
	body, err := json.Marshal(map[string]any{"comm_id": id, "data": data})
	if err != nil {
		f.t.Fatal(err)
	}
	return f.FromFront(json.RawMessage(`{}`), "comm_msg", body, json.RawMessage(`{}`), buffers)
}

// move changes one key of a widget, as the browser does.
func (f *front) move(id, key string, value any) error {
	return f.send(id, map[string]any{"method": "update", "state": map[string]any{key: value}, "buffer_paths": []any{}})
}

// click clicks a button.
func (f *front) click(id string) error {
	return f.send(id, map[string]any{"method": "custom", "content": map[string]any{"event": "click"}})
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited a minute for %s", what)
}

// kinds are the kinds of messages, for failures.
func kinds(all []said) string {
	var out []string
	for _, s := range all {
		out = append(out, s.Kind)
	}
	return fmt.Sprint(out)
}
