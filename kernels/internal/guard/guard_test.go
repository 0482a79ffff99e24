package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// TestEnds: a program is judged by how it ended, not by what it says.
func TestEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		script string
		want   link.End
		stdout string
	}{
		{"echo fine", link.End{}, "fine\n"},
		{"echo $SIAMESE_CELL", link.End{}, "t.ipynb [3]\n"},
		{"echo $SIAMESE_PROVENANCE", link.End{}, "/events\n"},
		{"echo exit status 1 >&2", link.End{}, ""},
		{"exit 3", link.End{Status: 3}, ""},
		{"kill -9 $$", link.End{Status: -1, Signal: "killed"}, ""},
		{"cat; echo read", link.End{Read: true}, "read\n"},
		{"read a; read b; exit 4", link.End{Status: 4, Read: true}, ""},
		{"cat < /dev/null", link.End{}, ""},
		{"cat | cat", link.End{Read: true}, ""},
		{`printf 'a\377b\303'; sleep 0.3; printf '\251\342\202'`, link.End{}, "a\ufffdbé\ufffd\ufffd"},
	}
	for _, test := range tests {
		t.Run(test.script, func(t *testing.T) {
			t.Parallel()
			k := newKernel(t, nobody)
			if diff := cmp.Diff(test.want, k.run(t, "shell", "/bin/sh", "-c", test.script)); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if got := k.text("stdout"); got != test.stdout {
				t.Errorf("said %q, want %q", got, test.stdout)
			}
		})
	}
}

// TestNoKernel: without a kernel the guard is what it starts, status and input included.
func TestNoKernel(t *testing.T) {
	for _, args := range [][]string{{"shell", "/bin/sh", "-c", `read x; echo "got $x"; exit 3`},
		{"build", "/bin/sh", "-c", `read x; echo "got $x"; exit 3`}} {
		cmd := exec.Command(command, args...)
		cmd.Env = append(os.Environ(), link.Env+"=")
		cmd.Stdin = strings.NewReader("text\n")
		out, _ := cmd.Output() // the status is looked at
		if string(out) != "got text\n" || cmd.ProcessState.ExitCode() != 3 {
			t.Errorf("%s: %q, status %d", args[0], out, cmd.ProcessState.ExitCode())
		}
	}
}

// TestRefused: what the kernel does not let start does not run.
func TestRefused(t *testing.T) {
	k := newKernel(t, func(k *fakeKernel) { k.refuse = "the cell was stopped" })
	file := filepath.Join(t.TempDir(), "ran")
	if err := k.start(t, "shell", "/bin/sh", "-c", "touch "+file).Wait(); err != nil {
		t.Error(err)
	}
	if err := k.start(t, "build", "/bin/sh", "-c", "touch "+file).Wait(); err == nil {
		t.Error("a build that was refused is taken for one that succeeded")
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("it ran")
	}
}

// TestOrder measures how near the order of two outputs is to the program's. Where the system notes the order of writes,
// lines by turns keep it all, and lines in runs nearly so: how long each run was is known only while the guard keeps up.
func TestOrder(t *testing.T) {
	for _, test := range []struct {
		pattern string
		want    int // lines of 1,000 that stand next to the line before them
	}{{"alternate", 1000}, {"bursts", 900}} {
		k := newKernel(t)
		k.run(t, "shell", cell, test.pattern)
		follow, lines, last := 0, 0, -1
		next := map[string]int{}
		for _, e := range k.all() {
			for _, line := range strings.Fields(e.text) {
				n, err := strconv.Atoi(line)
				if err != nil || n < next[e.kind] {
					t.Fatalf("%s: %s has %q after %d", test.pattern, e.kind, line, next[e.kind])
				}
				if n == last+1 {
					follow++
				}
				next[e.kind], last = n, n
				lines++
			}
		}
		t.Logf("%s: %d of %d lines are in place", test.pattern, follow, lines)
		if want := test.want; lines != 1000 || follow < want && ordered {
			t.Errorf("%s: %d lines, %d in place, want %d", test.pattern, lines, follow, want)
		}
	}
}

