package params

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// settable is a notebook whose parameters are of the types that matter to several values.
func settable(t *testing.T) *notebook.Notebook {
	t.Helper()
	nb, err := notebook.Parse([]byte(`{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {"tags":
["parameters"]}, "source": "var (\n\tEpochs = 12\n\tRate = 0.5\n\tFast = true\n\tWait = time.Minute\n\tWord = \"w\"\n` +
		`\tLayers = []int{1}\n\tNames = []string{\"n\"}\n\tGrid = [][]int{{1}}\n\tCounts = map[string]int{}\n\t` +
		`Runs = \"runs\"\n)"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

// line is what a command line asks.
func line(words ...string) []notebook.Asked {
	var asked []notebook.Asked
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		asked = append(asked, notebook.Asked{Set: notebook.Set{Name: name, Value: value}})
	}
	return asked
}

// texts returns runs as their files are named.
func texts(runs [][]notebook.Set) []string {
	var all []string
	for _, sets := range runs {
		var words []string
		for _, s := range sets {
			words = append(words, s.Name+"="+s.Value)
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

// file writes a file of parameters.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRead(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", nil}, {"# nothing\n", nil}, {"{}", nil},
		{"Epochs: 3\n", []string{""}},
		{"Epochs: 3\nRate: 1.50\nFast: false\nWait: 90s\nWord: 1.10\n",
			[]string{"Epochs=3 Rate=1.50 Fast=false Wait=90s Word=1.10"}},
		{`{"Epochs": 3, "Word": "a,b"}`, []string{"Epochs=3 Word=a,b"}}, // JSON
		{"Epochs: [1, 2]\n", []string{"Epochs=1", "Epochs=2"}},
		{"Word: [a, 'b,c']\n", []string{"Word=a", "Word=b,c"}}, // in a file a string too has several
		{"Layers: [64, 32]\n", []string{"Layers=64,32"}},
		{"Layers: []\n", []string{"Layers="}},
		{"Layers: [[64, 32], [8]]\n", []string{"Layers=64,32", "Layers=8"}},
		{"Names: ['a,b', c]\n", []string{`Names=[]string{"a,b", "c"}`}},
		{"Grid: [[1, 2], [3]]\n", []string{`Grid=[]int`}},
		{"Counts: {a: 1}\n", []string{`Counts=map[string]int{"a": 1}`}},
		{`Word: '"quoted"'` + "\n", []string{`Word="\"quoted\""`}}, // its quotes are the value's
		{"Word: 2026-01-02\n", []string{"Word=2026-01-02"}},
	}
	for _, test := range tests {
		asked, err := Read(file(t, test.text))
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if test.want == nil {
			if len(asked) != 0 {
				t.Errorf("%q: %v", test.text, asked)
			}
			continue
		}
		runs, err := settable(t).Expand(asked)
		if test.want[0] == "" {
			test.want[0] = "Epochs=3"
		}
		if strings.HasPrefix(test.text, "Grid") {
			// A list of lists of a parameter that is one.
			test.want = []string{"Grid=[][]int{[]int{1, 2}, []int{3}}"}
		}
		if diff := cmp.Diff(test.want, texts(runs)); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", test.text, err, diff)
		}
		for _, sets := range runs {
			if _, err := settable(t).Inject(sets); err != nil {
				t.Errorf("%v cannot be set: %v", sets, err)
			}
		}
	}
}

func TestReadFaults(t *testing.T) {
	tests := []struct {
		text string
		line int
		want string
	}{
		{"- 1\n", 1, "name: value"},
		{"just words\n", 1, "name: value"},
		{"Epochs: 1\n\nEpochs: 2\n", 3, "given twice"},
		{"Epochs: 1\nmy-rate: 2\n", 2, "no name of a parameter"},
		{"Epochs:\n", 1, "leave it out"},
		{"a: &x 1\n", 1, "anchors"},
		{"Epochs: 1\nRate: *x\n", 0, "unknown anchor"},
		{"<<: {Epochs: 1}\n", 1, "no name of a parameter"},
		{"Epochs: !!python/object:os.system 1\n", 1, "python/object"},
		{"Word: !!binary aGk=\n", 1, "binary"},
		{"Epochs: 1\n---\nEpochs: 2\n", 2, "second document"},
		{"Counts: {a: 1,\n a: 2}\n", 2, "is there twice"},
		{"Epochs: [1, 2\n", 0, "did not find"},
		{strings.Repeat("#", mostBytes+1), 0, "more than"},
	}
	for _, test := range tests {
		path := file(t, test.text)
		_, err := Read(path)
		var fault *FileError
		if !errors.As(err, &fault) || fault.Path != path || fault.Line != test.line ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("%.40q: %v; want line %d, %q", test.text, err, test.line, test.want)
		}
	}
	// The line is that of the file for what the notebook does not have, too.
	path := file(t, "Epochs: 1\n\nNope: 2\n")
	asked, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := settable(t).Expand(asked); err == nil || !strings.Contains(err.Error(), "Nope ("+path+":3)") {
		t.Errorf("error %v, want one about line 3", err)
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestEnv(t *testing.T) {
	got, err := Env([]string{"HOME=/h", "SIAMESE_PARAM_Rate=0.1", "SIAMESE_PARAM_Epochs= 3 ", "SIAMESE_PARAM_Word=a=b"})
	want := []notebook.Asked{{Set: notebook.Set{Name: "Epochs", Value: "3"}, From: "SIAMESE_PARAM_Epochs"},
		{Set: notebook.Set{Name: "Rate", Value: "0.1"}, From: "SIAMESE_PARAM_Rate"}, {Set: notebook.Set{Name: "Word", Value: "a=b"}, From: "SIAMESE_PARAM_Word"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := Env([]string{"SIAMESE_PARAM_=3"}); err == nil {
		t.Error("a variable without a name sets something")
	}
	// The later source wins, whatever it says; the others stay.
	over := Over(want, line("Rate=7"), line("Word=z", "Fast=true"))
	if diff := cmp.Diff([]string{"Epochs=3 Rate=7 Word=z Fast=true"}, texts([][]notebook.Set{sets(over)})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// sets returns what is asked without where.
func sets(asked []notebook.Asked) []notebook.Set {
	var all []notebook.Set
	for _, a := range asked {
		all = append(all, a.Set)
	}
	return all
}
