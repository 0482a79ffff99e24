package front

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/wire"
)

// quick are limits that a test can wait for: Idle and Kill are waited for only where GoNB hangs, and are long enough for
// one that is alive on a busy machine.
func quick(o *Options) {
	o.Limits = Limits{Startup: enough, Ping: 300 * time.Millisecond, Idle: 4 * time.Second, Kill: 2 * time.Second,
		Moment: time.Millisecond}
}

// within sees that something takes no longer than a time, which is generous.
func within(t *testing.T, what string, limit time.Duration, do func()) {
	t.Helper()
	began := time.Now()
	do()
	if took := time.Since(began); took > limit {
		t.Errorf("%s took %v", what, took)
	}
}

// TestGoNBDies: when GoNB ends, however it does, its cell is an error that says so, and the next one runs in a new GoNB
// that has the declarations of the cells before.
func TestGoNBDies(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"panic index out of range", "kill", "hang", "stop"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			u := newUser(t, quick)
			for i := range 3 {
				if r := u.run(fmt.Sprintf("var v%d = 1", i)); r.status() != "ok" {
					t.Fatal(r.content)
				}
			}
			u.run("fail Broken")
			within(t, how, enough, func() {
				r := u.run(how)
				value := fmt.Sprint(r.content["evalue"])
				if r.status() != "error KernelError" || !strings.Contains(value, "run this cell again") {
					t.Errorf("%v", r.content)
				}
				if strings.HasPrefix(how, "panic") && !strings.Contains(value, how[6:]) {
					t.Errorf("the reason is lost: %s", value)
				}
			})
			if r := u.run("declared"); r.status() != "ok" || r.outputs[1] != "stdout: 3\n" {
				t.Errorf("after it: %v, %q", r.content, r.outputs)
			}
		})
	}
}

// TestDeadly: declarations that a new GoNB does not survive are left out, and the next cell says so.
func TestDeadly(t *testing.T) {
	trap := filepath.Join(t.TempDir(), "trap")
	u := newUser(t, quick)
	if r := u.run(fmt.Sprintf("var trap = %q", trap)); r.status() != "ok" {
		t.Fatal(r.content)
	}
	if err := os.WriteFile(trap, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wait, let := held(t)
	cell := u.execute("print on\n"+wait+"\nkill", nil)
	u.must("output", func(m wire.Request) bool { return m.Header.Type == "stream" && m.ParentID() == cell })
	let()
	u.wait(cell)
	r := u.run("declared")
	if r.status() != "ok" || len(r.outputs) != 3 || r.outputs[1] != "stderr: "+lost || r.outputs[2] != "stdout: 0\n" {
		t.Errorf("%v, %q", r.content, r.outputs)
	}
}

// TestIdleGoNB: a GoNB that stops answering while nothing runs is replaced before the next cell needs it.
func TestIdleGoNB(t *testing.T) {
	u := newUser(t, quick)
	r := u.run("pid")
	first := strings.TrimPrefix(r.outputs[1], "stdout: ")
	var pid int
	if _, err := fmt.Sscan(first, &pid); err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if r := u.run("pid"); r.status() != "ok" || r.outputs[1] == "stdout: "+first {
		t.Errorf("%v, %q", r.content, r.outputs)
	}
}

// TestNoGoNB: where GoNB does not start each cell says why, and all other requests are answered.
func TestNoGoNB(t *testing.T) {
	for name, change := range map[string]func(o *Options){
		"missing": func(o *Options) { o.GoNB = []string{filepath.Join(t.TempDir(), "gonb")} },
		"dead":    func(o *Options) { o.Env = append(o.Env, "SIAMESE_TOY_DEAD=1") },
	} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t, func(o *Options) { quick(o); change(o) })
			for range 2 {
				r := u.run("print x")
				if value := fmt.Sprint(r.content["evalue"]); r.status() != "error KernelError" ||
					!strings.Contains(value, "did not start") {
					t.Errorf("%v", r.content)
				}
			}
			if r := u.wait(u.send(wire.Shell, "kernel_info_request", struct{}{})); r.status() != "ok" {
				t.Errorf("%v", r.content)
			}
		})
	}
}

