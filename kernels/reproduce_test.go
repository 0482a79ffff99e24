package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/reproduce"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// reproduced runs the command on a notebook and returns its verdict and exit status.
func reproduced(t *testing.T, path string) (v reproduce.Notebook, status int) {
	t.Helper()
	dir := t.TempDir()
	at := filepath.Join(dir, "verdict.json")
	var out, errOut bytes.Buffer
	status = run(t.Context(), []string{"reproduce", path, "--json", at, "--html", filepath.Join(dir, "page.html")}, &out,
		&errOut)
	content, err := os.ReadFile(at)
	if err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &errOut)
	}
	var report reproduce.Report
	if err := json.Unmarshal(content, &report); err != nil || len(report.Notebooks) != 1 {
		t.Fatalf("%v: %s", err, content)
	}
	v = report.Notebooks[0]
	if (status == 0) != report.Good || status > 1 {
		t.Errorf("status %d, good %v", status, report.Good)
	}
	if page, err := os.ReadFile(filepath.Join(dir, "page.html")); err != nil || !bytes.Contains(page, []byte("</html>")) {
		t.Errorf("the page: %v, %d bytes", err, len(page))
	}
	t.Logf("status %d, %.1f s, kept %v\n%s", status, v.Seconds, v.Kept, &out)
	return v, status
}

// wantStates checks the verdict on the notebook and on its cells.
func wantStates(t *testing.T, v reproduce.Notebook, want ...reproduce.State) {
	t.Helper()
	got := []reproduce.State{v.State}
	for _, c := range v.Cells {
		got = append(got, c.State)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

// edit changes the JSON of a saved notebook and writes it beside as another one.
func edit(t *testing.T, path, name string, change func(cells []map[string]any)) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells    []map[string]any `json:"cells"`
		Metadata any              `json:"metadata"`
		Format   int              `json:"nbformat"`
		Minor    int              `json:"nbformat_minor"`
	}
	if err := json.Unmarshal(content, &nb); err != nil {
		t.Fatal(err)
	}
	change(nb.Cells)
	if content, err = json.Marshal(nb); err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(filepath.Dir(path), name)
	if err := os.WriteFile(at, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return at
}

// dotted returns a picture, in base64, with one more pixel changed.
func dotted(t *testing.T, text string) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	from, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	to := image.NewRGBA(from.Bounds())
	draw.Draw(to, to.Bounds(), from, image.Point{}, draw.Src)
	to.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, to); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// TestReproduce executes a notebook, reproduces it, and then sees that what was falsified, changed or broken is found.
