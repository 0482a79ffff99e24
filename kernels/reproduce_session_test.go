package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/reproduce"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// sessionCells are the code cells of a notebook of package lab: values that a session keeps, a file that a cell writes by
// itself and another one reads, and one that is read to be refused.
var sessionCells = []string{
	"var Seed = 7",
	"items := lab.Open(\"items.csv\")\nitems.How",
	"split := items.Split(lab.Seed(Seed))\nsplit",
	"os.MkdirAll(\"runs\", 0o755)\nos.WriteFile(\"runs/own.csv\", []byte(\"id,label,a\\nx,y,1\\nz,y,2\\nw,v,3\\n\"), 0o644)",
	"fmt.Println(lab.Open(\"runs/own.csv\").N)",
	"lab.Refused(func() { lab.Open(\"bad.csv\") })",
}

// writeNotebook writes a notebook of code cells for siamese-go.
func writeNotebook(t *testing.T, path string, sources ...string) {
	t.Helper()
	var cells []any
	for i, s := range sources {
		cells = append(cells, map[string]any{"cell_type": "code", "id": fmt.Sprint("c", i), "source": s,
			"metadata": map[string]any{}, "execution_count": nil, "outputs": []any{}})
	}
	text, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "cells": cells,
		"metadata": map[string]any{"kernelspec": map[string]any{"name": setup.KernelGo, "display_name": "Go", "language": "go"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestReproduceSession: a notebook whose values a session keeps is verified from kept cells as long as all that it follows
// from is what it was, and comes out the same with a session that knows its values, one that computes them at the same
// time as another, and one that begins empty.
func TestReproduceSession(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	o, log := options(t)
	o.Kernel, o.Inplace, o.Out = setup.KernelGo, true, ""
	dir := t.TempDir()
	path := filepath.Join(dir, "session.ipynb")
	table := "id,label,a,b\n" // which nobody has kept
	for i := range 30 {
		table += fmt.Sprintf("i%d,%c,%d,%d\n", i, 'x'+rune(i%3), i%3*10+i%2, time.Now().UnixMicro()%1e6+int64(i))
	}
	const bad = "id,label,a\nx,y,1\nz,y,wrong\n"
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("items.csv", table)
	write("bad.csv", bad)
	writeNotebook(t, path, sessionCells...)
	if _, err := jupyter.Notebook(t.Context(), path, o); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	saved, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const same = reproduce.Same

	// Two at once, neither of which takes the other's files.
	var both sync.WaitGroup
	verdicts, logs := [2]reproduce.Notebook{}, [2]bytes.Buffer{}
	for i := range verdicts {
		both.Go(func() {
			v, err := reproduce.Execute(t.Context(), path,
				reproduce.Options{Lab: o.Lab, Python: o.Python, Log: &logs[i]})
			if verdicts[i] = v; err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	for i, v := range verdicts {
		wantStates(t, v, same, same, same, same, same, same, same)
		if v.Kept || v.NotKept != "" || v.Causes != nil || !v.Cells[2].Session {
			t.Errorf("kept %v %q, causes %v, session %v\n%s", v.Kept, v.NotKept, v.Causes, v.Cells[2].Session, &logs[i])
		}
	}

	// kept returns the verdict by what was kept; ok = false: nothing that holds was.
	kept := func() (reproduce.Notebook, bool) {
		t.Helper()
		v, ok, err := reproduce.FromKept(t.Context(), path, reproduce.Options{Lab: o.Lab})
		if err != nil {
			t.Fatal(err)
		}
		return v, ok
	}
	v, ok := kept()
	wantStates(t, v, same, same, same, same, same, same, same)
	if !ok || !v.Kept || v.Own || v.Ran.Before(begun) || !v.Cells[2].Session {
		t.Errorf("kept %v %v, own %v, ran %v, session %v", ok, v.Kept, v.Own, v.Ran, v.Cells[2].Session)
	}
	if text := strings.Join(v.Lines(), "\n"); !strings.Contains(text, v.Ran.Local().Format("2006-01-02 15:04")) {
		t.Errorf("it does not say when they ran: %s", text)
	}

	// Whatever it follows from changes, and changes back.
	for name, text := range map[string]string{"items.csv": table + "j,x,1,2\n", "bad.csv": bad + "v,y,2\n", "more.csv": ""} {
		was, none := os.ReadFile(filepath.Join(dir, name))
		write(name, text)
		if _, ok := kept(); ok {
			t.Errorf("another %s: what was kept is served", name)
		}
		write(name, string(was))
		if none != nil {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		if _, ok := kept(); !ok {
			t.Errorf("the old %s: nothing is kept", name)
		}
	}
	for at, source := range map[int]string{0: "var Seed = 8", 1: "items := lab.Open(\"items.csv\", lab.Ignore(\"b\"))\nitems.How"} {
		edit(t, path, "session.ipynb", func(cells []map[string]any) { cells[at]["source"] = source })
		if _, ok := kept(); ok {
			t.Errorf("cell %d is another one: what was kept is served", at+1)
		}
		if err := os.WriteFile(path, saved, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	// What nobody knows before is the same, and what has changed is found, with its cause.
	write("bad.csv", "id,label,a\nx,wrong,1\nz,y,1\nv,y,none of them\n")
	v, err = reproduce.Execute(t.Context(), path,
		reproduce.Options{Lab: o.Lab, Python: o.Python, Log: log, Fresh: true})
	if err != nil {
		t.Fatal(err)
	}
	wantStates(t, v, reproduce.Different, same, same, same, same, same, reproduce.Different)
	last := v.Cells[5]
	if v.NotKept != "" || v.Cells[2].Session || len(last.Causes) != 1 || last.Causes[0].What != reproduce.Data ||
		last.Causes[0].Name != "bad.csv" {
		t.Errorf("not kept %q, session %v, causes %v\n%s", v.NotKept, v.Cells[2].Session, last.Causes, log)
	}
	if v, ok := kept(); !ok || v.State != reproduce.Different || v.Cells[2].Session {
		t.Errorf("from what was kept of a session that began empty: %v %+v", ok, v)
	}

	// An output that somebody edited needs no execution to be found.
	write("bad.csv", bad)
	edit(t, path, "session.ipynb", func(cells []map[string]any) {
		cells[4]["outputs"].([]any)[0].(map[string]any)["text"] = "4\n"
	})
	if v, ok = kept(); !ok {
		t.Error("the old bad.csv: nothing is kept")
	}
	wantStates(t, v, reproduce.Edited, same, same, same, same, reproduce.Edited, same)
}
