package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/report"
)

// Models and reports say by what and from which files they were made, describe, report and the page print it, and the
// program tells a kernel what it read, wrote and drew from.
func TestOrigins(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 1))
	text := "id,label,a,b,c,d\n"
	for i := range 120 {
		text += fmt.Sprintf("i%d,%c", i, 'x'+rune(i%3))
		for j := range 4 {
			text += fmt.Sprintf(",%.3f", rng.NormFloat64()+3*float64((i+j)%3))
		}
		text += "\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "items.csv"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	events := func(args string) []provenance.Event {
		t.Helper()
		path := filepath.Join(t.TempDir(), "events")
		c := siameseCommand(t, dir, args)
		c.Env = append(c.Environ(), provenance.Env+"="+path)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("siamese %s: %v\n%s", args, err, out)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return provenance.Parse(content)
	}
	at := func(kind provenance.Kind, name string) provenance.Event {
		return provenance.Event{Kind: kind, Text: filepath.Join(dir, name)}
	}
	told := func(args string, want ...provenance.Event) {
		t.Helper()
		got := events(args)
		for _, e := range want {
			if !slices.Contains(got, e) {
				t.Errorf("siamese %s does not tell %v, but %v", args, e, got)
			}
		}
		for _, e := range got {
			if !slices.Contains(want, e) && (e.Kind == provenance.FileRead || e.Kind == provenance.FileWritten) {
				t.Errorf("siamese %s tells %v", args, e)
			}
		}
	}
	fact := func(name, value string) provenance.Event {
		return provenance.Event{Kind: provenance.Fact, Name: name, Text: value}
	}
	told("split --out s.json --val 0.2 --test 0.2 --seed 3 items.csv", at(provenance.FileRead, "items.csv"),
		at(provenance.FileWritten, "s.json"), fact("seed", "3"))
	told("train --out m.safetensors --split s.json --seed 4"+small+"items.csv", at(provenance.FileRead, "items.csv"),
		at(provenance.FileRead, "s.json"), at(provenance.FileWritten, "m.safetensors"), fact("seed", "4"),
		fact("backend", "go"))
	told("evaluate --backend go --no-baselines --split s.json --json r.json --html r.html m.safetensors items.csv",
		at(provenance.FileRead, "items.csv"), at(provenance.FileRead, "s.json"), at(provenance.FileRead, "m.safetensors"),
		at(provenance.FileWritten, "r.json"), at(provenance.FileWritten, "r.html"), fact("backend", "go"))

	sum := sha256.Sum256([]byte(text))
	data := []origin.File{{Name: "items.csv", Bytes: int64(len(text)), SHA: hex.EncodeToString(sum[:])}}
	check := func(what string, o *origin.Origin) {
		t.Helper()
		if o == nil || o.Go != runtime.Version() || o.Backend != "go" || o.Plugin != nil || o.Seed != 4 ||
			o.Processor == "" || !slices.Equal(o.Data, data) {
			t.Fatalf("the %s is of %+v", what, o)
		}
	}
	m, err := siamese.Load(filepath.Join(dir, "m.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	check("model", m.Origin)
	saved, err := report.Load(filepath.Join(dir, "r.json"))
	if err != nil {
		t.Fatal(err)
	}
	check("report", saved.One().Origin)
	siameseSays(t, dir, "describe m.safetensors", "4 features to embeddings of 16 numbers", m.Origin.String())
	siameseSays(t, dir, "report r.json", saved.One().Origin.String())
	page, err := os.ReadFile(filepath.Join(dir, "r.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"backend go", "items.csv (" /* its size */, data[0].SHA[:12]} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for name, content := range map[string]string{"page": string(page), "origin": m.Origin.String()} {
		if strings.Contains(content, dir) {
			t.Errorf("the %s names a folder of this machine", name)
		}
	}
	if status, _, errOut := call("describe", "--near=.9", filepath.Join(dir, "m.safetensors")); status != 2 ||
		!strings.Contains(errOut, "--near") {
		t.Errorf("a flag for tables with a model: status %d, %s", status, errOut)
	}
}
