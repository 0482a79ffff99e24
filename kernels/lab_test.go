package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestTwelveLines goes from a file of pandas to an answer in the twelve lines of package lab's doc, a cell each: nothing
// is imported, and a cell uses what those before it have made.
func TestTwelveLines(t *testing.T) {
	k := startKernel(t)
	path, err := filepath.Abs(fixture("lab/items.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ code, want string }{
		{"items := lab.Open(\"" + path + "\", lab.Domain(\"source\"))\nitems", "a-1"},
		{"items.Describe()", "items"},
		{"split := items.Split(lab.Seed(42))\nsplit", "leak"},
		{"model := split.Train(lab.Set(\"Epochs\", 2), lab.Set(\"PairsPerEpoch\", 512), lab.Set(\"ValPairs\", 100))", ""},
		{"model", "epoch"},
		{"model.Evaluate()", "MAP@R"},
		{"model.Score(\"a-17\", \"a-20\")", "cosine"},
		{"model.Similar(\"a-17\", 5)", "nearest to a-17"},
	} {
		o := k.run(step.code, false)
		text := strings.Join(o.outputs, "\n")
		if o.status != "ok" || !strings.Contains(text, step.want) {
			t.Fatalf("%s\n%s %s: %s\n%s\noutputs: %s, want %q in them", step.code, o.status, o.name, o.value, o.trace, text, step.want)
		}
		t.Logf("%s\n%s", step.code, text)
	}
}
