package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	tests := []struct {
		args  string
		rest  []string
		n     int
		wrong bool
	}{
		{"", nil, 0, false},
		{"a b", []string{"a", "b"}, 0, false},
		{"-n 1 a", []string{"a"}, 1, false},
		{"a -n 2 b --n=3", []string{"a", "b"}, 3, false},
		{"a -- -n 2", []string{"a", "-n", "2"}, 0, false},
		{"a -x", nil, 0, true},
		{"-n", nil, 0, true},
	}
	for _, test := range tests {
		flags := flag.NewFlagSet("test", flag.ContinueOnError)
		n := flags.Int("n", 0, "")
		rest, err := parse(flags, strings.Fields(test.args), &bytes.Buffer{})
		var wrong usageError
		if errors.As(err, &wrong) != test.wrong {
			t.Errorf("%q: error %v", test.args, err)
			continue
		}
		if diff := cmp.Diff(test.rest, rest); diff != "" || !test.wrong && *n != test.n {
			t.Errorf("%q: n %d (-want +got):\n%s", test.args, *n, diff)
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
		{nil, 2, "usage:"},
		{[]string{"help"}, 0, "usage:"},
		{[]string{"fly"}, 2, `unknown command "fly"`},
		{[]string{"install", "--help"}, 0, "-plugin-sha256"},
		{[]string{"install", "--nonsense"}, 2, "install --help"},
		{[]string{"install", "now"}, 2, "takes no arguments"},
		{[]string{"install", "--plugin-url", "http://x"}, 2, "needs --plugin-sha256"},
		{[]string{"run", "-p", "x"}, 2, "want name=value"},
		{[]string{"run", "--timeout", "soon"}, 2, "timeout"},
		{[]string{"run", "--inplace", "-p", "x=1"}, 2, "does not go with -p"},
		{[]string{"check", bad}, 1, "not a notebook"},
		{[]string{"check", fixture("none.ipynb")}, 1, "no such file"},
		{[]string{"check", fixture("hello.ipynb")}, 1, "hello.ipynb: cell 2: not executed"},
		{[]string{"doctor", "--dir", t.TempDir()}, 1, "MISSING"},
		{[]string{"doctor", "--json", "--dir", t.TempDir()}, 1, `"healthy": false`},
	}
	for _, test := range tests {
		var out, complaints bytes.Buffer
		status := run(t.Context(), test.args, &out, &complaints)
		if said := out.String() + complaints.String(); status != test.status || !strings.Contains(said, test.said) {
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

func TestIsTerminal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if isTerminal(f) || isTerminal(&bytes.Buffer{}) {
		t.Error("a file or a buffer counts as a terminal")
	}
}
