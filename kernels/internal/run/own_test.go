package run

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
)

// withRuns is a notebook with a folder of files.
const withRuns = `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
{"cell_type": "code", "source": "var N = 1\nvar Runs = \"runs\"", "metadata": {"tags": ["parameters"]}},
{"cell_type": "code", "source": "train()"}]}`

// runsIn sets up a notebook with a folder of files, and a stand-in for the driver that does something in the notebook's
// directory and says that all went well.
func runsIn(t *testing.T, script string) (path string, o Options) {
	t.Helper()
	path, o = standIn(t, "")
	dir := filepath.Dir(path)
	put(t, path, withRuns)
	put(t, o.Python, "#!/bin/sh\nread order\ncd '"+dir+"'\n"+copies+script+
		"\necho '{\"event\":\"executed\"}'\nread command; echo '{\"event\":\"trusted\"}'; cat >/dev/null")
	return path, o
}

// names returns what is in a directory, sorted, with the content of files behind a colon.
func names(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".run.json") {
			continue
		}
		name := e.Name()
		for _, inner := range inside(filepath.Join(dir, name)) {
			name += " " + inner
		}
		all = append(all, name)
	}
	return all
}

// inside returns the names in a directory; nil if it is none.
func inside(dir string) []string {
	entries, _ := os.ReadDir(dir) // a file
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// TestFresh: the folder of a run has nothing of another run, and nothing is lost of what one has left that did not end.
func TestFresh(t *testing.T) {
	steps := []struct {
		what  string
		write string // the file that the run makes
		fails bool
		code  string // the notebook's second cell; "" = as before
		want  []string
		said  string
	}{
		{"first", "a", false, "", []string{"n.executed a"}, ""},
		{"again", "b", false, "", []string{"n.executed b", "n.executed.former a"}, "are kept in"},
		{"fails", "c", true, "", []string{"n.executed c", "n.executed.former b"}, "are kept in"},
		{"goes on", "d", false, "", []string{"n.executed c d", "n.executed.former b"}, "goes on"},
		{"other code, fails", "e", true, "other()", []string{"n.executed e", "n.executed.former c d"}, "are kept in"},
		{"other code again", "f", false, "third()",
			[]string{"n.executed f", "n.executed.former c d", "n.executed.kept-1 e"}, "are kept in"},
	}
	path, o := runsIn(t, `mkdir -p "runs/n.executed"; touch "runs/n.executed/$(cat write)"
[ ! -e fails ] || echo '{"event":"done","index":1,"error":"no"}'`)
	dir := filepath.Dir(path)
	// The notebook's own folder has files of JupyterLab.
	put(t, filepath.Join(dir, "runs", "own.txt"), "own")
	for _, step := range steps {
		put(t, filepath.Join(dir, "write"), step.write)
		os.Remove(filepath.Join(dir, "fails"))
		if step.fails {
			put(t, filepath.Join(dir, "fails"), "")
		}
		if step.code != "" {
			put(t, path, strings.Replace(withRuns, "train()", step.code, 1))
		}
		var log bytes.Buffer
		o.Log = &log
		result, err := Notebook(t.Context(), path, o)
		if (err != nil) != step.fails || result.Runs != "runs/n.executed" {
			t.Fatalf("%s: %+v, %v", step.what, result, err)
		}
		if diff := cmp.Diff(append(step.want, "own.txt"), names(t, filepath.Join(dir, "runs"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.what, diff)
		}
		if !strings.Contains(log.String(), step.said) || step.said == "" && strings.Contains(log.String(), "kept") {
			t.Errorf("%s: said %q", step.what, log.String())
		}
	}
}

// TestFreshUnknown: a folder of which nothing says whose it is, is kept.
func TestFreshUnknown(t *testing.T) {
	for _, stamp := range []string{"", "{", `{"code": "other"}`} {
		path, o := runsIn(t, `mkdir -p "runs/n.N=2"`)
		runs := filepath.Join(filepath.Dir(path), "runs")
		put(t, filepath.Join(runs, "n.N=2", "model"), "old")
		if stamp != "" {
			put(t, filepath.Join(runs, ".n.N=2.run.json"), stamp)
		}
		o.Sets = []notebook.Set{{Name: "N", Value: "2"}}
		if _, err := Notebook(t.Context(), path, o); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"n.N=2", "n.N=2.kept-1 model"}, names(t, runs)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", stamp, diff)
		}
	}
}

// linesOf is a log that tells each line.
type linesOf struct {
	mu   sync.Mutex
	said string
	each func(line string)
}

// Write implements io.Writer.
func (l *linesOf) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.said += string(p)
	l.mu.Unlock()
	l.each(string(p))
	return len(p), nil
}

// text returns what was written.
func (l *linesOf) text() string { l.mu.Lock(); defer l.mu.Unlock(); return l.said }

