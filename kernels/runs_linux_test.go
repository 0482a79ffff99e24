package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// tiny writes a notebook n.ipynb with parameters and cells, the last of which is tagged as its result, into a directory
// of its own.
func tiny(t *testing.T, sources ...string) (path string) {
	t.Helper()
	type cell map[string]any
	var cells []cell
	for i, source := range sources {
		tags := []string{}
		switch {
		case i == 0:
			tags = append(tags, notebook.TagParameters)
		case i == len(sources)-1:
			tags = append(tags, notebook.TagResults)
		case strings.Contains(source, "// may fail"):
			tags = append(tags, "raises-exception")
		}
		cells = append(cells, cell{"cell_type": "code", "id": fmt.Sprintf("c%d", i), "source": source,
			"metadata": cell{"tags": tags}, "outputs": []any{}, "execution_count": nil})
	}
	text, err := json.Marshal(cell{"nbformat": 4, "nbformat_minor": 5, "metadata": cell{}, "cells": cells})
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "n.ipynb")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// put writes a file with its directory.
func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// train writes the settings as a "model", and report prints what the model says.
const (
	train = `%%
if err := os.MkdirAll(Runs, 0o755); err != nil {
	panic(err)
}
if err := os.WriteFile(Runs+"/model", []byte(fmt.Sprint(Epochs)), 0o644); err != nil {
	panic(err)
}
`
	report = `%%
model, err := os.ReadFile(Runs + "/model")
if err != nil {
	panic(err)
}
fmt.Printf("model of %s\n", model)`
)

