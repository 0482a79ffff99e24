// Package litetest runs servers of Milvus Lite for tests.
//
// SIAMESE_MILVUS_LITE names the program milvus-lite. Without it an environment of Python is made once, of the
// versions and hashes of requirements.txt, in the user's cache (455 MB). Where that cannot be, tests are skipped and
// say so, or fail with SIAMESE_MILVUS_REQUIRED=1.
package litetest

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

//go:embed requirements.txt
var pins []byte

// Server is a server on this machine.
type Server struct {
	program, dir string
	port         int
	log          *os.File
	cmd          *exec.Cmd
	ended        chan struct{}
}

// required is the variable that makes it a failure that Milvus Lite cannot be had.
const required = "SIAMESE_MILVUS_REQUIRED"

// program returns milvus-lite.
var program = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("SIAMESE_MILVUS_LITE"); path != "" {
		return path, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "siamese-milvus", fmt.Sprintf("%x", sha256.Sum256(pins))[:16])
	path := filepath.Join(dir, "bin", "milvus-lite")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	// Beside it, under a name of its own, until it is whole: tests of packages run at the same time.
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return "", err
	}
	made, err := os.MkdirTemp(filepath.Dir(dir), "making-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(made)
	list := filepath.Join(made, "requirements.txt")
	if err := os.WriteFile(list, pins, 0o600); err != nil {
		return "", err
	}
	target := filepath.Join(made, "environment")
	python := filepath.Join(target, "bin", "python")
	for _, args := range [][]string{{"python3", "-m", "venv", target}, {python, "-m", "pip", "install", "-q",
		"--disable-pip-version-check", "--no-input", "--only-binary", ":all:", "--require-hashes", "--no-deps", "-r", list}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil { //nolint:gosec // our own words
			return "", fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
		}
	}
	// The scripts of an environment name its folder and cannot be moved; its Python can.
	run := "#!/bin/sh\nexec '" + filepath.Join(dir, "bin", "python") + "' -m milvus_lite \"$@\"\n"
	program := filepath.Join(target, "bin", "milvus-lite")
	if err := os.WriteFile(program, []byte(run), 0o700); err != nil { //nolint:gosec // a program
		return "", err
	}
	if err := os.Rename(target, dir); err != nil {
		if _, there := os.Stat(path); there != nil { // not made by another process meanwhile
			return "", err
		}
	}
	return path, nil
})

// New starts a server, which ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	path, err := program()
	if err != nil {
		if os.Getenv(required) != "" {
			t.Fatalf("milvus-lite cannot be installed: %v", err)
		}
		t.Skipf("NOT TESTED: milvus-lite cannot be installed (%s=1 makes this a failure): %v", required, err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{program: path, dir: filepath.Join(dir, "data"), port: port, log: log}
	t.Cleanup(func() {
		s.Kill()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("what the server printed:\n%s", text)
		}
		_ = log.Close()
	})
	s.Start(t)
	return s
}

// Address returns where the server listens.
func (s *Server) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Start starts the server, again after [Server.Kill], and waits until it listens.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.cmd = exec.Command(s.program, "server", "--data-dir", s.dir, "--host", "127.0.0.1", "--port", fmt.Sprint(s.port))
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = dies() // with this process, however it ends
	s.ended = make(chan struct{})
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the child is bound to the thread that starts it
		defer close(s.ended)
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		t.Error(err)
		return
	}
	for deadline := time.Now().Add(time.Minute); ; {
		select {
		case <-s.ended:
			t.Error("milvus-lite ended")
			return
		case <-time.After(20 * time.Millisecond):
		}
		c, err := net.Dial("tcp", s.Address())
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Error("milvus-lite does not listen")
			return
		}
	}
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() {
	if s.cmd.Process != nil {
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
}

// Signal sends the server a signal.
func (s *Server) Signal(t testing.TB, signal os.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

var (
	mu     sync.Mutex
	shared *Server
	atEnd  []func()
)

// Shared returns a server for all tests of a package, each with collections of its own. It ends with [Main].
func Shared(t testing.TB) *Server {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if shared == nil {
		shared = New(&outlives{TB: t})
	}
	return shared
}

// outlives is a test whose cleanups wait for the end of all tests.
type outlives struct{ testing.TB }

func (o *outlives) Cleanup(f func()) { atEnd = append(atEnd, f) }

// Logf prints at once: the test may have ended.
func (o *outlives) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

func (o *outlives) TempDir() string {
	dir, err := os.MkdirTemp("", "siamese-milvus-*")
	if err != nil {
		o.Fatal(err)
	}
	o.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Main is TestMain of a package that uses [Shared].
func Main(m *testing.M) {
	status := m.Run()
	for i := range atEnd {
		atEnd[len(atEnd)-1-i]()
	}
	os.Exit(status)
}