// TestMuch: 60 MB arrive whole, at the kernel's pace and without the guard's memory growing.
func TestMuch(t *testing.T) {
	t.Parallel()
	k := newKernel(t, func(k *fakeKernel) { k.slow = time.Millisecond })
	cmd := k.start(t, "shell", cell, "much")
	if end := k.wait(t, cmd); end.Status != 0 {
		t.Errorf("%+v", end)
	}
	k.mu.Lock()
	got := k.bytes
	k.mu.Unlock()
	if want := 60_060 * 999; got != want {
		t.Errorf("%d bytes of %d", got, want)
	}
	if rss := maxRSS(cmd); rss > 40<<20 {
		t.Errorf("the guard took %d MB", rss>>20)
	}
}

// TestLastWords: what Go's runtime writes when a program ends is told with the end and not among its output; a program
// that only looks like it and goes on has all its output.
func TestLastWords(t *testing.T) {
	k := newKernel(t)
	end := k.run(t, "shell", cell, "panic")
	if end.Status != 2 || !strings.HasPrefix(end.Text, "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n") {
		t.Errorf("%+v", end)
	}
	if k.text("stdout") != "before\n" || k.text("stderr") != "warning\n" {
		t.Errorf("said %v", k.all())
	}
	k = newKernel(t)
	if end := k.run(t, "shell", cell, "words"); end != (link.End{}) {
		t.Errorf("%+v", end)
	}
	if diff := cmp.Diff([]event{{"stderr", "panic: only a word\n"}, {"stdout", "goes on\n"}}, k.all(),
		cmp.AllowUnexported(event{})); diff != "" {
		t.Error(diff)
	}
}

