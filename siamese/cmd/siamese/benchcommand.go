package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese"
)

// benchCommand measures this lab and its peers. --work makes it a worker: the process that the same program starts of
// itself, so that this lab is measured like a peer, in a process that does nothing else.
type benchCommand struct {
	// Peers, Rounds and Seconds say what is measured and how often; the answer is as good as the rounds are many.
	Peers    string  `placeholder:"PYTHON" help:"Python that has the peers (default: this lab alone)."`
	Rounds   int     `placeholder:"N" help:"Measurements of each; 0 = 15, or 5 with --quality."`
	Seconds  float64 `default:"1" help:"Seconds of each measurement, at least."`
	Markdown string  `output:"file" placeholder:"FILE" help:"File for the table in Markdown."`
	// Quality changes what is measured, from speed to time; Target belongs to it.
	Quality bool    `help:"Measure the time to the same quality."`
	Target  float64 `placeholder:"MAP@R" help:"${help_bench_target}"`
	// Work and Turns make the program a worker of another one; see [process] for the protocol.
	Work      string `placeholder:"TASK" help:"Measure only this lab, once: train or embed. Prints a line of JSON."`
	Turns     bool   `help:"With --work, measure anew for every line of standard input."`
	Precision string `default:"float32" help:"${help_bench_precision}"`
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

// Run measures, prints the table and writes it to --markdown. A peer that fails is a line of the table's notes; that
// this lab cannot be measured is an error.
func (c *benchCommand) Run(ctx context.Context, parsed *kong.Context, s *streams) error {
	b := bench{python: c.Peers, rounds: c.Rounds, seconds: c.Seconds, precision: c.Precision, target: c.Target,
		errOut: s.errOut}
	// Fewer rounds by default with --quality, since each of them is a training of minutes rather than a second.
	switch {
	case b.rounds != 0:
	case c.Quality:
		b.rounds = 5
	default:
		b.rounds = 15
	}
	if clash := c.useless(parsed); clash != "" {
		return wrongFlag(clash, "it has no effect here: leave it out")
	}
	switch {
	// Written so that NaN is refused too, as below.
	case !(b.target >= 0 && b.target < 1):
		return wrongFlag("target", "%g is not a MAP@R in [0, 1)", b.target)
	case b.rounds < 1:
		return wrongFlag("rounds", "%d is less than 1", b.rounds)
	case !(b.seconds > 0):
		return wrongFlag("seconds", "%g is not above 0", b.seconds)
	case b.precision != siamese.PrecisionFloat32 && b.precision != siamese.PrecisionBFloat16:
		return wrongFlag("precision", "%q is neither float32 nor bfloat16", b.precision)
	// The worker's part: it measures in this process, and its parent reads the result.
	case c.Work != "":
		lines := io.Reader(strings.NewReader("\n")) // once
		if c.Turns {
			lines = os.Stdin
		}
		return peerWork(b.precision, b.seconds).measure(ctx, c.Work, c.Backend, lines, s.out)
	}
	// The lab is measured by the program itself, started again, so that what runs is what the user has built.
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b.lab = []string{self, "bench", "--turns", "--seconds", fmt.Sprint(b.seconds), "--precision", b.precision}
	// The folder also holds what the Keras script and the lab exchange; all of it goes when the measurements are done.
	folder, err := os.MkdirTemp("", "siamese-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b.script = filepath.Join(folder, "peers.py")
	// Python needs a file: the script is started once for each peer and task.
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
	// Printed before it is written, so that a file that cannot be written loses nothing.
	fmt.Fprint(s.out, provenance.Volatile(text))
	if c.Markdown != "" {
		return saveText(c.Markdown, text)
	}
	return nil
}

// useless returns the first flag that would have no effect beside the others, "" = none.
func (c *benchCommand) useless(parsed *kong.Context) string {
	switch {
	case c.Work != "": // it measures this process, once or at every line
		return given(parsed, "peers", "rounds", "markdown", "quality", "target")
	case c.Quality: // it trains to the end, as the configurations say
		return given(parsed, "turns", "seconds", "precision")
	}
	return given(parsed, "turns", "target", "backend")
}

// hasSIMD reports whether this program was built with GOEXPERIMENT=simd: without it the Go backend is some times slower
// than it can be, and not worth measuring. A program without build information counts as built without.
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
