package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// parsed returns the command line as it was read, or the error.
func parsed(t *testing.T, args string) (*cli, error) {
	t.Helper()
	var c cli
	parser, err := kong.New(&c, kong.Vars{"open": openHelp, "param": paramHelp})
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(strings.Fields(args))
	return &c, err
}

// TestParse: flags may stand before and after the arguments, and what follows "--" is no flag.
func TestParse(t *testing.T) {
	want := runCmd{Kernel: "auto", HTML: true, Jobs: 1}
	with := func(change func(*runCmd)) runCmd { c := want; change(&c); return c }
	tests := []struct {
		args string
		want runCmd
	}{
		{"run", want},
		{"run a.ipynb b.ipynb", with(func(c *runCmd) { c.Notebooks = []string{"a.ipynb", "b.ipynb"} })},
		{"run -p N=1 --no-html a b --param=Name=x,y=z --timeout=10m", with(func(c *runCmd) {
			c.Notebooks, c.HTML, c.Timeout = []string{"a", "b"}, false, limit(10*time.Minute)
			c.Params = []notebook.Set{{Name: "N", Value: "1"}, {Name: "Name", Value: "x,y=z"}}
		})},
		{"run --html=false --out o --kernel siamese-go --no-xla --python py", with(func(c *runCmd) {
			c.HTML, c.Out, c.Kernel, c.NoXLA, c.Python = false, "o", "siamese-go", true, "py"
		})},
		{"run -j2 --resume --table t.csv --params p.yaml", with(func(c *runCmd) {
			c.Jobs, c.Resume, c.Table, c.File = 2, true, "t.csv", "p.yaml"
		})},
		{"run --timeout 1.5s", with(func(c *runCmd) { c.Timeout = limit(1500 * time.Millisecond) })},
		{"run --timeout 90", with(func(c *runCmd) { c.Timeout = limit(90 * time.Second) })},
		{"run --timeout .25", with(func(c *runCmd) { c.Timeout = limit(250 * time.Millisecond) })},
		{"run -- -n 2", with(func(c *runCmd) { c.Notebooks = []string{"-n", "2"} })},
	}
	for _, test := range tests {
		c, err := parsed(t, test.args)
		if diff := cmp.Diff(test.want, c.Run); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", test.args, err, diff)
		}
	}
	c, err := parsed(t, "lab --ip 0.0.0.0 --port=8888 --dir d -- --debug --ServerApp.token=x")
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Lab; c.Dir != "d" || l.IP != "0.0.0.0" || l.Port != 8888 ||
		!slices.Equal(l.Extra, []string{"--debug", "--ServerApp.token=x"}) {
		t.Errorf("lab: directory %q, %+v", c.Dir, l)
	}
	for _, args := range []string{"run -x", "run --timeout", "install now", "lab --port=high", "run --kernel none",
		"--dir", "check --json", "run --timeout=-1s", "run --timeout=-0.5",
		"run --timeout NaN", "run --timeout 1e300", "run --timeout 5minutes", "run -j0", "run --table t.txt", "lab --port=-1", "lab --port=65536"} {
		if _, err := parsed(t, args); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
	for args, want := range map[string]error{"run --inplace -p x=1": errInplace, "run --inplace --out o": errInplace,
		"run --inplace --params p.yaml": errInplace, "run --inplace --resume": errInplace,
		"install --plugin-url http://x": setup.ErrPluginURL,
		"run --plugin-url http://x":     setup.ErrPluginURL, "lab --plugin-url http://x": setup.ErrPluginURL} {
		if _, err := parsed(t, args); !errors.Is(err, want) {
			t.Errorf("%q: error %v, want %v", args, err, want)
		}
	}
}

// TestRun looks at exit statuses and at what is said, without installing anything.
func TestRun(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.ipynb")
	if err := os.WriteFile(bad, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args   []string
		status int
		said   string
	}{
		{nil, 2, "Usage: go run ./kernels <command>"},
		{[]string{"help"}, 0, "Usage: go run ./kernels <command>"},
		{[]string{"help", "run"}, 0, "--param=NAME=VALUE"},
		{[]string{"fly"}, 2, "see: go run ./kernels --help"},
		{[]string{"install", "--help"}, 0, "--plugin-sha256"},
		{[]string{"install", "--nonsense"}, 2, "see: go run ./kernels install --help"},
		{[]string{"install", "now"}, 2, "unexpected argument now"},
		{[]string{"install", "--plugin-url", "http://x"}, 2, "needs --plugin-sha256"},
		{[]string{"run", "-p", "x"}, 2, "want name=value"},
		{[]string{"run", "--timeout", "soon"}, 2, "timeout"},
		{[]string{"run", "--inplace", "-p", "x=1"}, 2, "neither -p, --params, --out nor --resume"},
		{[]string{"run", "--dir", t.TempDir(), "--out", bad, fixture("hello.ipynb")}, 1, "a directory is wanted"},
		{[]string{"run", "--dir", t.TempDir(), "-p", "Times=x", fixture("hello.ipynb")}, 1, "Word string, Times int"},
		{[]string{"run", "--dir", t.TempDir(), fixture("hello.ipynb"), bad}, 1, "not a notebook"},
		{[]string{"check", bad}, 1, "not a notebook"},
		{[]string{"check", fixture("none.ipynb")}, 1, "no such file"},
		{[]string{"check", fixture("hello.ipynb")}, 1, "hello.ipynb: cell 2: not executed"},
		{[]string{"doctor", "--dir", t.TempDir()}, 1, "MISSING"},
		{[]string{"doctor", "--json", "--dir", t.TempDir()}, 1, `"healthy": false`},
	}
	for _, test := range tests {
		var out, errOut bytes.Buffer
		status := run(t.Context(), test.args, &out, &errOut)
		if said := out.String() + errOut.String(); status != test.status || !strings.Contains(said, test.said) {
			t.Errorf("%q: status %d, said %q; want %d, %q", test.args, status, said, test.status, test.said)
		}
	}
}

func TestCommitted(t *testing.T) {
	dir := t.TempDir()
	if _, err := committed(dir); err == nil {
		t.Error("no error without notebooks")
	}
	for _, name := range []string{"a.ipynb", "a.executed.ipynb", "b.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := committed(dir)
	if diff := cmp.Diff([]string{filepath.Join(dir, "a.ipynb")}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