// TestRunsApart executes a notebook with other settings at once, each of which reports its own model, beside a run that
// fails; then what failed alone. The notebook's own folder stays as it is, and what is written names no machine.
func TestRunsApart(t *testing.T) {
	t.Parallel()
	options(t)
	// Both have written before either reads.
	const meet = `
if Epochs == 3 {
	if _, err := os.Stat("mended"); err != nil {
		panic("not yet")
	}
	return
}
if err := os.WriteFile(fmt.Sprint("there-", Epochs), nil, 0o644); err != nil {
	panic(err)
}
for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
	_, one := os.Stat("there-1")
	_, two := os.Stat("there-2")
	if one == nil && two == nil {
		break
	}
	if time.Since(begun) > 5*time.Minute {
		panic("the other run never came")
	}
}`
	path := tiny(t, "var Epochs = 9\nvar Runs = \"runs\" // folder", train+meet, report)
	dir := filepath.Dir(path)
	own := filepath.Join(dir, "runs", "model")
	put(t, own, "own")
	file, list := filepath.Join(dir, "t.json"), filepath.Join(dir, "p.yaml")
	put(t, list, "# three runs\nEpochs: [1, 2, 3]\n")
	for _, step := range []struct {
		status int
		states []string
	}{{1, []string{"done", "done", "failed"}}, {0, []string{"kept", "kept", "done"}}} {
		var out, errOut bytes.Buffer
		status := run(t.Context(), []string{"run", path, "--params", list, "-j", "2", "--resume", "--no-html", "--kernel",
			setup.KernelGo, "--table", file}, &out, &errOut)
		said := out.String() + errOut.String()
		if status != step.status || !strings.Contains(said, "parameter Epochs = 1,2,3, from "+list+":2") {
			t.Fatalf("status %d\n%s", status, said)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var rows []struct {
			State    string
			Executed string
			Numbers  []struct {
				Name  string
				Value float64
			}
		}
		if err := json.Unmarshal(text, &rows); err != nil || len(rows) != 3 {
			t.Fatalf("%v\n%s", err, text)
		}
		for i, row := range rows {
			if row.State != step.states[i] {
				t.Errorf("Epochs=%d is %s, want %s\n%s", i+1, row.State, step.states[i], said)
			}
			if row.State == "failed" {
				continue
			}
			if len(row.Numbers) != 1 || row.Numbers[0].Name != "model of" || row.Numbers[0].Value != float64(i+1) {
				t.Errorf("Epochs=%d reports %v", i+1, row.Numbers)
			}
			namesNothing(t, row.Executed, dir)
		}
		put(t, filepath.Join(dir, "mended"), "")
	}
	var out, errOut bytes.Buffer
	if status := run(t.Context(), []string{"run", path, "--no-html", "--kernel", setup.KernelGo}, &out, &errOut); status != 0 ||
		!strings.Contains(out.String(), "model of 9") || !strings.Contains(out.String(), "runs/n.executed") {
		t.Errorf("status %d\n%s%s", status, out.String(), errOut.String())
	}
	if content, err := os.ReadFile(own); err != nil || string(content) != "own" {
		t.Errorf("the notebook's own folder has %q, %v", content, err)
	}
}

// namesNothing sees that an executed notebook has nothing but its cells, what they printed and what the lab says, which
// names neither the machine nor a folder.
func namesNothing(t *testing.T, path, dir string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(content, []byte(dir)) {
		t.Errorf("%s names its folder", path)
	}
	var nb struct {
		Metadata map[string]any
		Cells    []struct {
			Metadata map[string]any
			Outputs  []map[string]any
		}
	}
	if err := json.Unmarshal(content, &nb); err != nil {
		t.Fatal(err)
	}
	known := func(what string, got map[string]any, want ...string) {
		for key := range got {
			if !slices.Contains(want, key) {
				t.Errorf("%s has %s: %v", what, key, got[key])
			}
		}
	}
	known("the notebook", nb.Metadata, "kernelspec", "language_info", "siamese")
	for _, c := range nb.Cells {
		known("a cell", c.Metadata, "tags", "siamese")
		for _, out := range c.Outputs {
			known("an output", out, "name", "output_type", "text")
		}
	}
}

// TestStale: a model that an earlier run has left is not reported by one that has made none.
func TestStale(t *testing.T) {
	t.Parallel()
	o, _ := options(t)
	o.Kernel, o.Out = setup.KernelGo, ""
	const mayFail = "// may fail\n%%\nif _, err := os.Stat(\"fail\"); err == nil {\n\tpanic(\"no training\")\n}\n"
	path := tiny(t, "var Epochs = 9\nvar Runs = \"runs\"", mayFail+strings.TrimPrefix(train, "%%\n"), report)
	for _, sets := range [][]notebook.Set{nil, {{Name: "Epochs", Value: "1"}}} {
		o.Sets = sets
		fail := filepath.Join(filepath.Dir(path), "fail")
		os.Remove(fail)
		result, err := jupyter.Notebook(t.Context(), path, o)
		if want := map[bool]string{true: "model of 9", false: "model of 1"}[sets == nil]; err != nil || result.Results != want {
			t.Fatalf("%q, %v; want %q", result.Results, err, want)
		}
		put(t, fail, "")
		result, err = jupyter.Notebook(t.Context(), path, o)
		var cell *jupyter.CellError
		if !errors.As(err, &cell) || cell.Cell != 3 || result.Results != "" || !strings.Contains(cell.Message, "no such file") {
			t.Errorf("%v: results %q, %v; want that there is no model", sets, result.Results, err)
		}
	}
}

// command starts the command as a process of its own, all of whose processes have a mark in their environment.
func command(t *testing.T, mark string, args ...string) (cmd *exec.Cmd, said *bytes.Buffer) {
	t.Helper()
	cmd = exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), commandEnv+"="+strings.Join(args, "\n"), mark)
	said = &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = said, said
	cmd.WaitDelay = time.Minute // a driver that lives on has its own outputs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for pid := range of(mark) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	return cmd, said
}

// until waits until something holds, or fails the test after minutes: it is no measure of speed.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

// child returns the pid of a process among some whose name begins so and whose parent is one of them of another name, or
// 0.
func child(processes map[int]string, name string) int {
	for pid, n := range processes {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // it may have ended
		_, rest, _ := strings.Cut(string(stat), ") ")
		var state string
		var parent int
		_, _ = fmt.Sscan(rest, &state, &parent)
		if strings.HasPrefix(n, name) && processes[parent] != "" && !strings.HasPrefix(processes[parent], name) {
			return pid
		}
	}
	return 0
}

