package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/report"
)

// From models to pages: of one, of two with intervals, and of their files without.
func TestReportPages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	siameseSays(t, dir, "split --out s.json --val 0.2 --test 0.2 --duplicates exact builtin:20")
	for _, seed := range []string{"1", "2"} {
		siameseSays(t, dir, "train --out m"+seed+".safetensors --split s.json --seed "+seed+small+"builtin:20")
	}
	read := func(name string, want ...string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s: %q is missing in %.300s", name, w, text)
			}
		}
		return string(text)
	}
	for _, seed := range []string{"1", "2"} {
		siameseSays(t, dir,
			"evaluate --backend go --no-baselines --split s.json --cost-fn 3 --html r"+seed+".html "+
				"--json r"+seed+".json m"+seed+".safetensors builtin:20", "new items: 80 items")
		page := read("r"+seed+".html", "<!DOCTYPE html>", "Hardest pairs", "m"+seed+".safetensors, sha256:",
			"s.json, sha256:", "builtin:20", "data:image/png;base64,")
		if strings.Contains(page, dir) || strings.Contains(page, "src=\"http") {
			t.Error("the page names a folder of this machine, or an address")
		}
	}
	saved, err := report.Load(filepath.Join(dir, "r1.json"))
	if err != nil || len(saved.Reports) != 1 || saved.One().Details == nil {
		t.Fatalf("%+v, %v", saved, err)
	}
	one := saved.One()
	siameseSays(t, dir,
		"evaluate --backend go --no-baselines --split s.json --html both.html --json both.json "+
			"m1.safetensors m2.safetensors builtin:20",
		"m1.safetensors\nnew items", "m2.safetensors (new items) is ", "95 % intervals by items",
		"m2.safetensors against m1.safetensors")
	read("both.html", "m2.safetensors minus m1.safetensors")

	// The page of a file is that of the evaluation.
	const told = "new items: 80 items of 20 classes, estimated from 40 of them as queries against all"
	siameseSays(t, dir,
		"evaluate --backend go --no-baselines --estimate 40 --split s.json --html estimate.html "+
			"--json estimate.json m1.safetensors builtin:20", told, "intervals of estimates")
	read("estimate.html", "80 items of 20 classes, estimated from 40 of them as queries against all",
		"for all pairs of these items, from a sample of queries, and not for other items")
	siameseSays(t, dir, "report estimate.json", told)
	siameseSays(t, dir,
		"evaluate --backend go --no-baselines --estimate 40 --estimate-seed 7 --split s.json "+
			"m1.safetensors m2.safetensors builtin:20", told,
		"m2.safetensors against m1.safetensors: 95 % intervals by query")

	siameseSays(t, dir, "report --html again.html --images builtin r1.json", "new items: 80 items")
	if page := read("again.html"); page != read("r1.html") {
		t.Error("the page of the file differs")
	}
	siameseSays(t, dir, "report --html again.html both.json", "m2.safetensors against m1.safetensors")
	read("again.html", "m2.safetensors minus m1.safetensors")
	siameseSays(t, dir, "report --html two.html r1.json r2.json", "r2.json (new items) beside r1.json (new items)",
		"no interval")
	read("two.html", "Trained encoders on the same items")
	siameseSays(t, dir, "report both.json r2.json", "r2.json (new items) beside m1.safetensors (new items)")
	if said := siameseSays(t, dir, "report both.json r1.json"); strings.Count(said, "computed by ") != 2 {
		t.Errorf("of three reports of two models each origin is said once, not so:\n%s", said)
	}

	// Pictures of a folder, by their ids.
	pictures := filepath.Join(dir, "pictures")
	for _, p := range append(one.Details.Of[0].Same, one.Details.Of[0].Different...) {
		for _, id := range []string{p.Left, p.Right} {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(pictures, id)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(pictures, id), onePixel(t), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	siameseSays(t, dir, "report --html p.html --images pictures r1.json")
	read("p.html", "data:image/png;base64,")

	for name, text := range map[string]string{"empty.json": "{}",
		"pairs.json": `{"reports": [{"name": "x", "given_pairs": true, "pairs_hash": "sha256:1"}]}`,
		"bare.json":  `{"reports": [{"name": "x", "given_pairs": true}]}`, "null.json": `{"reports": [null]}`,
		"page.txt": "It is no JSON", "p.json": `{"protocols": [{"name": "items", "complete": 3}]}`,
		"spoilt.json": strings.Replace(read("r1.json"), `"eer": 0`, `"eer": 2`, 1),
		"other.json":  strings.Replace(read("r1.json"), one.ItemsHash, "sha256:77", 1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "empty", "r1.json"), []byte(read("other.json")), 0o644); err != nil {
		t.Fatal(err)
	}
	siameseSays(t, dir, "report --html p.html pairs.json", "x: 0 pairs")
	read("p.html", "nothing can be said: no pair is positive")
	evaluate := "evaluate --backend go --no-baselines --split s.json "
	for _, c := range []struct{ args, want string }{
		{"report", "<report> ..."},
		{"report --images pictures r1.json", "--images: "},
		{"report --html p.html --images none r1.json", "--images: none: "},
		{"report --html p.html --images s.json r1.json", "it is not a folder"},
		{"report --html no/p.html r1.json", "no such file"},
		{"report none.json", "none.json"},
		{"report s.json", `s.json: json: unknown field "format"`},
		{"report empty.json", "there is no report"},
		{"report p.json", "items: 3 of 0 folds are complete"},
		{"report r1.json pairs.json", "r1.json (new items) is about items and pairs.json (x) about pairs"},
		{"report r1.json p.json", "p.json: items: 3 of 0 folds are complete"},
		{"report bare.json", "pairs_hash is missing"},
		{"report r1.json r1.json", "r1.json is given twice"},
		{"report page.txt", "page.txt: invalid character 'I'"},
		{"report r1.json empty/r1.json", "r1.json (new items) and empty/r1.json (new items) are about different items"},
		{"report r1.json other.json", "r1.json (new items) and other.json (new items) are about different items"},
		{"report spoilt.json", "eer is 2"},
		{"report null.json", "null.json: report 1: the report is missing"},
		{"report --html e.html --images empty r1.json", "none of "},
		{"evaluate --backend go --pairs p.csv --split s.json m1.safetensors m2.safetensors builtin:20", "p.csv"},
		{evaluate + "--resamples 3 m1.safetensors builtin:20", "--resamples: 3"},
		{"evaluate --backend go --split s.json --json c.json --cost-fn -3 m1.safetensors builtin:20",
			"--cost-fn: -3"},
		{"evaluate --split s.json builtin:20", "give a model and the table"},
		{"evaluate --split s.json m1.safetensors none.safetensors builtin:20", "none.safetensors"},
		{"evaluate --split s.json --html none/x.html m1.safetensors builtin:20", "none/"},
		{evaluate + "--html x.html m1.safetensors m1.safetensors builtin:20",
			"the model m1.safetensors is given twice"},
	} {
		said, err := siameseCommand(t, dir, c.args).CombinedOutput()
		if err == nil || !strings.Contains(string(said), c.want) {
			t.Errorf("siamese %s: %v, %q is missing in\n%.600s", c.args, err, c.want, said)
		}
	}
}

// onePixel returns an image file.
func onePixel(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// Ids of items may try to leave the folder.
func TestPicturesStayInTheFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.png"), onePixel(t), 0o644); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(dir, "in")
	if err := os.Mkdir(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "secret.png"), filepath.Join(inside, "link.png")); err != nil {
		t.Fatal(err)
	}
	f := &finder{folder: inside}
	for _, id := range []string{"../secret.png", filepath.Join(dir, "secret.png"), "link.png", "", ".", "none.png"} {
		if m := f.of(id); m != nil {
			t.Errorf("%q is read", id)
		}
	}
	if err := f.problem(); err == nil || !strings.Contains(err.Error(), "none of 6 pictures") {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(inside, "a.png"), onePixel(t), 0o644); err != nil {
		t.Fatal(err)
	}
	if m := f.of("a.png"); m == nil || f.problem() != nil {
		t.Errorf("%v, %v", m, f.problem())
	}
}
