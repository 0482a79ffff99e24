package problem

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// programTests are cells whose programs fail. shown are lines of the traceback, in order.
var programTests = []struct {
	name, code, kind, place, value, hint string
	shown                                []string
}{
	{"panic", "%%\nprintln(1)\npanic(\"boom\")\n", "Panic", "3:", "line 3: boom", "", []string{"    main  line 3 of this cell"}},
	{"error", "import \"fmt\"\n%%\npanic(fmt.Errorf(\"reading %s: %w\", \"x\", fmt.Errorf(\"no\")))\n", "Panic", "3:",
		"line 3: ", "", nil},
	{"index", "func f(x []int, i int) int {\n\treturn x[i]\n}\n%%\nfor i := range 5 {\n\tf([]int{1, 2, 3}, i)\n}\n", "Panic", "2:",
		"line 2: index out of range [3] with length 3", "it has 3 elements, counted from 0",
		[]string{"    f  line 2 of this cell", "    main  line 6 of this cell"}},
	{"nil map", "%%\nvar m map[string]int\nm[\"a\"] = 1\n", "Panic", "3:", "assignment to entry in nil map", "make the map first", nil},
	{"nil pointer", "type T struct{ A int }\n%%\nvar t *T\nprintln(t.A)\n", "Panic", "4:",
		"invalid memory address or nil pointer dereference", "something that is nil was used", nil},
	{"library", "import \"strings\"\n%%\nprintln(strings.Repeat(\"x\", -1))\n", "Panic", "3:", "strings: negative Repeat count", "",
		[]string{"    strings.Repeat  strings.go:", "    main  line 3"}},
	{"deadlock", "%%\nc := make(chan int)\n<-c\n", "Deadlock", "3:", "all goroutines are asleep", "every goroutine waits", nil},
	{"goroutine", "%%\ngo func() {\n\tpanic(\"inside\")\n}()\nselect {}\n", "Panic", "3:", "line 3: inside", "",
		[]string{"    main.func1  line 3 of this cell"}},
	// Less of a stack than Go's own 1 GB, which takes seconds to fill.
	{"without end", "import \"runtime/debug\"\nfunc f(n int) int {\n\treturn f(n+1) + 1\n}\n%%\ndebug.SetMaxStack(1 << 20)\nprintln(f(1))\n",
		"FatalError", "3:", "stack overflow",
		"calls itself without end", nil},
	{"again", "%%\ndefer func() { panic(recover()) }()\npanic(\"first\")\n", "Panic", "2:", "first", "", nil},
	{"terminal", "%%\npanic(\"a\\x1b[31mred\\x07\")\n", "Panic", "2:", `a\x1b[31mred\a`, "", nil},
}

// TestProgram has real programs fail, and sees that the problem says where, why and what to do.
func TestProgram(t *testing.T) {
	dir := newModule(t)
	contexts := make([]Context, len(programTests))
	for i, test := range programTests {
		contexts[i] = Context{Cell: Cell{Number: 7, Code: test.code}}
		if text := parsing(t, contexts[i], filepath.Join(caseDir(t, dir, i), "main.go")); text != "" {
			t.Fatal(test.name, text)
		}
	}
	bin := filepath.Join(dir, "bin") + "/"
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin, "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, test := range programTests {
		t.Run(test.name, func(t *testing.T) {
			var stderr bytes.Buffer
			cmd := exec.Command(bin + caseName(i))
			cmd.Stderr = &stderr
			var exit *exec.ExitError
			if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
				t.Fatal(err)
			}
			text := stderr.String()
			if at := strings.Index("\n"+text, "\npanic: "); at > 0 {
				text = text[at:] // as the guard cuts it
			} else if at := strings.Index("\n"+text, "\nfatal error: "); at > 0 {
				text = text[at:]
			}
			p := contexts[i].Program("program", link.End{Status: 2, Text: text}, "")
			t.Logf("%.3000s\n%s\n%s", text, p.Value, shown(p))
			if p.Name != test.kind || !strings.Contains(p.Value, test.value) {
				t.Errorf("%s: %s; want %s: %s", p.Name, p.Value, test.kind, test.value)
			}
			if !strings.Contains(p.Value, test.hint) {
				t.Errorf("no hint %q", test.hint)
			}
			if got := placeOf(p); got != test.place {
				t.Errorf("at %q, want %q", got, test.place)
			}
			rest := shown(p)
			for _, line := range test.shown {
				at := strings.Index(rest, line)
				if at < 0 {
					t.Fatalf("%q is not shown, or not in its place", line)
				}
				rest = rest[at:]
			}
			if len(p.Traceback) > 30 {
				t.Errorf("%d lines", len(p.Traceback))
			}
		})
	}
}

