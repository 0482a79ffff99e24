package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/go-siamese/lab/siamese"
)

//go:embed peers/peers.py
var peersScript []byte

// peerNames are the libraries of peers.py.
var peerNames = []string{"jax", "keras", "keras-jit", "torch", "torch-compile"}

// bench measures.
type bench struct {
	python    string
	rounds    int
	seconds   float64
	precision string // of training
	target    float64
	lab       []string // the command that measures this lab: --work TASK --backend NAME follow
	script    string   // peers.py on disk
	errOut    io.Writer
}

// tableRow is a row of the table.
type tableRow struct {
	name         string
	command      func(task string) []string
	train, embed []float64 // pairs and items a second, a round each
	gflops       []float64
	failed       string // what a failure said last
	process      *process
}

// benchCommand measures this lab and its peers.
type benchCommand struct {
	Peers     string  `placeholder:"PYTHON" help:"Python that has the peers (default: this lab alone)."`
	Rounds    int     `placeholder:"N" help:"Measurements of each; 0 = 15, or 5 with --quality."`
	Seconds   float64 `default:"1" help:"Seconds of each measurement, at least."`
	Markdown  string  `placeholder:"FILE" help:"File for the table in Markdown."`
	Quality   bool    `help:"Measure the time to the same quality."`
	Target    float64 `placeholder:"MAP@R" help:"${help_bench_target}"`
	Work      string  `placeholder:"TASK" help:"Measure only this lab, once: train or embed. Prints a line of JSON."`
	Turns     bool    `help:"With --work, measure anew for every line of standard input."`
	Precision string  `default:"float32" help:"${help_bench_precision}"`
	backendFlag
}

// Help is the text below the usage.
func (*benchCommand) Help() string {
	return `Measures training and embedding of this lab and, with --peers, of other Python libraries on the same
work: an encoder of 2000-1024-512-256 units, dropout on, 128 pairs a batch, the squared error of the cosine, Adam, in
float32 or, with --precision=bfloat16, with products of bfloat16 in training. Each runs in a process of its own, and
all others wait while one measures, for a second or so: other load on the machine then affects all alike, and ratios
are taken within a round. It prints medians and ranges. All processes together take some 6 GB. Build with
GOEXPERIMENT=simd to have the Go backend measured too.

With --quality it measures instead how long training takes on the built-in images until MAP@R on validation items
reaches that of the default configuration: for a Keras script on 100,000 pairs, the default configuration, and all
pairs of batches.

  siamese bench --peers=venv/bin/python --markdown=speed.md
  siamese bench --quality --peers=venv/bin/python --rounds=1

siamese/cmd/siamese/peers/requirements.txt names what PYTHON needs.
`
}

// Run measures.
func (c *benchCommand) Run(ctx context.Context, s *streams) error {
	b := bench{python: c.Peers, rounds: c.Rounds, seconds: c.Seconds, precision: c.Precision, target: c.Target,
		errOut: s.errOut}
	switch {
	case b.rounds != 0:
	case c.Quality:
		b.rounds = 5
	default:
		b.rounds = 15
	}
	switch {
	case !(b.target >= 0 && b.target < 1):
		return wrongFlag("target", "%g is not a MAP@R in [0, 1)", b.target)
	case b.rounds < 1:
		return wrongFlag("rounds", "%d is less than 1", b.rounds)
	case !(b.seconds > 0):
		return wrongFlag("seconds", "%g is not above 0", b.seconds)
	case b.precision != siamese.PrecisionFloat32 && b.precision != siamese.PrecisionBFloat16:
		return wrongFlag("precision", "%q is neither float32 nor bfloat16", b.precision)
	case c.Work != "":
		lines := io.Reader(strings.NewReader("\n")) // once
		if c.Turns {
			lines = os.Stdin
		}
		return peerWork(b.precision, b.seconds).measure(ctx, c.Work, c.Backend, lines, s.out)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b.lab = []string{self, "bench", "--turns", "--seconds", fmt.Sprint(b.seconds), "--precision", b.precision}
	folder, err := os.MkdirTemp("", "siamese-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b.script = filepath.Join(folder, "peers.py")
	if err := os.WriteFile(b.script, peersScript, 0o644); err != nil {
		return err
	}
	var text string
	if c.Quality {
		text, err = b.quality(ctx, c.Backend, folder)
	} else {
		text, err = b.speed(ctx, hasSIMD())
	}
	if err != nil {
		return err
	}
	fmt.Fprint(s.out, text)
	if c.Markdown != "" {
		return saveText(c.Markdown, text)
	}
	return nil
}

// hasSIMD reports whether this program was built with SIMD: without it the Go backend is not worth measuring.
func hasSIMD() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "GOEXPERIMENT" && strings.Contains(","+s.Value+",", ",simd,") {
			return true
		}
	}
	return false
}