// TestKilled kills the command, its driver or the kernel while the third cell runs: the two before it are kept where a
// user finds them, no process goes on, and the error, or the next run, says what happened.
func TestKilled(t *testing.T) {
	options(t)
	for _, test := range []struct {
		who  string
		said string // by the command, unless it was killed itself
	}{{"command", ""}, {"python", "ended early (signal: killed)"}, {"siamese-kernel", "was killed (SIGKILL"}} {
		t.Run(test.who, func(t *testing.T) {
			t.Parallel()
			path := tiny(t, "var Runs = \"runs\"", "%%\nfmt.Println(\"second\")", `%%
if err := os.WriteFile("began", nil, 0o644); err != nil {
	panic(err)
}
if _, err := os.Stat("again"); err != nil {
	time.Sleep(time.Hour)
}`, "%%\nfmt.Println(\"last\")")
			dir := filepath.Dir(path)
			mark := "SIAMESE_TEST_MARK=" + dir
			args := []string{"run", path, "--no-html", "--kernel", setup.KernelGo}
			cmd, said := command(t, mark, args...)
			until(t, "the third cell", func() bool { _, err := os.Stat(filepath.Join(dir, "began")); return err == nil })
			victim := cmd.Process.Pid
			if test.who != "command" {
				victim = child(of(mark), test.who)
			}
			if victim == 0 {
				t.Fatalf("no %s among %v", test.who, of(mark))
			}
			if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			until(t, "the end of all processes", func() bool { return len(of(mark)) == 0 })
			kept := filepath.Join(dir, "n.failed.executed.ipynb")
			if test.who == "command" {
				kept = filepath.Join(dir, "n.running.executed.ipynb")
			} else if err == nil || !strings.Contains(said.String(), test.said) {
				t.Errorf("%v, said\n%s", err, said)
			}
			second := func(file string) {
				nb, err := notebook.Read(file)
				if err != nil {
					t.Fatalf("%v; said\n%s", err, said)
				}
				if outputs := nb.Cells[1].Outputs(); nb.Cells[1].Count() != 2 || len(outputs) != 1 {
					t.Errorf("%s: the second cell is lost", file)
				}
			}
			second(kept)
			put(t, filepath.Join(dir, "again"), "")
			var out, errOut bytes.Buffer
			if status := run(t.Context(), args, &out, &errOut); status != 0 {
				t.Fatalf("the next run: %d\n%s%s", status, out.String(), errOut.String())
			}
			cut := filepath.Join(dir, "n.cut-1.executed.ipynb")
			if test.who == "command" {
				second(cut)
				if want := "an earlier run was cut off: the "; !strings.Contains(out.String(), want) ||
					!strings.Contains(out.String(), "n.cut-1.executed.ipynb") {
					t.Errorf("the next run said\n%s", out.String())
				}
			} else if _, err := os.Stat(cut); err == nil {
				t.Error("a copy was left")
			}
		})
	}
}

// TestFullDisk: a notebook that does not fit is kept where there is room, and the error names the place.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	o, log := options(t)
	o.Kernel = setup.KernelGo
	if err := syscall.Mount("tmpfs", o.Out, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no small file system could be made, which takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(o.Out, 0); err != nil {
			t.Error(err)
		}
	})
	path := tiny(t, "var N = 1", "%%\nfmt.Println(\"fits\")", "%%\nfor i := range 40_000 {\n\tfmt.Println(i)\n}",
		"%%\nfmt.Println(\"last\")")
	result, err := jupyter.Notebook(t.Context(), path, o)
	var full *jupyter.OutputError
	if !errors.As(err, &full) || !errors.Is(err, syscall.ENOSPC) || full.Kept == "" || full.Kept != result.Notebook {
		t.Fatalf("%+v, %v\n%s", result, err, log)
	}
	if !strings.Contains(log.String(), "what was executed is now kept in ") {
		t.Errorf("said\n%s", log)
	}
	nb, err := notebook.Read(full.Kept)
	if err != nil {
		t.Fatal(err)
	}
	if text := nb.Results(); text != "last" {
		t.Errorf("results %q", text)
	}
	if _, text := nb.Cells[2].Outputs()[0].Stream(); !strings.HasSuffix(text, "\n39999\n") {
		t.Errorf("%d bytes of output are kept", len(text))
	}
	entries, err := os.ReadDir(o.Out)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string(nil), names); err != nil || diff != "" {
		t.Errorf("left on the full disk: %v\n%s", err, diff)
	}
}