// TestEnds: how programs end that Go's runtime says nothing of.
func TestEnds(t *testing.T) {
	c := Context{Cell: Cell{Number: 3, Code: "%%\nwork()\n"}}
	tests := []struct {
		name        string
		end         link.End
		stderr      string
		kind, value string
	}{
		{"status", link.End{Status: 3}, "", "ExitStatus", "exit status 3"},
		{"log.Fatal", link.End{Status: 1}, "start\n2026/01/01 no such file\n", "ExitStatus",
			"exit status 1: 2026/01/01 no such file"},
		{"several lines", link.End{Status: 1}, "start\nx.csv:3: no number\n  mend: -missing\n", "ExitStatus",
			"exit status 1: x.csv:3: no number\n  mend: -missing"},
		{"memory", link.End{Status: -1, Signal: "killed", Memory: true}, "", "OutOfMemory", "memory ran out"},
		{"memory of C++", link.End{Status: 2, Text: "SIGABRT: abort\nPC=0x1 m=0 sigcode=0\n"},
			"terminate called after throwing an instance of 'std::bad_alloc'\n", "OutOfMemory", "std::bad_alloc"},
		{"memory of Go", link.End{Status: 2, Text: "fatal error: runtime: cannot allocate memory\n\nruntime stack:\n"}, "",
			"OutOfMemory", "cannot allocate memory"},
		{"killed", link.End{Status: -1, Signal: "killed"}, "", "Killed", "was killed"},
		{"signal", link.End{Status: -1, Signal: syscall.SIGSEGV.String()}, "", "Signal", "segmentation fault"},
		{"of the guard", link.End{Status: 1, Text: "guard: no such program\n"}, "", "ExitStatus", "guard: no such program"},
		{"escapes", link.End{Status: 1}, "\x1b]0;title\x07bad\n", "ExitStatus", `\x1b]0;title\abad`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := c.Program("program", test.end, test.stderr)
			if p.Name != test.kind || !strings.Contains(p.Value, test.value) || strings.Contains(p.Value, "\x1b") {
				t.Errorf("%s: %q", p.Name, p.Value)
			}
		})
	}
	if p := c.NoInput("Name: "); p.Name != "NoInput" || !strings.Contains(p.Value, `"Name:"`) {
		t.Errorf("%+v", p)
	}
}

// TestMark: a stack that a program prints has the cells' lines, in the cell that a line is from.
func TestMark(t *testing.T) {
	dir := t.TempDir()
	c := Context{Cell: Cell{Number: 4, Code: "%%\nf()\n"}, Earlier: []Cell{{2, "func f() {\n\tdebug.PrintStack()\n}\n"}}}
	path := filepath.Join(dir, "main.go")
	if err := os.WriteFile(path, []byte(source(c)), 0o644); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(source(c), "\n")
	at := func(text string) string {
		for i, line := range lines {
			if line == text {
				return path + ":" + strconv.Itoa(i+1)
			}
		}
		t.Fatalf("no line %q", text)
		return ""
	}
	got := c.Mark("main.f()\n\t" + at("\tdebug.PrintStack()") + " +0x1\nmain.main()\n\t" + at("f()") + "\nother.go:3 main.go:3")
	const want = "main.f()\n\tcell [2], line 2 +0x1\nmain.main()\n\tline 2 of this cell\nother.go:3 main.go:3"
	if got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// TestMarkup: what a program or a cell says stays text, and only our own colours are escapes.
func TestMarkup(t *testing.T) {
	c := Context{Cell: Cell{Number: 1, Code: "%%\nx(\"\x1b[2J<script>\")\n"}}
	p := c.Compile("main.go:9:9: undefined: x\n", t.TempDir())
	p2 := Plain("Name", "\x1b[2J<b>bold</b>", "")
	for _, p := range []Problem{p, p2} {
		if text := colours.ReplaceAllString(strings.Join(p.Traceback, ""), ""); strings.Contains(text, "\x1b") {
			t.Errorf("%q", text)
		}
	}
	if p2.Value != `\x1b[2J<b>bold</b>` {
		t.Errorf("%q", p2.Value)
	}
}
