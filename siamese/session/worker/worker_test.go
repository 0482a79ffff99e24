package worker

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/failure"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// serve starts a worker in this process and returns it with its socket.
func serve(t *testing.T, opt Options) (*Worker, string) {
	t.Helper()
	if opt.Dir == "" {
		opt.Dir = t.TempDir()
	}
	opt.Backend = "go"
	w, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "socket")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		w.Close()
	})
	return w, path
}

// dial connects and says hello; it returns the answer.
func dial(t *testing.T, path string) (*wire.Conn, greeting) {
	t.Helper()
	conn, err := wire.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.Send(wire.Message{Kind: wire.Hello, Body: json.RawMessage(`{"cell":"c"}`)}); err != nil {
		t.Fatal(err)
	}
	for {
		m, err := conn.Receive()
		if err != nil {
			t.Fatal(err)
		}
		var answer greeting
		if err := json.Unmarshal(m.Body, &answer); err != nil {
			t.Fatal(err)
		}
		if answer.Waiting == "" { // on a busy machine it says first what it waits for
			return conn, answer
		}
	}
}

// ask calls an operation and returns its problem, nil for none.
func ask(t *testing.T, conn *wire.Conn, op, args string) *session.Error {
	t.Helper()
	if err := conn.Send(wire.Message{Kind: wire.Call, Call: 1, Op: op, Body: json.RawMessage(args)}); err != nil {
		t.Fatal(err)
	}
	for {
		m, err := conn.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if m.Kind == wire.Event {
			continue
		}
		var body struct{ Error *session.Error }
		if m.Kind == wire.Problem {
			if err := json.Unmarshal(m.Body, &body); err != nil {
				t.Fatal(err)
			}
		}
		return body.Error
	}
}

// testArgs are those of an operation that does what a test wants.
type testArgs struct {
	N  int `json:"n"`
	do func(ctx context.Context, t *task) (*made, error)
}

func (a *testArgs) inputs() []string                                { return nil }
func (a *testArgs) files() []string                                 { return nil }
func (a *testArgs) run(ctx context.Context, t *task) (*made, error) { return a.do(ctx, t) }

// with adds an operation for the time of a test.
func with(t *testing.T, name string, do func(ctx context.Context, t *task) (*made, error)) {
	t.Helper()
	operations[name] = operation{kind: "test", args: func() arguments { return &testArgs{do: do} }}
	t.Cleanup(func() { delete(operations, name) })
}

// TestFaults sees that a fault is the error of its call, and that the worker goes on.
func TestFaults(t *testing.T) {
	with(t, "panics", func(context.Context, *task) (*made, error) {
		var none *made
		return &made{name: none.name}, nil
	})
	with(t, "needs", func(context.Context, *task) (*made, error) {
		return nil, &memory.Error{What: "training", Need: 1e12, Free: 1e9, Fix: option.Do("lower %s", "batch_pairs")}
	})
	_, path := serve(t, Options{})
	conn, hello := dial(t, path)
	if hello.Pid != os.Getpid() || hello.Code == "" {
		t.Errorf("hello %+v", hello)
	}
	p := ask(t, conn, "panics", `{"n":1}`)
	if p == nil || p.Kind != failure.Panic || !strings.Contains(p.Trace, "worker_test.go") {
		t.Errorf("panic: %+v", p)
	}
	if p = ask(t, conn, "needs", `{"n":1}`); p == nil || p.Kind != failure.Memory ||
		!strings.Contains(p.Spell(func(name string) string { return "--" + name }), "--batch_pairs") {
		t.Errorf("memory: %+v", p)
	}
	if p = ask(t, conn, "nothing", `{}`); p == nil || p.Kind != failure.Call {
		t.Errorf("no such call: %+v", p)
	}
	if p = ask(t, conn, "builtin", `{"per_klass":1}`); p == nil || !strings.Contains(p.Text, "per_klass") {
		t.Errorf("no such argument: %+v", p)
	}
	if p = ask(t, conn, "show", `{"key":"x"}`); p == nil || p.Kind != failure.Gone {
		t.Errorf("no such value: %+v", p)
	}
	if p = ask(t, conn, "builtin", `{"per_class":1}`); p != nil {
		t.Errorf("afterwards: %+v", p)
	}
}

