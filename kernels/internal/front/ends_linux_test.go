package front

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/labtest"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// lives reports whether a process is there and no zombie.
func lives(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}

// childOf returns the process "sleep" that a process has started, or 0.
func childOf(parent int) int {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		text, _ := os.ReadFile(file) // one that is gone is not it
		var pid, of int
		var state string
		before, after, _ := strings.Cut(string(text), " (sleep) ")
		if _, err := fmt.Sscan(before+" "+after, &pid, &state, &of); err == nil && of == parent {
			return pid
		}
	}
	return 0
}

// end waits for processes to end and reports those that do not.
func end(t *testing.T, pids map[string]int) {
	t.Helper()
	deadline := time.Now().Add(enough)
	for name, pid := range pids {
		for lives(pid) && time.Now().Before(deadline) {
			time.Sleep(5 * time.Millisecond)
		}
		if lives(pid) {
			t.Errorf("%s lives on", name)
			_ = exec.Command("kill", "-9", fmt.Sprint(pid)).Run()
		}
	}
}

// TestNoOrphans kills the kernel, its parent or GoNB in the midst of a cell, and sees that all that belongs to it ends:
// GoNB, what it runs without a guard, and the session's worker.
func TestNoOrphans(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"kernel", "parent", "gonb"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := wire.Private(dir, "key")
			path := filepath.Join(dir, "kernel-test.json")
			if err := c.Write(path); err != nil {
				t.Fatal(err)
			}
			temp, err := os.MkdirTemp("/tmp", "orphans-*") // a short path
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(temp)
			parent := exec.Command("sh", "-c", `"$@" & echo $! > "$0"; wait`, filepath.Join(dir, "pid"), os.Args[0],
				"-test.run=^$")
			parent.Env = append(os.Environ(), toyEnv+"=kernel", "SIAMESE_TOY_CONNECTION="+path, "TMPDIR="+temp)
			parent.Stderr = os.Stderr
			if err := parent.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = parent.Wait() }()
			ctx, cancel := context.WithTimeout(t.Context(), enough)
			defer cancel()
			u := &user{t: t}
			if u.client, err = wire.Dial(ctx, c); err != nil {
				t.Fatal(err)
			}
			defer u.client.Close()
			pids := map[string]int{"parent": parent.Process.Pid}
			read := func(name, text string) {
				var pid int
				if _, err := fmt.Sscan(text, &pid); err != nil {
					t.Fatalf("%s: %q: %v", name, text, err)
				}
				pids[name] = pid
			}
			var kernel []byte // the shell may write it when the kernel listens already
			for end := time.Now().Add(enough); len(kernel) == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
				kernel, _ = os.ReadFile(filepath.Join(dir, "pid"))
			}
			read("kernel", string(kernel))
			for end := time.Now().Add(enough); len(pids) < 3 && time.Now().Before(end); {
				r := u.find(time.Second, func(m wire.Request) bool { return m.Header.Type == "stream" })
				if r == nil {
					u.execute("pid", nil)
					continue
				}
				read("gonb", strings.TrimPrefix(string(r.Content), `{"name":"stdout","text":"`))
			}
			sockets, _ := filepath.Glob(filepath.Join(temp, "siamese-kernel-*", sessionSocket))
			if len(sockets) != 1 {
				t.Fatalf("sockets %v", sockets)
			}
			conn, err := net.Dial("unix", sockets[0])
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(conn, "hello")
			b := make([]byte, 100)
			n, _ := conn.Read(b)
			read("worker", string(b[:n]))
			u.execute("child 61.25", nil)
			for end := time.Now().Add(enough); pids["child"] == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
				if pid := childOf(pids["gonb"]); pid > 0 {
					pids["child"] = pid
				}
			}
			p, err := os.FindProcess(pids[who])
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Kill(); err != nil {
				t.Fatal(err)
			}
			if who == "gonb" { // the kernel goes on
				end(t, map[string]int{"gonb": pids["gonb"], "child": pids["child"]})
				if !lives(pids["kernel"]) || !lives(pids["worker"]) {
					t.Error("the kernel or the worker has ended with GoNB")
				}
				_ = parent.Process.Kill()
			}
			end(t, pids)
			if len(pids) != 5 {
				t.Errorf("processes %v", pids)
			}
			if who == "parent" {
				for end := time.Now().Add(enough); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
					if left, _ := os.ReadDir(temp); len(left) == 0 {
						return
					}
				}
				t.Error("the kernel's folder is left")
			}
		})
	}
}

// TestWorker: the session's worker starts when somebody connects and serves all that come; when it ends the next one
// starts for who comes then, and one that cannot start refuses who waits rather than let them wait.
func TestWorker(t *testing.T) {
	t.Setenv(toyEnv, "worker")
	path := filepath.Join(t.TempDir(), "session")
	ask := func(text string) string {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(enough)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, text)
		b := make([]byte, 100)
		n, _ := conn.Read(b)
		return string(b[:n])
	}
	logf := labtest.LogTo(t)
	s, err := activate(path, toy(), os.Environ(), logf)
	if err != nil {
		t.Fatal(err)
	}
	first := ask("a")
	if !strings.HasSuffix(first, " a") || ask("a") != first {
		t.Errorf("answers %q", first)
	}
	ask("die")
	var second string
	for end := time.Now().Add(enough); second == "" && time.Now().Before(end); { // who came in between was refused
		second = ask("a")
	}
	if !strings.HasSuffix(second, " a") || second == first {
		t.Errorf("after its end: %q, before %q", second, first)
	}
	s.close()
	var pid int
	if _, err := fmt.Sscan(second, &pid); err != nil {
		t.Fatal(err)
	}
	if lives(pid) {
		t.Error("the worker lives on")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is left")
	}
	t.Setenv("SIAMESE_TOY_DEAD", "1")
	if s, err = activate(path, toy(), os.Environ(), logf); err != nil {
		t.Fatal(err)
	}
	if got := ask("a"); got != "" {
		t.Errorf("a worker that does not start answers %q", got)
	}
	s.close()
}
