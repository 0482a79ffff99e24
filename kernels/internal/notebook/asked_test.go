package notebook

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// settable is a notebook whose parameters are of the types that matter to several values.
func settable(t *testing.T) *Notebook {
	t.Helper()
	nb, err := Parse([]byte(`{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {"tags":
["parameters"]}, "source": "var (\n\tEpochs = 12\n\tRate = 0.5\n\tFast = true\n\tWait = time.Minute\n\tWord = \"w\"\n` +
		`\tLayers = []int{1}\n\tNames = []string{\"n\"}\n\tGrid = [][]int{{1}}\n\tCounts = map[string]int{}\n\t` +
		`Runs = \"runs\"\n)"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

// line is what a command line asks.
func line(words ...string) []Asked {
	var asked []Asked
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		asked = append(asked, Asked{Set: Set{Name: name, Value: value}})
	}
	return asked
}

// texts returns runs as their files are named.
func texts(runs [][]Set) []string {
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

func TestExpand(t *testing.T) {
	tests := []struct {
		asked []Asked
		want  []string
	}{
		{nil, []string{""}},
		{line("Epochs=3"), []string{"Epochs=3"}},
		{line("Epochs=1, 2 ,3"), []string{"Epochs=1", "Epochs=2", "Epochs=3"}},
		{line("Epochs=1,2", "Rate=.1,1"), []string{"Epochs=1 Rate=.1", "Epochs=1 Rate=1", "Epochs=2 Rate=.1",
			"Epochs=2 Rate=1"}},
		{line("Fast=true,false"), []string{"Fast=true", "Fast=false"}},
		{line("Wait=1s,2m"), []string{"Wait=1s", "Wait=2m"}},
		{line("Word=a,b"), []string{"Word=a,b"}},         // text, whatever is in it
		{line("Layers=64,32"), []string{"Layers=64,32"}}, // a list
		{line("Layers=[64,32]"), []string{"Layers=[64,32]"}},
		{line("Layers=[64,32], [8],[]"), []string{"Layers=[64,32]", "Layers=[8]", "Layers=[]"}},
		{line(`Names=["a],[",b],[c]`), []string{`Names=["a],[",b]`, "Names=[c]"}},
		{line("Counts=map[string]int{\"a\": 1, \"b\": 2}"), []string{"Counts=map[string]int{\"a\": 1, \"b\": 2}"}},
	}
	for _, test := range tests {
		got, err := settable(t).Expand(test.asked)
		if diff := cmp.Diff(test.want, texts(got)); err != nil || diff != "" {
			t.Errorf("%v: %v (-want +got):\n%s", test.asked, err, diff)
		}
		for _, sets := range got {
			if _, err := settable(t).Inject(sets); err != nil {
				t.Errorf("%v cannot be set: %v", sets, err)
			}
		}
	}
}

func TestExpandFaults(t *testing.T) {
	tests := []struct {
		asked []Asked
		names []string
		want  string
	}{
		{line("Epochs=1,x", "Nope=3", "Rate=y"), []string{"Epochs", "Nope", "Rate"}, `value 2: "x" is not of type int`},
		{line("Epochs=1,,2"), []string{"Epochs"}, "value 2"},
		{line("Epochs=1,2,1"), []string{"Epochs"}, "value 3: 1 is there twice"},
		{line("Epochs=1", "Epochs=2"), []string{"Epochs"}, "given twice"},
		{line("Layers=[1],x"), []string{"Layers"}, "bracket"},
		{[]Asked{{Set: Set{Name: "Nope"}, From: "p.yaml:7"}}, []string{"Nope"}, "Nope (p.yaml:7)"},
	}
	for _, test := range tests {
		_, err := settable(t).Expand(test.asked)
		var fault *ParameterError
		if !errors.As(err, &fault) || !slices.Equal(fault.Names, test.names) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v; want %q about %v", test.asked, err, test.want, test.names)
		}
	}
	var many []string
	for i := range 1001 {
		many = append(many, strings.Repeat("1", i/10+1)+string(rune('0'+i%10)))
	}
	if _, err := settable(t).Expand(line("Rate=" + strings.Join(many, ","))); err == nil ||
		!strings.Contains(err.Error(), "1000 are the most") {
		t.Errorf("1001 runs: %v", err)
	}
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

func TestReadParameters(t *testing.T) {
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
		asked, err := ReadParameters(file(t, test.text))
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

func TestReadParametersFaults(t *testing.T) {
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
		_, err := ReadParameters(path)
		var fault *FileError
		if !errors.As(err, &fault) || fault.Path != path || fault.Line != test.line ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("%.40q: %v; want line %d, %q", test.text, err, test.line, test.want)
		}
	}
	// The line is that of the file for what the notebook does not have, too.
	path := file(t, "Epochs: 1\n\nNope: 2\n")
	asked, err := ReadParameters(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := settable(t).Expand(asked); err == nil || !strings.Contains(err.Error(), "Nope ("+path+":3)") {
		t.Errorf("error %v, want one about line 3", err)
	}
	if _, err := ReadParameters(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestEnvParameters(t *testing.T) {
	got, err := EnvParameters([]string{"HOME=/h", "SIAMESE_PARAM_Rate=0.1", "SIAMESE_PARAM_Epochs= 3 ", "SIAMESE_PARAM_Word=a=b"})
	want := []Asked{{Set: Set{"Epochs", "3"}, From: "SIAMESE_PARAM_Epochs"},
		{Set: Set{"Rate", "0.1"}, From: "SIAMESE_PARAM_Rate"}, {Set: Set{"Word", "a=b"}, From: "SIAMESE_PARAM_Word"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := EnvParameters([]string{"SIAMESE_PARAM_=3"}); err == nil {
		t.Error("a variable without a name sets something")
	}
	// The later source wins, whatever it says; the others stay.
	over := Over(want, line("Rate=7"), line("Word=z", "Fast=true"))
	if diff := cmp.Diff([]string{"Epochs=3 Rate=7 Word=z Fast=true"}, texts([][]Set{sets(over)})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// sets returns what is asked without where.
func sets(asked []Asked) []Set {
	var all []Set
	for _, a := range asked {
		all = append(all, a.Set)
	}
	return all
}

// TestInjectFor: a run has a folder of its own, and without parameters no cell more.
func TestInjectFor(t *testing.T) {
	tests := []struct{ cell, runs, source string }{
		{`var Runs = "runs" // here`, "runs/n.executed", `var Runs = "runs/n.executed" // here`},
		{"// é\nvar (\n\tA = \"runs\"\n\tRuns = `runs`\n)\n%%\nx()", "runs/n.executed",
			"// é\nvar (\n\tA = \"runs\"\n\tRuns = \"runs/n.executed\"\n)\n%%\nx()"},
		{`const Base = "a"; const Runs = Base + "/b"`, "a/b/n.executed", `const Base = "a"; const Runs = "a/b/n.executed"`},
		{`var A, Runs = 1, "r"`, "r/n.executed", `var A, Runs = 1, "r/n.executed"`},
		{`var Runs = os.Getenv("X")`, "", `var Runs = os.Getenv("X")`},
		{`var Other = "runs"`, "", `var Other = "runs"`},
		{`var Runs = `, "", `var Runs = `},
	}
	for _, test := range tests {
		nb := &Notebook{Cells: []*Cell{{map[string]any{"cell_type": "code", "source": test.cell,
			"metadata": map[string]any{"tags": []any{"parameters"}}}}}}
		_, computed := nb.Runs()
		runs, err := nb.InjectFor("n.executed", nil)
		if err != nil || runs != test.runs || nb.Cells[0].Source() != test.source || len(nb.Cells) != 1 {
			t.Errorf("%q: folder %q, %v, %q", test.cell, runs, err, nb.Cells[0].Source())
		}
		if want := strings.Contains(test.cell, "Getenv"); computed != want {
			t.Errorf("%q: computed %v", test.cell, computed)
		}
	}
	nb := settable(t)
	runs, err := nb.InjectFor("n.Epochs=3", []Set{{"Epochs", "3"}})
	if err != nil || runs != "runs/n.Epochs=3" || !strings.Contains(nb.Cells[1].Source(), `var Runs string = "runs/n.Epochs=3"`) {
		t.Errorf("folder %q, %v", runs, err)
	}
}
