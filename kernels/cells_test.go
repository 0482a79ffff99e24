package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFailedCells: what fails in a cell is an error of it, with the cell's own line, on the real GoNB.
func TestFailedCells(t *testing.T) {
	t.Parallel()
	k := startKernel(t)
	steps := []struct {
		code, status, name string
		value, trace       string // parts of them
		outputs            []string
	}{
		{"func f(x []int, i int) int {\n\treturn x[i]\n}", "ok", "", "", "", nil},
		{"%%\nframe := f([]int{1}, 0)\nfmt.Println(frame)", "ok", "", "", "", []string{"stdout: 1\n"}},
		{"%%\nfmt.Println(\"before\")\nf([]int{1}, 3)", "error", "Panic", "cell [1], line 2: index out of range [3] with length 1",
			"main  line 3 of this cell", []string{"stdout: before\n"}},
		{"%%\nfmt.Fprintln(os.Stderr, \"no such file\")\nos.Exit(3)", "error", "ExitStatus", "exit status 3: no such file", "",
			[]string{"stderr: no such file\n"}},
		{"%%\nfmt.Println(frame)", "error", "CompileError", "line 2: undefined: frame\ncell [2] makes frame, which has not stayed", "", nil},
		{"frame := 3", "ok", "", "", "", nil},
		{"frame + 1", "ok", "", "", "", []string{"display: 4"}},
		{"fmt.Println(frame", "error", "SyntaxError", "line 1: ", "", nil},
		{"%%\nfor i := range 3 {\n", "error", "SyntaxError", "found 'EOF'\nthe { of line 2 is not closed", "", nil},
		{"!echo ok; exit 4", "error", "ShellError", "line 1: exit status 4", "", []string{"stdout: ok\n"}},
		{"%%bash\necho hello; exit 4", "error", "ShellError", "exit status 4", "", []string{"stdout: hello\n"}},
		{"%%sh\necho hello; exit 4", "error", "ScriptError", "exit status 4", "", []string{"stdout: hello\n"}},
		{"%%\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)", "error", "Killed", "the program was killed", "", nil},
		{"%%\nfmt.Fprintln(os.Stderr, \"exit status 1\")", "ok", "", "", "", []string{"stderr: exit status 1\n"}},
		{"import \"github.com/go-siamese/lab/siamese\"\n%%\nfmt.Println(siamese.Config{Epoch: 1}.Epochs)", "error", "CompileError",
			"line 3: unknown field Epoch", "did you mean Epochs?", nil},
		{"%%\nfmt.Println(\"still there\", f([]int{7}, 0))", "ok", "", "", "", []string{"stdout: still there 7\n"}},
	}
	for _, step := range steps {
		o := k.run(step.code, false)
		if o.status != step.status || o.name != step.name || !strings.Contains(o.value, step.value) ||
			!strings.Contains(o.trace, step.trace) {
			t.Errorf("%q: %s %s: %s\n%s\nwant %s %s: %s, %s", step.code, o.status, o.name, o.value, o.trace, step.status,
				step.name, step.value, step.trace)
		}
		if diff := cmp.Diff(step.outputs, o.outputs); diff != "" {
			t.Errorf("%q: outputs (-want +got):\n%s", step.code, diff)
		}
	}
}

