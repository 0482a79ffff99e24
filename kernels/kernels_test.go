package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/stop"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
	"github.com/go-siamese/lab/siamese/version"
)

// installed is how to execute a notebook on what TestMain installed, or why nothing could be.
var installed struct {
	options jupyter.Options
	err     error
}

// commandEnv makes the test's own program the command: its value is the arguments, a line each.
const commandEnv = "SIAMESE_TEST_COMMAND"

// TestMain installs what is missing, where `go run ./kernels install` does, and compiles what cells import for every
// kernel: before the tests, so that neither is on a test's clock.
func TestMain(m *testing.M) {
	if args := os.Getenv(commandEnv); args != "" {
		os.Exit(run(stop.OnSignal(context.Background()), strings.Split(args, "\n"), os.Stdout, os.Stderr))
	}
	installed.options, installed.err = install(context.Background())
	// Tests wait for other processes most of the time.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// install does what TestMain says.
func install(ctx context.Context) (jupyter.Options, error) {
	lab, err := place.Find("", ".")
	if err != nil {
		return jupyter.Options{}, err
	}
	var result setup.Result
	for _, kernel := range []string{setup.KernelGo, ""} { // the best one last, which may be the same
		installer, err := setup.New(ctx, lab, setup.Options{Kernel: kernel, Recompile: true}, os.Stderr)
		if err != nil {
			return jupyter.Options{}, err
		}
		if result, err = installer.Install(ctx); err != nil {
			return jupyter.Options{}, err
		}
	}
	return jupyter.Options{Lab: lab, Python: result.Python, Kernel: result.Kernel}, nil
}

// options returns how to execute a notebook: with the best kernel there is, into a temporary directory.
// A missing prerequisite fails the test, with the line that mends it.
func options(t *testing.T) (jupyter.Options, *bytes.Buffer) {
	t.Helper()
	if installed.err != nil {
		t.Fatalf("the kernels could not be installed: %v", installed.err)
	}
	o := installed.options
	var log bytes.Buffer
	o.Log, o.Out = &log, t.TempDir()
	return o, &log
}

// fixture is the path of a test's notebook.
func fixture(name string) string { return filepath.Join("testdata", name) }

// TestKernels executes a notebook on every kernel that was installed: imports of the checkout's packages, a parameter,
// rich output, and the backend that the kernel stands for.
func TestKernels(t *testing.T) {
	t.Parallel()
	o, _ := options(t)
	kernels := map[string]string{setup.KernelGo: "Go Backend"}
	if o.Kernel == setup.KernelXLA {
		kernels[setup.KernelXLA] = "xla"
	}
	for kernel, backend := range kernels {
		t.Run(kernel, func(t *testing.T) {
			t.Parallel()
			o, log := options(t)
			o.Kernel, o.HTML = kernel, true
			// Share is a float64 by its default: 1 must not make it an int, whose half is 0.
			o.Sets = []notebook.Set{{Name: "Word", Value: "hey"}, {Name: "Times", Value: "3"},
				{Name: "Share", Value: "1"}}
			result, err := jupyter.Notebook(t.Context(), fixture("hello.ipynb"), o)
			if err != nil {
				t.Fatalf("%v\n%s", err, log)
			}
			t.Logf("%.1f s\n%s", result.Seconds, log)
			if want := "hey: 2 columns, 3 times, 0.50, on " + backend; result.Results != want {
				t.Errorf("results %q, want %q", result.Results, want)
			}
			nb, err := notebook.Read(result.Notebook)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range nb.Check() {
				if !strings.Contains(f.Text, "parameters of one run") {
					t.Errorf("finding %d: %s", i, f)
				}
			}
			checkPage(t, result.HTML, "<b>hey hey hey </b>", "<circle")
		})
	}
}

// fetched matches what makes a browser fetch something in a page.
var fetched = regexp.MustCompile(`(?i)(\bsrc=["']?(https?:)?//|<link[^>]+href=["']?(https?:)?//|` +
	`import\(["']https?:|url\(["']?https?:)[^"'\s>]*`)

// checkPage sees that a page has some texts and needs no network.
func checkPage(t *testing.T, path string, texts ...string) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if !bytes.Contains(page, []byte(text)) {
			t.Errorf("the page lacks %q", text)
		}
	}
	if m := fetched.FindAll(page, 3); len(m) > 0 {
		t.Errorf("the page fetches %q", m)
	}
}

func TestFailingCell(t *testing.T) {
	tests := []struct {
		file string
		cell int
		line string
		want []string
	}{
		{"panic.ipynb", 3, "line 4: list[N] = 1", []string{"index out of range [3] with length 0"}},
		{"pieces.ipynb", 3, "line 3: _, file, line, _ := runtime.Caller(0)", []string{"exit status 2"}},
		{"input.ipynb", 2, "var answer string", []string{"reads standard input", "end of file"}},
		{"shell.ipynb", 2, "!cat; echo read", []string{"reads standard input", "end of file"}},
		{"prompt.ipynb", 2, "%with_inputs", []string{"nobody can type"}},
		{"test.ipynb", 3, "line 4: t.Errorf(\"got %d\", got)", []string{"TestFailed", "TestInc: got 3"}},
		{"compile.ipynb", 2, "line 3: there.IsNoSuchPackage(x)", []string{"undefined: there"}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			o, log := options(t)
			result, err := jupyter.Notebook(t.Context(), fixture(test.file), o)
			var cell *jupyter.CellError
			if !errors.As(err, &cell) {
				t.Fatalf("error %v, want that of a cell\n%s", err, log)
			}
			if cell.Cell != test.cell || cell.Line != test.line {
				t.Errorf("cell %d at %q; want %d at %q", cell.Cell, cell.Line, test.cell, test.line)
			}
			for _, want := range test.want {
				if !strings.Contains(cell.Message, want) {
					t.Errorf("message lacks %q: %s", want, cell.Message)
				}
			}
			nb, err := notebook.Read(result.Notebook)
			if err != nil {
				t.Fatalf("what was executed is lost: %v", err)
			}
			if failed := nb.Cells[test.cell-1]; failed.Failure() == "" || len(failed.Outputs()) == 0 {
				t.Error("the failed cell's output is lost")
			}
			if last := nb.Cells[len(nb.Cells)-1]; test.cell < len(nb.Cells) && last.Count() != 0 {
				t.Error("cells after the failed one were executed")
			}
		})
	}
}