// TestWaits: a run that would write what another one writes waits, whichever of the two names it is.
func TestWaits(t *testing.T) {
	tests := []struct {
		name   string
		taken  string // relative to the notebook's directory
		change func(o *Options)
	}{
		{"the result", "n", func(*Options) {}},
		{"the folder", "runs/n.executed", func(o *Options) { o.Out = filepath.Join(o.Lab.Dir, "out") }},
		{"in place", "n", func(o *Options) { o.Inplace = true }},
		{"in place, the own folder", "runs", func(o *Options) { o.Inplace = true }},
		{"a folder that is named", "x", func(o *Options) { o.Sets = []notebook.Set{{Name: "Runs", Value: "x"}} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path, o := runsIn(t, "touch began")
			dir := filepath.Dir(path)
			test.change(&o)
			claim, err := place.Take(t.Context(), filepath.Join(dir, test.taken), nil)
			if err != nil {
				t.Fatal(err)
			}
			log := &linesOf{each: func(line string) {
				if strings.HasPrefix(line, "waiting") {
					if _, err := os.Stat(filepath.Join(dir, "began")); err == nil {
						t.Error("it began all the same")
					}
					claim.Release()
				}
			}}
			o.Log = log
			if _, err := Notebook(t.Context(), path, o); err != nil {
				t.Fatal(err)
			}
			if strings.Count(log.text(), "waiting: another run writes ") != 1 {
				t.Errorf("said %q", log.text())
			}
			// Nothing of the claims stays.
			for _, d := range []string{dir, filepath.Join(dir, "runs"), filepath.Join(o.Lab.Dir, "out")} {
				if got := inside(d); slices.ContainsFunc(got, func(s string) bool { return strings.HasSuffix(s, ".lock") }) {
					t.Errorf("left in %s: %v", d, got)
				}
			}
		})
	}
	// One that waits for a run in place executes what that one has written.
	path, o := runsIn(t, `grep -q second "$in" && touch read; true`)
	o.Inplace = true
	claim, err := place.Take(t.Context(), strings.TrimSuffix(path, ".ipynb"), nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Log = &linesOf{each: func(line string) {
		if strings.HasPrefix(line, "waiting") {
			put(t, path, strings.Replace(withRuns, "train()", "second()", 1))
			claim.Release()
		}
	}}
	if _, err := Notebook(t.Context(), path, o); err != nil {
		t.Errorf("after a run in place: %v", err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "read")); err != nil {
		t.Error("the notebook of before the wait was executed")
	}
	// Whoever waits can be stopped.
	path, o = runsIn(t, "")
	if claim, err = place.Take(t.Context(), strings.TrimSuffix(path, ".ipynb"), nil); err != nil {
		t.Fatal(err)
	}
	defer claim.Release()
	ctx, cancel := context.WithCancel(t.Context())
	o.Log = &linesOf{each: func(string) { cancel() }}
	if _, err := Notebook(ctx, path, o); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped while it waited: %v", err)
	}
}

// TestDriverHolds: while a driver lives whose parent was killed, what it writes is not free.
func TestDriverHolds(t *testing.T) {
	path, o := standIn(t, "cat >/dev/null")
	claim, err := place.Take(t.Context(), strings.TrimSuffix(path, ".ipynb"), nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := startDriver(o.Python, o.Lab, order{}, claims{claim})
	if err != nil {
		t.Fatal(err)
	}
	claim.File.Close() // as the end of this process would
	waited := false
	again, err := place.Take(t.Context(), strings.TrimSuffix(path, ".ipynb"), func() { waited = true; d.close() })
	if err != nil || !waited {
		t.Fatalf("taken while the driver lived: %v", err)
	}
	again.Release()
}

// TestSalvage: what a run that was killed has left is kept, told, and not taken for this run's.
func TestSalvage(t *testing.T) {
	path, o := runsIn(t, "")
	left := strings.TrimSuffix(path, ".ipynb") + ".running" + executedEnd
	for n, content := range []string{strings.NewReplacer(`"source": "train()"`, `"execution_count": 2,
"source": "train()"`, `"metadata": {}`, `"metadata": {"secret": 1}`).Replace(withRuns), "{ cut"} {
		put(t, left, content)
		var log bytes.Buffer
		o.Log = &log
		if _, err := Notebook(t.Context(), path, o); err != nil {
			t.Fatal(err)
		}
		kept := strings.TrimSuffix(path, ".ipynb") + ".cut-" + string(rune('1'+n)) + executedEnd
		if got, err := os.ReadFile(kept); err != nil || n == 1 && string(got) != content || n == 0 && !bytes.Contains(got,
			[]byte(`"execution_count": 2`)) || bytes.Contains(got, []byte("secret")) {
			t.Errorf("kept %q, %v", got, err)
		}
		if want := []string{"the 1 cells", "the 0 cells"}[n]; !strings.Contains(log.String(), want) ||
			!strings.Contains(log.String(), kept) {
			t.Errorf("said %q", log.String())
		}
		if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the copy of this run stays: %v", err)
		}
	}
}

// TestRunsCannotBe: a folder for files that cannot be made is told before the first cell.
func TestRunsCannotBe(t *testing.T) {
	path, o := runsIn(t, "touch began")
	dir := filepath.Dir(path)
	put(t, filepath.Join(dir, "runs"), "a file")
	_, err := Notebook(t.Context(), path, o)
	var out *OutputError
	if !errors.As(err, &out) || out.Path != filepath.Join(dir, "runs", "n.executed") {
		t.Errorf("error %v, want one about the folder", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "began")); err == nil {
		t.Error("it began all the same")
	}
}