// TestStandardInput: a program that reads gets what the user types; where nobody can, it gets end of file and fails.
func TestStandardInput(t *testing.T) {
	t.Parallel()
	k := startKernel(t)
	k.answer = func(prompt string) string {
		return map[string]string{"Name: ": "Ada", "Age: ": "36", "word? ": "shell"}[prompt]
	}
	const ask = "%%\nvar name string\nvar age int\nfmt.Print(\"hello\\nName: \")\nfmt.Scanln(&name)\nfmt.Print(\"Age: \")\n" +
		"fmt.Scanln(&age)\nfmt.Println(name, age)"
	o := k.run(ask, true)
	want := []string{"stdout: hello\n", "asked: Name: ", "asked: Age: ", "stdout: Ada 36\n"}
	if diff := cmp.Diff(want, o.outputs); diff != "" || o.status != "ok" {
		t.Errorf("%s %s (-want +got):\n%s", o.status, o.value, diff)
	}
	o = k.run("!printf 'word? '; read x; echo got $x", true)
	if diff := cmp.Diff([]string{"asked: word? ", "stdout: got shell\n"}, o.outputs); diff != "" || o.status != "ok" {
		t.Errorf("%s %s (-want +got):\n%s", o.status, o.value, diff)
	}
	// GoNB's own ways of asking do so once.
	o = k.run("%with_password\n!sleep 0.5; read x; echo got $x", true)
	if diff := cmp.Diff([]string{"asked in secret: ", "stdout: got\n"}, o.outputs); diff != "" || o.status != "ok" {
		t.Errorf("%s %s (-want +got):\n%s", o.status, o.value, diff)
	}
	o = k.run("%%\nvar x string\ngonbui.RequestInput(\"Name: \", true)\nfmt.Scanln(&x)\nfmt.Println(\"got\", x)", true)
	if diff := cmp.Diff([]string{"asked in secret: Name: ", "stdout: got Ada\n"}, o.outputs); diff != "" || o.status != "ok" {
		t.Errorf("%s %s (-want +got):\n%s", o.status, o.value, diff)
	}
	o = k.run(ask, false)
	if o.status != "error" || o.name != "NoInput" || !strings.Contains(o.value, `asks "Name:"`) ||
		!strings.Contains(o.value, "end of file") {
		t.Errorf("%s %s: %s", o.status, o.name, o.value)
	}
}

// TestInterrupts: an interrupt ends a program, a build and a line for the shell, which would take an hour, at once; a
// program that saves has the time that it needs; what comes behind in the cell does not run.
func TestInterrupts(t *testing.T) {
	t.Parallel()
	k := startKernel(t)
	stuck, begun := stuckBuild(t)
	ready := func(o *outcome) bool { return slices.Equal(o.outputs, []string{"stdout: ready\n"}) }
	for _, test := range []struct {
		name, code string
		ready      func(*outcome) bool
	}{
		{"program", "%%\nfmt.Println(\"ready\")\ntime.Sleep(time.Hour)", ready},
		{"shell", "!echo ready; sleep 3600\n!echo behind\n%%\nfmt.Println(\"behind\")", ready},
		{"build", stuck + "\n%%\nfmt.Println(\"built\")", func(*outcome) bool {
			_, err := os.Stat(begun)
			return err == nil
		}},
	} {
		o, took := k.interruptWhen(test.code, test.ready)
		if o.status != "error" || o.name != "Interrupted" || took > time.Minute {
			t.Errorf("%s: %+v after %v", test.name, o, took)
		}
		if strings.Contains(strings.Join(o.outputs, ""), "behind") {
			t.Errorf("%s: what comes behind ran: %v", test.name, o.outputs)
		}
		t.Logf("%s: %v", test.name, took)
	}
	k.run(`%goflags ""`, false)
	o, took := k.interruptWhen("%%\nstop := make(chan os.Signal, 1)\nsignal.Notify(stop, os.Interrupt)\nfmt.Println(\"ready\")\n"+
		"<-stop\ntime.Sleep(8 * time.Second)\nfmt.Println(\"saved\")", ready)
	if diff := cmp.Diff([]string{"stdout: ready\n", "stderr: the program was asked to stop and still runs, maybe to save: " +
		"a second stop ends it at once\n", "stdout: saved\n"}, o.outputs); diff != "" || o.name != "Interrupted" ||
		took < 8*time.Second {
		t.Errorf("%s %s after %v (-want +got):\n%s", o.status, o.name, took, diff)
	}
}

