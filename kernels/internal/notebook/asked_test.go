package notebook

import (
	"errors"
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