// TestGarbage sends what is no message: the connection ends, others go on.
func TestGarbage(t *testing.T) {
	_, path := serve(t, Options{})
	raw, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if n, err := raw.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("%d bytes, error %v", n, err)
	}
	conn, _ := dial(t, path)
	if p := ask(t, conn, "list", `null`); p != nil {
		t.Errorf("another connection: %+v", p)
	}
}

// TestGone ends a connection while its call runs: the work is told to end, since nobody waits for it.
func TestGone(t *testing.T) {
	ended := make(chan error, 1)
	begun := make(chan struct{})
	with(t, "long", func(ctx context.Context, _ *task) (*made, error) {
		close(begun)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	})
	_, path := serve(t, Options{})
	conn, _ := dial(t, path)
	if err := conn.Send(wire.Message{Kind: wire.Call, Call: 1, Op: "long", Body: json.RawMessage(`{"n":1}`)}); err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it runs on")
	}
}

// TestNewerCode replaces the worker when the checkout changes, and not while something runs.
func TestNewerCode(t *testing.T) {
	root := t.TempDir()
	for path, text := range map[string]string{"go.mod": "module example.org/x\n\ngo 1.26\n", "go.sum": "",
		"data/d.go": "package data\n", "kernels/k.go": "package kernels\n",
		"siamese/cmd/siamese-session/main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	release, begun := make(chan struct{}), make(chan struct{})
	with(t, "busy", func(context.Context, *task) (*made, error) {
		close(begun)
		<-release
		return &made{name: "done"}, nil
	})
	become := make(chan string, 1)
	w, path := serve(t, Options{Checkout: root, Exec: func(program string) error {
		become <- program
		return errors.New("not here")
	}})
	w.watch.stamp = "of older code"
	busy, err := wire.Dial(path) // connected before, without a look at the code
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	if err := busy.Send(wire.Message{Kind: wire.Call, Call: 1, Op: "busy", Body: json.RawMessage(`{"n":1}`)}); err != nil {
		t.Fatal(err)
	}
	<-begun
	answers, ended := make(chan greeting, 1), make(chan struct{})
	go func() {
		defer close(ended)
		conn, answer := dial(t, path)
		answers <- answer
		if _, err := conn.Receive(); !errors.Is(err, io.EOF) {
			t.Errorf("the connection goes on: %v", err)
		}
	}()
	select {
	case <-become:
		t.Fatal("it was replaced while something ran")
	case <-time.After(300 * time.Millisecond):
	}
	close(release)
	if program := <-become; !strings.HasSuffix(program, "siamese-session") {
		t.Errorf("replaced by %q", program)
	}
	if answer := <-answers; !answer.Restart {
		t.Errorf("answer %+v", answer)
	}
	<-ended // the end of the test closes it too
	// It could not be replaced: that is said, rather than tried for ever.
	deadline := time.Now().Add(10 * time.Second)
	for {
		_, answer := dial(t, path)
		if strings.Contains(answer.Problem, "not here") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("answer %+v", answer)
		}
	}
}

// counted is an object that knows when it was closed.
type counted struct {
	size   int64
	closed int
}

func (c *counted) bytes() int64 { return c.size }
func (c *counted) close()       { c.closed++ }

// TestObjects drops what was not used for longest, closes it once, and never while it is used.
func TestObjects(t *testing.T) {
	o := newObjects(100)
	a, b, c := &counted{size: 40}, &counted{size: 40}, &counted{size: 40}
	_, doneA := o.put("a", a)
	_, doneB := o.put("b", b)
	doneA()
	doneB()
	if x, done := o.get("a"); x == nil {
		t.Fatal("a is not there")
	} else {
		done()
	}
	_, doneC := o.put("c", c) // b was not used for longest
	if a.closed != 0 || b.closed != 1 || c.closed != 0 {
		t.Errorf("closed %d, %d, %d", a.closed, b.closed, c.closed)
	}
	o.forget("c")
	if c.closed != 0 {
		t.Error("closed while it is used")
	}
	doneC()
	doneC()
	if c.closed != 1 {
		t.Errorf("closed %d times", c.closed)
	}
	// Another one with the key: the first stays.
	twin := &counted{size: 1}
	if x, done := o.put("a", twin); x != object(a) || twin.closed != 1 {
		t.Errorf("%v, closed %d", x, twin.closed)
	} else {
		done()
	}
	o.clear()
	if sum, _ := o.size(); sum != 0 || a.closed != 1 {
		t.Errorf("%d bytes, closed %d", sum, a.closed)
	}
}
