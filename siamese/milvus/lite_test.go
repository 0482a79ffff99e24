package milvus

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// lite is a server of Milvus Lite on this machine.
type lite struct {
	program, dir string
	port         int
	log          *os.File
	cmd          *exec.Cmd
	ended        chan struct{}
}

// required is the variable that makes it a failure that Milvus Lite cannot be had.
const required = "SIAMESE_MILVUS_REQUIRED"

// program returns milvus-lite: SIAMESE_MILVUS_LITE, else that of an environment which is made once for the versions of
// testdata/requirements.txt, in the user's cache.
var program = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("SIAMESE_MILVUS_LITE"); path != "" {
		return path, nil
	}
	pins, err := os.ReadFile("testdata/requirements.txt")
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "siamese-milvus", fmt.Sprintf("%x", sha256.Sum256(pins))[:16])
	path := filepath.Join(dir, "bin", "milvus-lite")
	if _, err := os.Stat(path + ".ok"); err == nil {
		return path, nil
	}
	for _, args := range [][]string{{"python3", "-m", "venv", "--clear", dir}, {filepath.Join(dir, "bin", "pip"), "install",
		"-q", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:", "--require-hashes", "--no-deps",
		"-r", "testdata/requirements.txt"}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
		}
	}
	return path, os.WriteFile(path+".ok", nil, 0o600)
})

// newLite starts a server, which ends with the test.
func newLite(t testing.TB) *lite {
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
	s := &lite{program: path, dir: filepath.Join(dir, "data"), port: port, log: log}
	t.Cleanup(func() {
		s.kill()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("what the server printed:\n%s", text)
		}
		_ = log.Close()
	})
	s.start(t)
	return s
}

func (s *lite) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// start starts the server and waits until it listens.
func (s *lite) start(t testing.TB) {
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
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; {
		select {
		case <-s.ended:
			t.Fatal("milvus-lite ended")
		case <-time.After(20 * time.Millisecond):
		}
		c, err := net.Dial("tcp", s.address())
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("milvus-lite does not listen")
		}
	}
}

// kill ends the server at once, as a crash does.
func (s *lite) kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

func (s *lite) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// shared is a server that tests share, each with collections of its own. It starts when it is first asked for.
var shared struct {
	sync.Mutex
	*lite
}

func config(t testing.TB, collection string) Config {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.lite == nil {
		shared.lite = newLite(&outlives{TB: t})
	}
	return Config{Address: shared.address(), Collection: collection, Timeout: 20 * time.Second}
}

// outlives is a test whose cleanups wait for the end of all tests.
type outlives struct {
	testing.TB
}

var atEnd []func()

func (o *outlives) Cleanup(f func()) { atEnd = append(atEnd, f) }

func (o *outlives) TempDir() string {
	dir, err := os.MkdirTemp("", "siamese-milvus-*")
	if err != nil {
		o.Fatal(err)
	}
	o.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestMain(m *testing.M) {
	status := m.Run()
	for _, f := range atEnd {
		f()
	}
	os.Exit(status)
}

// create makes a collection that is dropped at the end of the test.
func create(t testing.TB, width int, c Config) *Collection {
	t.Helper()
	x, err := Create(t.Context(), width, "", c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(x.Drop(context.Background()), x.Close()); err != nil {
			t.Error(err)
		}
	})
	return x
}
