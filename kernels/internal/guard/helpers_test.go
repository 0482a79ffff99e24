package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// Commands under test, built by TestMain: the guard, and a program that does what cells may do.
var command, cell string

func TestMain(m *testing.M) {
	// Tests wait for other processes most of the time.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "guard-test-*")
	if err != nil {
		panic(err)
	}
	// go test keeps a result until a file changes that the test has read: those of the commands are.
	sources, err := filepath.Glob("*.go")
	if err != nil {
		panic(err)
	}
	for _, source := range append(sources, "testdata/program/main.go") {
		if _, err := os.ReadFile(source); err != nil {
			panic(err)
		}
	}
	command, cell = filepath.Join(dir, "guard"), filepath.Join(dir, "program")
	for path, pkg := range map[string]string{command: ".", cell: "./testdata/program"} {
		if out, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
			os.Exit(1)
		}
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// event is what a kernel was told: neighbours of one stream are joined.
type event struct{ kind, text string }

// fakeKernel is a kernel that notes what it is told.
type fakeKernel struct {
	path   string
	refuse string                       // why nothing may start
	typed  func(link.Input) *link.Value // what the user types; nil = never answers
	slow   time.Duration                // what it takes to deal with output

	mu     sync.Mutex
	events []event
	end    *link.End
	bytes  int
	conns  []*link.Conn // those that have started something
}

// newKernel starts a fake kernel; with sets what is unlike the zero value.
func newKernel(t *testing.T, with ...func(*fakeKernel)) *fakeKernel {
	t.Helper()
	dir, err := os.MkdirTemp("", "k-*") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	k := &fakeKernel{path: filepath.Join(dir, "kernel")}
	for _, set := range with {
		set(k)
	}
	listener, err := net.Listen("unix", k.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		listener.Close()
		os.RemoveAll(dir)
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go k.serve(link.NewConn(conn))
		}
	}()
	return k
}

// nobody is a kernel where nobody types.
func nobody(k *fakeKernel) { k.typed = func(link.Input) *link.Value { return &link.Value{None: true} } }

// serve answers a guard, a build or a program.
func (k *fakeKernel) serve(c *link.Conn) {
	for {
		m, err := c.Receive()
		if err != nil {
			return
		}
		answer := link.Message{Kind: link.KindDone, Call: m.Call}
		switch m.Kind {
		case link.KindStart:
			answer.Error = k.refuse
			answer.Body, _ = json.Marshal(link.Started{Cell: "t.ipynb [3]", Events: "/events"})
			k.mu.Lock()
			k.conns = append(k.conns, c)
			k.mu.Unlock()
		case link.KindOutput:
			var o link.Output
			_ = json.Unmarshal(m.Body, &o)
			time.Sleep(k.slow)
			k.note(o.Name, o.Text)
		case link.KindDisplay:
			var d link.Display
			_ = json.Unmarshal(m.Body, &d)
			k.note("display", d.Data["text/plain"].(string))
		case link.KindInput:
			var in link.Input
			_ = json.Unmarshal(m.Body, &in)
			k.note("input", in.Prompt)
			value := k.typed(in)
			if value == nil {
				continue
			}
			answer.Kind = link.KindValue
			answer.Body, _ = json.Marshal(value)
		case link.KindEnd:
			k.mu.Lock()
			end := new(link.End)
			_ = json.Unmarshal(m.Body, end)
			k.end = end
			k.mu.Unlock()
		}
		if m.Call != 0 && c.Send(answer) != nil {
			return
		}
	}
}

// note adds an event.
func (k *fakeKernel) note(kind, text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.bytes += len(text)
	if n := len(k.events); n > 0 && k.events[n-1].kind == kind && strings.HasPrefix(kind, "std") {
		if len(k.events[n-1].text) < 1<<20 {
			k.events[n-1].text += text
		}
		return
	}
	k.events = append(k.events, event{kind, text})
}

// ended returns the end that was told last, or nil.
func (k *fakeKernel) ended() *link.End {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.end
}

// all returns what was told.
func (k *fakeKernel) all() []event {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.events)
}

// text returns all that was written to a stream.
func (k *fakeKernel) text(name string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var b strings.Builder
	for _, e := range k.events {
		if e.kind == name {
			b.WriteString(e.text)
		}
	}
	return b.String()
}

// order sends an order to what was started first.
func (k *fakeKernel) order(t *testing.T, kind link.Kind) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.conns) == 0 {
		t.Fatal("nothing was started")
	}
	if err := k.conns[0].Send(link.Message{Kind: kind}); err != nil {
		t.Error(err)
	}
}

// start starts the guard with this kernel.
func (k *fakeKernel) start(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(command, args...)
	cmd.Env = append(os.Environ(), link.Env+"="+k.path, insideEnv+"=")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// run runs the guard to its end, whose status must be 0, and returns how the program ended.
func (k *fakeKernel) run(t *testing.T, args ...string) link.End {
	t.Helper()
	return k.wait(t, k.start(t, args...))
}

// wait waits for a guard's end.
func (k *fakeKernel) wait(t *testing.T, cmd *exec.Cmd) link.End {
	t.Helper()
	if err := cmd.Wait(); err != nil {
		t.Errorf("the guard: %v", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.end == nil {
		t.Fatal("no end was told")
	}
	return *k.end
}

// enough is a time that nothing takes which comes at all, on the slowest machine.
const enough = time.Minute

// until waits until something holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(enough); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come about", what)
		}
	}
}

// put writes a program or another file and returns its path.
func put(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}