// tableRows returns the rows, this lab first, the limit last.
func (b *bench) tableRows(simd bool) []*tableRow {
	lab := func(backend string) func(string) []string {
		return func(task string) []string {
			return append(b.lab[:len(b.lab):len(b.lab)], "--work", task, "--backend", backend)
		}
	}
	rows := []*tableRow{{name: "Siamese Lab, XLA", command: lab("xla")}}
	if simd {
		rows = append(rows, &tableRow{name: "Siamese Lab, Go with SIMD", command: lab("go")})
	}
	if b.python == "" {
		return rows
	}
	for _, name := range append(peerNames[:len(peerNames):len(peerNames)], sgemmName) {
		rows = append(rows, &tableRow{name: name,
			command: func(task string) []string { return []string{b.python, b.script, name, task} }})
	}
	return rows
}

// sgemmName is the row of the limit: what the matrix products alone would take.
const sgemmName = "sgemm"

// speed measures all in turn and returns the table.
func (b *bench) speed(ctx context.Context, simd bool) (string, error) {
	rows := b.tableRows(simd)
	before := machine()
	for _, task := range []string{"train", "embed"} {
		if err := b.turns(ctx, task, rows); err != nil {
			return "", err
		}
	}
	if len(rows[0].train) == 0 {
		return "", fmt.Errorf("this lab could not be measured: %s", rows[0].failed)
	}
	return b.table(rows, before, b.versions(ctx)), nil
}

// turns measures a task of all in turn. Processes wait for their turns, so that rounds are short.
func (b *bench) turns(ctx context.Context, task string, rows []*tableRow) error {
	var running []*tableRow
	defer func() {
		for _, c := range running {
			_ = c.process.end() // it is told that it has no more turns, not asked how it went
		}
	}()
	failed := func(c *tableRow, err error) {
		c.failed = err.Error()
		fmt.Fprintf(b.errOut, "%s, %s failed: %v\n", c.name, task, err)
	}
	for _, c := range rows {
		if c.name == sgemmName && task == "embed" {
			continue
		}
		fmt.Fprintf(b.errOut, "start: %s, %s\n", c.name, task)
		var err error
		if c.process, err = b.start(ctx, c.command(task)); err == nil {
			_, err = c.process.measure() // which does not count
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed(c, err)
		default:
			running = append(running, c)
		}
	}
	for round := range b.rounds {
		for _, c := range slices.Clone(running) {
			fmt.Fprintf(b.errOut, "round %d of %d: %s, %s\n", round+1, b.rounds, c.name, task)
			m, err := c.process.measure()
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				failed(c, err)
				running = slices.DeleteFunc(running, func(r *tableRow) bool { return r == c })
			case task == "train":
				c.train, c.gflops = append(c.train, m.Value), append(c.gflops, m.GFLOPS)
			default:
				c.embed = append(c.embed, m.Value)
			}
		}
	}
	return nil
}

// environment returns the variables of a measurement.
func (b *bench) environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		// What makes OpenBLAS take another machine's kernels would slow down those who use it.
		return strings.HasPrefix(v, "OPENBLAS_CORETYPE=") || strings.HasPrefix(v, "OPENBLAS_L2_SIZE=") ||
			strings.HasPrefix(v, "SECONDS=") || strings.HasPrefix(v, "PRECISION=") || strings.HasPrefix(v, "TURNS=")
	})
	return append(env, fmt.Sprintf("SECONDS=%g", b.seconds), "PRECISION="+b.precision, "TURNS=1")
}

// versions returns the versions of the peers, "" without them.
func (b *bench) versions(ctx context.Context) string {
	if b.python == "" {
		return ""
	}
	const program = `
import importlib.metadata as m
def v(n):
    try: return [n + " " + m.version(n)]
    except m.PackageNotFoundError: return []
print(", ".join(sum((v(n) for n in ("jax", "tensorflow", "tensorflow-cpu", "keras", "torch", "numpy")), [])))`
	c := exec.CommandContext(ctx, b.python, "-c", program)
	c.Env = b.environment()
	said, err := c.Output()
	if err != nil {
		return "versions of the peers are not known: " + err.Error()
	}
	return strings.TrimSpace(string(said))
}