// TestInterrupt: an interrupt reaches what runs, whatever it is; a program may save as long as it likes, and a second
// interrupt kills it. A GoNB that stays busy even then is replaced.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	wait, let := held(t)
	for _, test := range []struct {
		code  string
		times int
		want  string
	}{
		{"guard program print=on save=700ms print=saved", 1, "error Interrupted"},
		{"guard build print=on save=0s", 1, "error Interrupted"},
		{"guard program print=on stubborn", 2, "error Interrupted"},
		{"print on\nwait", 1, "error Interrupted"},
		{"print on\nhang", 1, "error Interrupted"},
		{"print on\nhang", 2, "error Interrupted"},
		// It comes before anything that can be interrupted: what starts then is refused.
		{"print on\n" + wait + "\nguard program print=no", 1, "error Interrupted"},
	} {
		t.Run(strings.Replace(test.code, wait, "until", 1), func(t *testing.T) {
			t.Parallel()
			u := newUser(t, func(o *Options) { quick(o); o.Limits.Idle = time.Minute })
			id := u.execute(test.code, nil)
			behind := u.execute("print behind", nil)
			u.must("output", func(m wire.Request) bool { return m.Header.Type == "stream" && m.ParentID() == id })
			within(t, "the interrupt", enough, func() {
				for range test.times {
					r := u.wait(u.send(wire.Control, "interrupt_request", struct{}{}))
					if r.status() != "ok" {
						t.Errorf("%v", r.content)
					}
				}
				if strings.Contains(test.code, wait) {
					let()
				}
				r := u.wait(id)
				if r.status() != test.want {
					t.Errorf("%v", r.content)
				}
				saved := strings.Contains(strings.Join(r.outputs, ""), "saved")
				if strings.Contains(test.code, "saved") != saved || strings.Contains(strings.Join(r.outputs, ""), "no\n") {
					t.Errorf("outputs %q", r.outputs)
				}
			})
			if r := u.wait(behind); r.status() != "aborted" {
				t.Errorf("what was behind: %v", r.content)
			}
			if r := u.run("print next"); r.status() != "ok" {
				t.Errorf("the next cell: %v", r.content)
			}
		})
	}
}

// TestShutdown: a shutdown is answered, ends what runs, and leaves nothing behind.
func TestShutdown(t *testing.T) {
	temp, err := os.MkdirTemp("/tmp", "front-*") // a short path
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temp)
	t.Setenv("TMPDIR", temp)
	u := newUser(t, quick)
	id := u.execute("pid\nhang", nil)
	u.must("output", func(m wire.Request) bool { return m.Header.Type == "stream" && m.ParentID() == id })
	asked := u.send(wire.Control, "shutdown_request", map[string]bool{"restart": true})
	m := u.must("reply", func(m wire.Request) bool { return m.Channel == wire.Control && m.ParentID() == asked })
	if string(m.Content) != `{"restart":true,"status":"ok"}` {
		t.Errorf("%s", m.Content)
	}
	select {
	case err := <-u.ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(enough):
		t.Fatal("the kernel goes on")
	}
	if left, _ := filepath.Glob(filepath.Join(temp, dirPrefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestStale: folders that killed kernels have left are removed, those of others and of kernels that live are not.
func TestStale(t *testing.T) {
	in := t.TempDir()
	old := time.Now().Add(-time.Hour)
	for _, name := range []string{dirPrefix + "left", dirPrefix + "lives", dirPrefix + "new", "other"} {
		dir := filepath.Join(in, name)
		if err := os.MkdirAll(filepath.Join(dir, gonbDir), 0o700); err != nil {
			t.Fatal(err)
		}
		if name == dirPrefix+"lives" {
			lock, err := locked(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer lock.Close()
		}
		if name != dirPrefix+"new" {
			if err := os.Chtimes(dir, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	removeStale(in)
	var got []string
	entries, err := os.ReadDir(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff([]string{"other", dirPrefix + "lives", dirPrefix + "new"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRefused: what GoNB would get wrong is not given to it.
func TestRefused(t *testing.T) {
	u := newUser(t, quick)
	r := u.run("print a\nvar x = `\n!print b\n`")
	value, _ := r.content["evalue"].(string)
	if r.status() != "error CellError" || !strings.HasPrefix(value, "line 3: GoNB runs this line") ||
		!strings.Contains(value, "the cell was not run") {
		t.Errorf("%v", r.content)
	}
	if r := u.run("print c"); r.status() != "ok" || r.outputs[len(r.outputs)-1] != "stdout: c\n" {
		t.Errorf("%v, %q", r.content, r.outputs)
	}
}