// TestRunAll: cells that were sent behind one that fails are aborted, also behind one that Go cannot read; a cell that is
// sent after that runs.
func TestRunAll(t *testing.T) {
	t.Parallel()
	k := startKernel(t)
	for _, code := range []string{"%%\npanic(1)", "%%\nos.Exit(2)", "not Go (", "%%\nundefinedName()", "!false"} {
		hold := filepath.Join(t.TempDir(), "go on") // all were sent before the first of them begins
		k.execute("!until [ -e '"+hold+"' ]; do sleep .01; done", false)
		ids := []string{k.execute(code, false), k.execute("%%\nfmt.Println(\"behind\")", false),
			k.execute("%%\nfmt.Println(\"behind\")", false)}
		if err := os.WriteFile(hold, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		got := k.all(ids, time.Minute)
		for i, want := range []string{"error", "aborted", "aborted"} {
			if o := got[ids[i]]; o.status != want || i > 0 && len(o.outputs) > 0 {
				t.Errorf("%q: cell %d: %+v, want %s", code, i, o, want)
			}
		}
		if o := k.run("%%\nfmt.Println(\"by hand\")", false); o.status != "ok" {
			t.Errorf("%q: a cell sent later: %+v", code, o)
		}
	}
}

// TestOutputsInOrder: the two outputs and what is shown come in the program's order.
func TestOutputsInOrder(t *testing.T) {
	t.Parallel()
	k := startKernel(t)
	o := k.run("import \"github.com/go-siamese/lab/kernels/cell\"\n%%\nfor i := range 20 {\n"+
		"\tfmt.Println(\"out\", i)\n\tfmt.Fprintln(os.Stderr, \"err\", i)\n"+
		"\tif err := cell.Display(cell.Output{Data: map[string]any{\"text/plain\": fmt.Sprint(i)}}); err != nil {\n\t\tpanic(err)\n\t}\n}", false)
	got := strings.Join(o.outputs, "|")
	var want []string
	for _, n := range strings.Fields("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19") {
		want = append(want, "stdout: out "+n+"\n", "stderr: err "+n+"\n", "display: "+n)
	}
	if diff := cmp.Diff(strings.Join(want, "|"), got); diff != "" || o.status != "ok" {
		t.Errorf("%s %s (-want +got):\n%s", o.status, o.value, diff)
	}
}

// TestGonbui: what a cell displays by GoNB's own package is in its place among texts too, and an update finds what it
// changes.
func TestGonbui(t *testing.T) {
	t.Parallel()
	k := startKernel(t)
	o := k.run("import \"github.com/janpfeifer/gonb/gonbui\"\n%%\nfor i := range 10 {\n\tfmt.Println(\"out\", i)\n"+
		"\tgonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMETextPlain: fmt.Sprint(i)}})\n"+
		"\tgonbui.Sync()\n}\ngonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMETextPlain: \"last\"}})", false)
	var want []string
	for _, n := range strings.Fields("0 1 2 3 4 5 6 7 8 9") {
		want = append(want, "stdout: out "+n+"\n", "display: "+n)
	}
	if diff := cmp.Diff(append(want, "display: last"), o.outputs); diff != "" || o.status != "ok" {
		t.Errorf("%s %s (-want +got):\n%s", o.status, o.value, diff)
	}
	o = k.run("%%\ngonbui.UpdateHTML(\"id\", \"<b>a</b>\")\ngonbui.UpdateHTML(\"id\", \"<b>b</b>\")\ngonbui.Sync()", false)
	if len(o.outputs) != 1 || o.status != "ok" {
		t.Errorf("%s %s: %v, want one output that is updated", o.status, o.value, o.outputs)
	}
}

// TestCapture: GoNB's %capture keeps in its file what the cell prints, which is shown once.
func TestCapture(t *testing.T) {
	t.Parallel()
	k := startKernel(t)
	file := filepath.Join(t.TempDir(), "kept")
	o := k.run("%capture "+file+"\n%%\nfmt.Println(\"kept\")\nfmt.Fprintln(os.Stderr, \"too\")", false)
	if diff := cmp.Diff([]string{"stdout: kept\n", "stderr: too\n"}, o.outputs); diff != "" || o.status != "ok" {
		t.Errorf("%s %s (-want +got):\n%s", o.status, o.value, diff)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "kept\n") || !strings.Contains(string(text), "too\n") {
		t.Errorf("the file has %q, %v", text, err)
	}
}
