package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// peersScript measures other libraries. It is part of the program, so that the command runs outside of a checkout too.
//
//go:embed peers/peers.py
var peersScript []byte

// peerNames are the libraries that peers.py knows, in the order of the table: its first argument is one of them.
var peerNames = []string{"jax", "keras", "keras-jit", "torch", "torch-compile"}

// bench is a benchmark with its options, which [benchCommand] has checked.
type bench struct {
	// python is the interpreter that has the peers; "" = measure this lab alone.
	python string
	// rounds is how often each is measured, 1 or more; a round measures all, one after the other.
	rounds int
	// seconds is the least time of one measurement; it ends with the step or the call that passes it.
	seconds float64
	// precision is that of the matrix products of training, siamese.PrecisionFloat32 or siamese.PrecisionBFloat16.
	precision string
	// target is the MAP@R on validation items to reach, in [0, 1); 0 = what the default configuration reaches. See
	// quality.
	target float64
	// lab is the beginning of the command that measures this lab; --work TASK --backend NAME follow.
	lab []string
	// script is the path of peers.py, written to a temporary folder.
	script string
	// errOut gets a line for every measurement that begins or fails.
	errOut io.Writer
}

// tableRow is a row of the table: this lab on one backend, a peer, or the matrix products alone. A process that fails
// is out of the rounds that follow, so that its slices are shorter than those of the others; what it measured before
// stays.
type tableRow struct {
	// name is printed in the table, and for peers it is the argument of peers.py.
	name string
	// command returns the words of the process for a task, "train" or "embed".
	command func(task string) []string
	// train and embed are pairs and items per second, an element for each round.
	train, embed []float64
	// gflops is GFLOP/s of a large matrix product, of the row [sgemmName] only.
	gflops []float64
	// failed is the last error of the row, "" = none; it stands in the notes of the table.
	failed string
	// process is the process of the task that is being measured, waiting for its turn.
	process *process
}

// tableRows returns the rows in the order of the table: this lab first, the peers, and last the limit, which is no row
// of its own but what the others are divided by. simd = whether the Go backend is measured too.
func (b *bench) tableRows(simd bool) []*tableRow {
	lab := func(backend string) func(string) []string {
		return func(task string) []string {
			// The capacity is cut, so that two rows cannot append into the same array.
			return append(b.lab[:len(b.lab):len(b.lab)], "--work", task, "--backend", backend)
		}
	}
	// XLA comes first: speed asks whether rows[0] was measured.
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

// sgemmName is the row of the limit: what the matrix products alone would take, at the speed of a large
// product of PyTorch, the fastest there is here.
const sgemmName = "sgemm"

// speed measures training and embedding of all rows and returns the table as Markdown. It fails if ctx ends or if this
// lab on XLA, the first row, could not train; failures of others are noted in the table.
func (b *bench) speed(ctx context.Context, simd bool) (string, error) {
	rows := b.tableRows(simd)
	// The load is read before the first process starts: afterwards it would be the benchmark's own.
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

// turns measures a task of all rows, each rounds times, and appends to their train or embed. All processes are started
// first, and then wait for their turns: rounds are then short enough that a slow spell of the machine falls on all rows
// of a round. Rows that fail are noted and leave the rounds; only the end of ctx is an error.
func (b *bench) turns(ctx context.Context, task string, rows []*tableRow) error {
	var running []*tableRow
	defer func() {
		for _, c := range running {
			_ = c.process.end() // it has no more turns, and how it ends does not matter
		}
	}()
	failed := func(c *tableRow, err error) {
		c.failed = err.Error()
		fmt.Fprintf(b.errOut, "%s, %s failed: %v\n", c.name, task, err)
	}
	for _, c := range rows {
		// The limit is of the products of training only.
		if c.name == sgemmName && task == "embed" {
			continue
		}
		fmt.Fprintf(b.errOut, "start: %s, %s\n", c.name, task)
		var err error
		// The first measurement of a process compiles and warms up, and does not count.
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
		// A copy, since a row that fails is taken out of running while this goes over it.
		for _, c := range slices.Clone(running) {
			fmt.Fprintf(b.errOut, "round %d of %d: %s, %s\n", round+1, b.rounds, c.name, task)
			m, err := c.process.measure()
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				failed(c, err)
				// Its process has ended: every later turn would fail again.
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

// environment returns the variables of a measuring process: those of this one, and how to measure, which peers.py reads
// from there.
func (b *bench) environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		// What makes OpenBLAS take another machine's kernels would slow down those who use it.
		return strings.HasPrefix(v, "OPENBLAS_CORETYPE=") || strings.HasPrefix(v, "OPENBLAS_L2_SIZE=") ||
			strings.HasPrefix(v, "SECONDS=") || strings.HasPrefix(v, "PRECISION=") || strings.HasPrefix(v, "TURNS=")
	})
	// The lab's own process gets the same by flags and ignores these.
	return append(env, fmt.Sprintf("SECONDS=%g", b.seconds), "PRECISION="+b.precision, "TURNS=1")
}

// versions returns the versions of the peers' packages, separated by commas, "" without --peers. That they cannot be
// found is said in their place: a benchmark of minutes is not thrown away for it.
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
	// The same environment as in a measurement, so that it finds the same packages.
	c := exec.CommandContext(ctx, b.python, "-c", program)
	c.Env = b.environment()
	said, err := c.Output()
	if err != nil {
		return "versions of the peers are not known: " + err.Error()
	}
	return strings.TrimSpace(string(said))
}