func TestReproduce(t *testing.T) {
	t.Parallel()
	o, log := options(t)
	o.Kernel, o.Inplace, o.Out = setup.KernelGo, true, ""
	dir := t.TempDir()
	path := filepath.Join(dir, "reproduce.ipynb")
	content, err := os.ReadFile(fixture("reproduce.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	// Nobody has kept cells that have read these items.
	table := fmt.Sprintf("id,label,x\na,A,1\nb,B,%d\n", time.Now().UnixMicro())
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("reproduce.ipynb", string(content))
	write("items.csv", table)
	if _, err := jupyter.Notebook(t.Context(), path, o); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	executed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	const same = reproduce.Same
	v, status := reproduced(t, path)
	wantStates(t, v, same, same, same, same, same, same, same)
	if status != 0 || v.Kept || v.NotKept != "" || !v.Receipt || v.Causes != nil {
		t.Errorf("status %d, kept %v %q, receipt %v, causes %v", status, v.Kept, v.NotKept, v.Receipt, v.Causes)
	}
	if after, err := os.ReadDir(dir); err != nil || !slices.EqualFunc(before, after, func(a, b os.DirEntry) bool {
		return a.Name() == b.Name()
	}) {
		t.Errorf("beside the notebook are %v, were %v (%v)", after, before, err)
	}

	// Nothing changed: from kept cells, in a moment.
	v, status = reproduced(t, path)
	wantStates(t, v, same, same, same, same, same, same, same)
	if status != 0 || !v.Kept {
		t.Errorf("status %d, kept %v", status, v.Kept)
	}

	// A number, and a picture with the receipt to it.
	falsified := edit(t, path, "reproduce.ipynb", func(cells []map[string]any) {
		cells[3]["outputs"].([]any)[0].(map[string]any)["text"] = []any{"MAP@R 0.999 [0.801, 0.838]\n"}
		data := cells[5]["outputs"].([]any)[0].(map[string]any)["data"].(map[string]any)
		data["image/png"] = dotted(t, data["image/png"].(string))
	})
	nb, err := notebook.Read(falsified)
	if err != nil {
		t.Fatal(err)
	}
	r := nb.Cells[5].Receipt()
	r.Outputs = nb.Cells[5].OutputsDigest()
	nb.Cells[5].SetReceipt(r)
	if err := nb.Write(falsified); err != nil {
		t.Fatal(err)
	}
	v, status = reproduced(t, path)
	wantStates(t, v, reproduce.Different, same, same, reproduce.Edited, same, reproduce.Different, same)
	wantNumber := []reproduce.Difference{{Output: 1, Part: "stdout", What: reproduce.Number,
		Saved: "0.999", Fresh: "0.820"}}
	if diff := cmp.Diff(wantNumber, v.Cells[2].Differences); status != 1 || diff != "" {
		t.Errorf("the number, status %d (-want +got):\n%s", status, diff)
	}
	wantPicture := []reproduce.Difference{{Output: 1, Part: "image/png", What: reproduce.Picture, Pixels: 1, Largest: 255,
		SavedSize: [2]int{40, 30}, FreshSize: [2]int{40, 30}}}
	if diff := cmp.Diff(wantPicture, v.Cells[4].Differences); diff != "" {
		t.Errorf("the picture (-want +got):\n%s", diff)
	}
	if !v.Kept {
		t.Error("falsified outputs need no execution to be found")
	}
	write("reproduce.ipynb", string(executed))

	// Another file: what was kept is not served, and the cause is named.
	write("items.csv", table+"c,C,3\n")
	v, status = reproduced(t, path)
	wantStates(t, v, reproduce.Different, same, same, same, reproduce.Different, same, same)
	if status != 1 || v.Kept {
		t.Errorf("another file: status %d, kept %v", status, v.Kept)
	}
	if c := v.Cells[3].Causes; len(c) != 1 || c[0].What != reproduce.Data || c[0].Name != "items.csv" {
		t.Errorf("another file: causes %+v", c)
	}
	write("items.csv", table)

	// A cell that fails, and what is behind it.
	broken := edit(t, path, "broken.ipynb", func(cells []map[string]any) {
		cells[4]["source"] = "%%\nvar m map[int]int\nm[1]++"
	})
	v, status = reproduced(t, broken)
	wantStates(t, v, reproduce.Failed, same, same, same, reproduce.Failed, reproduce.NotRun, reproduce.NotRun)
	failed := v.Cells[3]
	if status != 1 || !strings.Contains(failed.Failure, "nil map") || len(failed.Causes) == 0 ||
		failed.Causes[0].What != reproduce.Code {
		t.Errorf("status %d, failure %q, causes %+v", status, failed.Failure, failed.Causes)
	}
}

// TestReproduceFlags: what is wrong with a command line, or would keep it from its end, is told before anything runs.
func TestReproduceFlags(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "python.ipynb")
	text := `{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "python3"}}}`
	if err := os.WriteFile(foreign, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(dir, "none", "verdict.json")
	tests := []struct {
		args   []string
		status int
		said   string
	}{
		{[]string{"--help"}, 0, "--tolerance=NUMBER"},
		{[]string{"--tolerance=-1"}, 2, "--tolerance"},
		{[]string{"--tolerance=NaN"}, 2, "--tolerance"},
		{[]string{"--timeout=-1s"}, 2, "--timeout"},
		{[]string{"--kernel=none"}, 2, "--kernel"},
		{[]string{"--html=-"}, 2, "--html"},
		{[]string{"--clear", foreign}, 2, "--clear"},
		{[]string{"--dir", dir, filepath.Join(dir, "none.ipynb")}, 1, "none.ipynb"},
		{[]string{"--dir", dir, foreign}, 1, `the kernel "python3"`},
		{[]string{"--dir", dir, "--json", nowhere, fixture("hello.ipynb")}, 1, filepath.Dir(nowhere)},
		{[]string{"--dir", dir, "--html", dir, fixture("hello.ipynb")}, 1, dir},
	}
	for _, test := range tests {
		var out, errOut bytes.Buffer
		status := run(t.Context(), append([]string{"reproduce"}, test.args...), &out, &errOut)
		if said := out.String() + errOut.String(); status != test.status || !strings.Contains(said, test.said) {
			t.Errorf("%q: status %d, said %q; want %d, %q", test.args, status, said, test.status, test.said)
		}
	}
	kept := filepath.Join(dir, "cells", "x.ipynb.gz")
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if status := run(t.Context(), []string{"reproduce", "--dir", dir, "--clear"}, &out, &out); status != 0 {
		t.Errorf("--clear: status %d, %s", status, &out)
	}
	if _, err := os.Stat(kept); err == nil {
		t.Error("--clear has left what was kept")
	}
}

// TestReproduceInterrupt: Ctrl-C ends a reproduction in good order: no verdict, nothing beside the notebook, and no
// scratch folder.
func TestReproduceInterrupt(t *testing.T) {
	t.Parallel()
	o, _ := options(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	content, err := os.ReadFile(fixture("sleep.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "sleep.ipynb")
	// The name of a file that only this test's scratch folder has.
	mine := fmt.Sprintf("%s-%d", filepath.Base(filepath.Dir(dir)), time.Now().UnixNano())
	for name, content := range map[string][]byte{path: content, filepath.Join(dir, mine): nil} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// The first cell has ended, and the kernel may have not begun with the second: that one must not go on for an hour.
	var asked time.Time
	log := &started{after: "[1/3]", do: func() { asked = time.Now(); cancel() }}
	_, err = reproduce.Execute(ctx, path, reproduce.Options{Lab: o.Lab, Python: o.Python, Kernel: o.Kernel, Log: log})
	if !errors.Is(err, jupyter.ErrInterrupted) {
		t.Fatalf("error %v, want ErrInterrupted\n%s", err, log)
	}
	if took := time.Since(asked); took > 2*time.Minute { // it is five where the interrupt got lost
		t.Errorf("it took %v to stop", took)
	}
	after, err := os.ReadFile(path)
	if list, err2 := os.ReadDir(dir); err != nil || err2 != nil || len(list) != 2 || !bytes.Equal(after, content) {
		t.Errorf("beside the notebook are %v (%v, %v)", list, err, err2)
	}
	scratch, err := filepath.Glob(filepath.Join(os.TempDir(), "siamese-reproduce-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range scratch { // of other tests, which may go away meanwhile
		_ = filepath.WalkDir(root, func(at string, _ fs.DirEntry, _ error) error {
			if filepath.Base(at) == mine {
				t.Errorf("left: %s", at)
			}
			return nil
		})
	}
}
