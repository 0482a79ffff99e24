package launch_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
	"github.com/go-siamese/lab/siamese/session/launch"
)

// asLauncher makes this test program a launcher, by the checkout.
const asLauncher = "SIAMESE_TEST_SESSION_LAUNCHER"

func TestMain(m *testing.M) {
	if checkout := os.Getenv(asLauncher); checkout != "" {
		if err := launch.Become(checkout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// worker is a program that says hi to the first who connects.
const worker = `package main

import (
	"net"
	"os"
)

func main() {
	l, err := net.FileListener(os.NewFile(3, "socket"))
	if err != nil {
		panic(err)
	}
	conn, err := l.Accept()
	if err != nil {
		panic(err)
	}
	_, _ = conn.Write([]byte("hi from " + os.Args[1]))
	_ = conn.Close()
}
`

// start starts a launcher for a checkout whose worker has that source, and returns the socket's path.
func start(t *testing.T, source string) (socket string, cmd *exec.Cmd) {
	t.Helper()
	root := t.TempDir()
	for path, text := range map[string]string{"go.mod": "module example.org/x\n\ngo 1.26\n", "go.sum": "",
		"data/d.go": "package data\n", "kernels/k.go": "package kernels\n",
		"siamese/cmd/siamese-session/main.go": source} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	socket = filepath.Join(t.TempDir(), "socket")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	file, err := listener.File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = file.Close()
		_ = listener.Close()
	})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(self, "-test.run=^$")
	cmd.Env = append(os.Environ(), asLauncher+"="+root, plugin.DirEnv+"="+t.TempDir())
	cmd.ExtraFiles, cmd.Stderr = []*os.File{file}, t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return socket, cmd
}

// hello connects, says hello and returns the answers up to the last one.
func hello(t *testing.T, socket string) []map[string]any {
	t.Helper()
	conn, err := wire.Dial(socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Send(wire.Message{Kind: wire.Hello, Body: json.RawMessage(`{}`)}); err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	for {
		m, err := conn.Receive()
		if err != nil {
			t.Fatalf("after %v: %v", out, err)
		}
		var answer map[string]any
		if err := json.Unmarshal(m.Body, &answer); err != nil {
			t.Fatal(err)
		}
		out = append(out, answer)
		if answer["waiting"] == nil {
			return out
		}
	}
}

// TestBecome builds a worker and becomes it: who connects meanwhile is told to connect again, and then reaches it.
func TestBecome(t *testing.T) {
	socket, cmd := start(t, worker)
	said := hello(t, socket)
	if last := said[len(said)-1]; last["restart"] != true {
		t.Fatalf("answers %v", said)
	}
	reach(t, socket, cmd)
}

// reach connects until the worker answers, and waits for its end.
func reach(t *testing.T, socket string, cmd *exec.Cmd) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(conn)
		_ = conn.Close()
		if strings.HasPrefix(string(text), "hi from -checkout") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the worker says %q, error %v", text, err)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestSilent: who connects and says nothing does not hold up the worker, and is let go.
func TestSilent(t *testing.T) {
	socket, cmd := start(t, worker)
	silent, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if said := hello(t, socket); said[len(said)-1]["restart"] != true { // it came behind the silent one
		t.Fatalf("answers %v", said)
	}
	if text, err := io.ReadAll(silent); len(text) > 0 || err != nil {
		t.Errorf("the silent one gets %q, error %v", text, err)
	}
	reach(t, socket, cmd)
}

// TestBroken tells who connects that the code does not build, and what the compiler says.
func TestBroken(t *testing.T) {
	socket, cmd := start(t, "package main\n\nfunc main() { oops }\n")
	said := hello(t, socket)
	if problem, _ := said[len(said)-1]["problem"].(string); !strings.Contains(problem, "oops") {
		t.Errorf("answers %v", said)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("it ended well")
	}
}