// TestInput: a program that waits for a line gets it, and what it printed before is the prompt.
func TestInput(t *testing.T) {
	k := newKernel(t, func(k *fakeKernel) {
		k.typed = func(in link.Input) *link.Value {
			return &link.Value{Text: map[string]string{"Name: ": "Ada", "Age: ": "36"}[in.Prompt]}
		}
	})
	if end := k.run(t, "shell", cell, "ask"); end != (link.End{}) {
		t.Errorf("%+v", end)
	}
	want := []event{{"stdout", "line\n"}, {"input", "Name: "}, {"stdout", "hello Ada\n"}, {"input", "Age: "},
		{"stdout", "36 years\n"}}
	if diff := cmp.Diff(want, k.all(), cmp.AllowUnexported(event{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Where nobody types, the prompt is output, and the program has read what is not there.
	k = newKernel(t, nobody)
	if end := k.run(t, "shell", cell, "ask"); !end.Read {
		t.Errorf("%+v", end)
	}
	if got := k.text("stdout"); got != "line\nName: hello \nAge:  years\n" {
		t.Errorf("said %q", got)
	}
}

// TestDisplay: what a program shows is between the texts that it printed before and after, and is not lost when it ends
// at once.
func TestDisplay(t *testing.T) {
	k := newKernel(t)
	k.run(t, "shell", cell, "show")
	var want []event
	for i := range 50 {
		want = append(want, event{"stdout", fmt.Sprint("text ", i)}, event{"display", fmt.Sprint(i)})
	}
	if diff := cmp.Diff(want, k.all(), cmp.AllowUnexported(event{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	k = newKernel(t)
	k.run(t, "shell", cell, "last")
	if diff := cmp.Diff([]event{{"display", "last"}}, k.all(), cmp.AllowUnexported(event{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestInterrupt: an interrupted program has the time that it needs; what it left behind is ended by another.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	t.Run("save", func(t *testing.T) {
		t.Parallel()
		k := newKernel(t)
		cmd := k.start(t, "shell", cell, "save")
		until(t, "the start", func() bool { return k.text("stdout") == "ready\n" })
		k.order(t, link.KindInterrupt)
		if end := k.wait(t, cmd); end != (link.End{Stopped: true}) {
			t.Errorf("%+v", end)
		}
		if got := k.text("stdout"); got != "ready\nsaved\n" {
			t.Errorf("said %q", got)
		}
	})
	t.Run("kill", func(t *testing.T) {
		t.Parallel()
		k := newKernel(t)
		cmd := k.start(t, "shell", cell, "save")
		until(t, "the start", func() bool { return k.text("stdout") == "ready\n" })
		k.order(t, link.KindInterrupt)
		k.order(t, link.KindKill)
		if end := k.wait(t, cmd); end != (link.End{Status: -1, Signal: "killed", Stopped: true}) {
			t.Errorf("%+v", end)
		}
	})
	for _, args := range [][]string{{"child"}, {"child", "wait"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			k := newKernel(t)
			cmd := k.start(t, append([]string{"shell", cell}, args...)...)
			until(t, "the start", func() bool { return strings.HasSuffix(k.text("stdout"), "\n") })
			if len(args) == 1 { // the program ends, its child does not
				until(t, "the program's end", func() bool { return !lives(strings.TrimSpace(k.text("stdout"))) })
			}
			k.order(t, link.KindInterrupt)
			start := time.Now()
			if end := k.wait(t, cmd); !end.Stopped && len(args) > 1 {
				t.Errorf("%+v", end)
			}
			if took := time.Since(start); took > enough { // its child takes ten
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestGone: a program ends with its kernel, and with its guard.
func TestGone(t *testing.T) {
	for _, who := range []string{"kernel", "guard"} {
		t.Run(who, func(t *testing.T) {
			k := newKernel(t)
			cmd := k.start(t, "shell", "/bin/sh", "-c", "echo $$; exec sleep 60")
			until(t, "the start", func() bool { return k.text("stdout") != "" })
			pid := strings.TrimSpace(k.text("stdout"))
			if who == "guard" {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			} else {
				k.mu.Lock()
				conn := k.conns[0]
				k.mu.Unlock()
				conn.Close()
			}
			_ = cmd.Wait()
			until(t, "the program's end", func() bool { return !lives(pid) })
		})
	}
}

// TestBuild: what go builds for a cell has the guard in front of it, a failed build is told with what it printed, and
// an interrupt ends one with its children.
func TestBuild(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GONB_TMP_DIR", dir)
	fake := put(t, filepath.Join(dir, "go"), `#!/bin/sh
[ -z "$SLOW" ] || { sleep 600 & echo $! >> "$SLOW"; echo $$ >> "$SLOW"; wait; echo no; }
[ -z "$BROKEN" ] || { echo "does not compile" >&2; exit 2; }
printf '#!/bin/sh\necho "$1"; exit 5\n' > "$3"; chmod +x "$3"
`)
	name := filepath.Join(dir, "gonb_x")
	k := newKernel(t)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if end := k.run(t, "build", fake, "build", "-o", name); end != (link.End{Dir: here}) {
		t.Fatalf("%+v", end)
	}
	cmd := exec.Command(name, "argument")
	cmd.Env = append(os.Environ(), link.Env+"="+k.path)
	if err := cmd.Run(); err != nil {
		t.Error(err)
	}
	if k.ended().Status != 5 || k.text("stdout") != "argument\n" {
		t.Errorf("the program: %+v, %v", k.ended(), k.all())
	}
	t.Setenv("BROKEN", "1")
	cmd = exec.Command(command, "build", fake, "build", "-o", name)
	cmd.Env = append(os.Environ(), link.Env+"="+k.path)
	out, err := cmd.Output() // the error is that of its status
	if want := (link.End{Status: 2, Dir: here, Text: "does not compile\n"}); *k.ended() != want || err == nil ||
		string(out) != want.Text {
		t.Errorf("a broken build: %+v, %v, %q", k.ended(), err, out)
	}
	slow := filepath.Join(dir, "slow")
	t.Setenv("SLOW", slow)
	var pids []string
	k = newKernel(t)
	cmd = k.start(t, "build", fake, "build", "-o", name)
	until(t, "the start", func() bool {
		text, _ := os.ReadFile(slow)
		pids = strings.Fields(string(text))
		return len(pids) == 2 && strings.HasSuffix(string(text), "\n")
	})
	k.order(t, link.KindInterrupt)
	_ = cmd.Wait()
	if end := k.ended(); end == nil || !end.Stopped || end.Status != -1 {
		t.Errorf("interrupted: %+v", end)
	}
	for _, pid := range pids {
		until(t, "the build's end", func() bool { return !lives(pid) })
	}
	// A user's own build is none of a cell, here and below a line that starts with "!".
	t.Setenv("SLOW", "")
	t.Setenv("BROKEN", "")
	other := filepath.Join(t.TempDir(), "mine")
	k = newKernel(t)
	cmd = exec.Command(command, "build", fake, "build", "-o", other)
	cmd.Env = append(os.Environ(), link.Env+"="+k.path, insideEnv+"=1")
	if out, err := cmd.CombinedOutput(); err != nil || k.ended() != nil {
		t.Errorf("a build of the user: %v, %s, %v", err, out, k.ended())
	}
	if info, err := os.Lstat(other); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v: not what was built", info, err)
	}
}
