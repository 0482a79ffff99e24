package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// command is the program under test, built by TestMain.
var command string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "cell-test-*")
	if err != nil {
		panic(err)
	}
	command = filepath.Join(dir, "cell")
	if out, err := exec.Command("go", "build", "-o", command, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// put writes a program or another file and returns its path.
func put(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// ends reads what a run without a browser is told.
func ends(t *testing.T, path string) []end {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []end
	for line := range bytes.Lines(content) {
		var e end
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// TestGuard: a program is judged by how it ended, not by what it says, and one that reads an input that is not there
// gets its end and fails.
func TestGuard(t *testing.T) {
	tests := []struct {
		script string
		want   end
		status int
		stdout string
	}{
		{"echo fine", end{}, 0, "fine\n"},
		{"echo exit status 1 >&2", end{}, 0, ""},
		{"exit 3", end{Failed: "exit status 3"}, 3, ""},
		{"kill -9 $$", end{Failed: "signal: killed"}, 128 + 9, ""},
		{"cat; echo read", end{Failed: noInput}, 1, "read\n"},
		{"read a; read b; exit 4", end{Failed: "exit status 4, after " + noInput}, 4, ""},
		{"cat < /dev/null", end{}, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.script, func(t *testing.T) {
			t.Parallel()
			ended := filepath.Join(t.TempDir(), "ended")
			cmd := exec.Command(command, "guard", "/bin/sh", "-c", test.script)
			cmd.Env = append(os.Environ(), runEnv+"="+ended)
			reader, writer, err := os.Pipe() // one that never ends, as GoNB's
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			defer writer.Close()
			var stdout, stderr bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = reader, &stdout, &stderr
			_ = cmd.Run() // its status is looked at
			if got := cmd.ProcessState.ExitCode(); got != test.status || stdout.String() != test.stdout {
				t.Errorf("status %d, said %q; want %d, %q", got, stdout.String(), test.status, test.stdout)
			}
			if diff := cmp.Diff([]end{test.want}, ends(t, ended)); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if line := "the cell failed: "; strings.Contains(stderr.String(), line) != (test.want.Failed != "") {
				t.Errorf("said %q", stderr.String())
			}
		})
	}
}

// TestGuardInput: a browser's kernel passes on what it is given.
func TestGuardInput(t *testing.T) {
	cmd := exec.Command(command, "guard", "/bin/sh", "-c", `read x; echo "got $x"`)
	cmd.Env = append(os.Environ(), runEnv+"=")
	cmd.Stdin = strings.NewReader("text\n")
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "got text\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// started starts a cell's program under the guard, in a directory of GoNB, and returns when it has said "ready".
func started(t *testing.T, script string, env ...string) (cmd *exec.Cmd, dir string) {
	t.Helper()
	dir = t.TempDir()
	name := filepath.Join(dir, "gonb_x")
	if err := os.Symlink(command, name); err != nil {
		t.Fatal(err)
	}
	put(t, name+suffix, "#!/bin/sh\n"+script)
	cmd = exec.Command(name)
	cmd.Env = append(os.Environ(), append([]string{runEnv + "="}, env...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	return cmd, dir
}

// TestGuardInterrupt: an interrupt reaches the program, and one that ends well all the same is known as stopped.
func TestGuardInterrupt(t *testing.T) {
	ended := filepath.Join(t.TempDir(), "ended")
	const script = "trap 'exit 0' INT; echo ready; while :; do sleep 0.05; done"
	cmd, _ := started(t, script, runEnv+"="+ended)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]end{{Stopped: true}}, ends(t, ended)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	cmd, dir := started(t, script)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if why := refused(dir); why != "was stopped" {
		t.Errorf("the next cell is refused since the one before it %q", why)
	}
}

// TestGuardKilled: a program does not outlive a guard that is killed.
func TestGuardKilled(t *testing.T) {
	cmd, dir := started(t, `echo $$ > "$(dirname "$0")/pid"; echo ready; sleep 60`)
	pid, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if exec.Command("kill", "-0", strings.TrimSpace(string(pid))).Run() != nil {
			return
		}
	}
	t.Errorf("the program %s lives on", pid)
}

// TestBuild: what follows a failed cell at once is refused, and so is what follows that; later it runs.
func TestBuild(t *testing.T) {
	dir := t.TempDir()
	fake := put(t, filepath.Join(dir, "go"), `#!/bin/sh
[ -z "$BROKEN" ] || { echo "does not compile"; exit 2; }
printf '#!/bin/sh\nexit %s\n' "$EXIT" > "$3"; chmod +x "$3"
`)
	name := filepath.Join(dir, "gonb_x")
	// cell builds and runs a cell as GoNB does; it returns what was said and whether the program ran.
	cell := func(env ...string) (said string, ran bool) {
		t.Helper()
		env = append(append(os.Environ(), "GONB_TMP_DIR="+dir, runEnv+"="), env...)
		cmd := exec.Command(command, "build", fake, "build", "-o", name)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil {
			return string(out), false
		}
		cmd = exec.Command(name)
		cmd.Env = env
		out, _ = cmd.CombinedOutput()
		return string(out), true
	}
	// later makes the last failure an old one.
	later := func() {
		t.Helper()
		old := time.Now().Add(-2 * soon)
		if err := os.Chtimes(filepath.Join(dir, mark), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if said, ran := cell("EXIT=0"); !ran || said != "" {
		t.Fatalf("a good cell: %v, %q", ran, said)
	}
	if said, ran := cell("EXIT=5"); !ran || !strings.Contains(said, "the cell failed: exit status 5") {
		t.Fatalf("a failing cell: %v, %q", ran, said)
	}
	for range 2 {
		if said, ran := cell("EXIT=0"); ran || !strings.Contains(said, "the cell before it failed: exit status 5") {
			t.Errorf("a cell behind it: %v, %q", ran, said)
		}
	}
	if _, ran := cell("EXIT=0", runEnv+"="+filepath.Join(dir, "ended")); !ran {
		t.Error("a run without a browser, which stops by itself, was refused a cell")
	}
	later()
	if said, ran := cell("EXIT=0"); !ran {
		t.Errorf("a cell that was chosen later: %q", said)
	}
	if said, ran := cell("EXIT=0"); !ran {
		t.Errorf("the one behind that: %q", said)
	}
	if said, ran := cell("BROKEN=1"); ran || said != "does not compile\n" {
		t.Errorf("one that does not compile: %v, %q", ran, said)
	}
	if said, ran := cell("EXIT=0"); ran || !strings.Contains(said, "it does not compile") {
		t.Errorf("a cell behind it: %v, %q", ran, said)
	}
	// A user's own build is none of a cell.
	other := filepath.Join(t.TempDir(), "mine")
	cmd := exec.Command(command, "build", fake, "build", "-o", other)
	cmd.Env = append(os.Environ(), "GONB_TMP_DIR="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("a build of the user: %v, %s", err, out)
	}
	if info, err := os.Lstat(other); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v: not what was built", info, err)
	}
}
