//go:build unix

package table

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pipeOf returns a named pipe through which somebody sends the content.
func pipeOf(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		if out, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			io.WriteString(out, content)
			out.Close()
		}
	}()
	return path
}

// Every format comes from a pipe as from a file.
func TestPipes(t *testing.T) {
	for _, x := range fixtures(t) {
		content, err := os.ReadFile(x.path())
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := Open(t.Context(), x.path(), x.options())
		if err != nil {
			t.Fatal(err)
		}
		opt := x.options()
		opt.NoCache = false // there is none for a pipe
		opt.CacheDir = filepath.Join(t.TempDir(), "cache")
		got, _, err := Open(t.Context(), pipeOf(t, string(content)), opt)
		if err != nil || got.Hash() != want.Hash() {
			t.Errorf("%s: %v, %v", x.File, got, err)
		}
		if _, err := os.Stat(opt.CacheDir); err == nil {
			t.Errorf("%s: a pipe was kept in the cache", x.File)
		}
	}
	frame := named("cat", "dog")
	for _, text := range []string{"left,right,label\ncat,dog,1\n", "1 cat dog\n"} { // one is read in three passes
		got, _, err := OpenPairs(t.Context(), pipeOf(t, text), frame, PairOptions{})
		if err != nil || !cmp.Equal(got.Label, []float32{1}) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	got, _, err := JoinLabels(t.Context(), frame, pipeOf(t, "id,group\ndog,x\ncat,y\n"),
		JoinOptions{LabelNames: []string{"group"}})
	if err != nil || !cmp.Equal(got.Labels, []string{"y", "x"}) {
		t.Errorf("%v, %v", got, err)
	}
	n := 0
	for f, err := range Scan(t.Context(), pipeOf(t, "id,f\n"+strings.Repeat("a,1\n", 1000)), Options{BatchRows: 100}) {
		if err != nil {
			t.Fatal(err)
		}
		n += f.N()
	}
	if columns, err := Columns(t.Context(), pipeOf(t, "id,f,g\na,1,x\n"), Options{}); n != 1000 || err != nil ||
		!cmp.Equal(columns, []string{"id", "f", "g"}) {
		t.Errorf("%d rows, %q, %v", n, columns, err)
	}
}

// What is no table is refused, whichever way it is opened.
func TestNotFiles(t *testing.T) {
	frame := named("cat", "dog")
	for _, path := range []string{"/dev/zero", t.TempDir()} {
		_, _, opened := Open(t.Context(), path, Options{})
		_, _, joined := JoinLabels(t.Context(), frame, path, JoinOptions{})
		_, _, paired := OpenPairs(t.Context(), path, frame, PairOptions{})
		_, columns := Columns(t.Context(), path, Options{})
		var scanned error
		for _, err := range Scan(t.Context(), path, Options{}) {
			scanned = err
		}
		for _, err := range []error{opened, joined, paired, columns, scanned} {
			if e := new(Error); !errors.As(err, &e) || e.File != path || len(e.Fix) == 0 {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	path := pipeOf(t, strings.Repeat("left,right\n", 10))
	_, _, err := Open(t.Context(), path, Options{MaxBytes: 50})
	says("stream").check(t, path, err)
}