// TestWords: a cell that says "exit status 1" and ends well has not failed. Its texts and displays stay in the order in
// which they came, and the notebook says with which version it was executed.
func TestWords(t *testing.T) {
	t.Parallel()
	o, log := options(t)
	result, err := jupyter.Notebook(t.Context(), fixture("words.ipynb"), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	nb, err := notebook.Read(result.Notebook)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, out := range nb.Cells[1].Outputs() {
		name, text := out.Stream()
		got = append(got, name+out.Data("text/html")+": "+text)
	}
	want := []string{"stdout: text 1\n", "<b>display 1</b>: ", "stdout: TEXT 2\n", "<b>display 2</b>: ",
		"stderr: exit status 1\n"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if failure := nb.Cells[1].Failure(); failure != "" || nb.Cells[2].Count() != 2 {
		t.Errorf("failure %q, the next cell's count %d", failure, nb.Cells[2].Count())
	}
	if nb.Version() != version.Version {
		t.Errorf("version %q", nb.Version())
	}
}

// TestOrder: what a cell prints and what it shows by the package show comes in the order in which the cell made it.
func TestOrder(t *testing.T) {
	t.Parallel()
	o, log := options(t)
	result, err := jupyter.Notebook(t.Context(), fixture("order.ipynb"), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	nb, err := notebook.Read(result.Notebook)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, out := range nb.Cells[2].Outputs() {
		_, text := out.Stream()
		got = append(got, text+out.Data("text/html"))
	}
	for i := range 20 {
		want = append(want, fmt.Sprintf("text %d\n", i), fmt.Sprintf("<b>%d</b>", i))
	}
	if diff := cmp.Diff(append(want, "last\n"), got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}

// TestWidgets: where nobody moves them widgets have their defaults, nothing waits, later cells read them, and what stays
// is text.
func TestWidgets(t *testing.T) {
	t.Parallel()
	o, log := options(t)
	result, err := jupyter.Notebook(t.Context(), fixture("widgets.ipynb"), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	nb, err := notebook.Read(result.Notebook)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range nb.Cells[1:] {
		for _, out := range c.Outputs() {
			_, text := out.Stream()
			got = append(got, text+out.Data("text/plain"))
		}
	}
	if diff := cmp.Diff([]string{"epochs = 20\n[Run]", "running 10\n", "20 <nil>\n"}, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	content, err := os.ReadFile(result.Notebook)
	if err != nil || bytes.Contains(content, []byte("widget-view")) {
		t.Errorf("%v: a widget is left in\n%s", err, content)
	}
}

// started is a log that calls a function when a cell begins to run, or has ended.
type started struct {
	bytes.Buffer
	after string
	do    func()
}

// Write implements io.Writer.
func (s *started) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(s.after)) {
		s.do()
	}
	return s.Buffer.Write(p)
}

// TestInterrupt cancels an execution while a cell sleeps for an hour.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	o, _ := options(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asked atomic.Int64 // when it was cancelled
	stop := func() { asked.Store(time.Now().UnixNano()); cancel() }
	log := &started{after: "[1/3]", do: func() { time.AfterFunc(time.Second, stop) }}
	o.Log = log
	result, err := jupyter.Notebook(ctx, fixture("sleep.ipynb"), o)
	if !errors.Is(err, jupyter.ErrInterrupted) {
		t.Fatalf("error %v, want ErrInterrupted\n%s", err, log)
	}
	if took := time.Since(time.Unix(0, asked.Load())); took > time.Minute {
		t.Errorf("it took %v to stop", took)
	}
	nb, err := notebook.Read(result.Notebook)
	if err != nil {
		t.Fatal(err)
	}
	if nb.Cells[1].Count() != 1 || nb.Cells[3].Count() != 0 {
		t.Errorf("execution counts %d and %d; want the first cell's result kept, and the last cell not begun",
			nb.Cells[1].Count(), nb.Cells[3].Count())
	}
}

// TestTimeout gives a cell that sleeps for an hour three and a half seconds. The cell before it only declares something, which
// takes none on the slowest machine.
func TestTimeout(t *testing.T) {
	t.Parallel()
	o, log := options(t)
	o.Timeout = 3500 * time.Millisecond
	_, err := jupyter.Notebook(t.Context(), fixture("sleep.ipynb"), o)
	var cell *jupyter.CellError
	if !errors.As(err, &cell) || cell.Cell != 3 || !strings.Contains(cell.Message, "longer than 3.5 s") {
		t.Errorf("error %v, want that cell 3 took too long\n%s", err, log)
	}
}
