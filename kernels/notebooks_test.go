package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
)

// resultRow matches a row of the quickstart's result table: whose test items, what was compared, MAP@R, Recall@1,
// ROC-AUC.
var resultRow = regexp.MustCompile(`(?m)^(new items|unseen classes): (standardised features|trained encoder).*?` +
	strings.Repeat(`\s(\d\.\d+) \[\d\.\d+, \d\.\d+\]\s*`, 3))

// notebooksEnv is a folder for executed notebooks. Where it is set all of them are executed, which takes two minutes:
// `.ci/run` sets it, and reproduces what is written there. Other tests execute notebooks of their own.
const notebooksEnv = "SIAMESE_NOTEBOOKS"

// execute executes a notebook through the installed kernel, as a user does, with parameters that make it small: the
// same lines from end to end, on fewer images and pairs. It runs on a copy, so that the models of a user's own run stay.
func execute(t *testing.T, name string, small ...notebook.Set) (result jupyter.Result, dir string) {
	t.Helper()
	o, log := options(t)
	dir = os.Getenv(notebooksEnv)
	if dir == "" {
		t.Skipf("it takes a minute: .ci/run executes it; or set %s to a folder for executed notebooks", notebooksEnv)
	}
	o.HTML, o.Sets, o.Out = true, small, dir
	content, err := os.ReadFile(filepath.Join(o.Lab.Notebooks(), name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	result, err = jupyter.Notebook(t.Context(), path, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	t.Logf("%.1f s on %s\n%s\n%s", result.Seconds, o.Kernel, log, result.Results)
	nb, err := notebook.Read(result.Notebook)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range nb.Check() {
		if f.Text != "parameters of one run are kept in the notebook: execute it without -p" {
			t.Errorf("%s, executed: %s", name, f)
		}
	}
	return result, dir
}

func TestQuickstart(t *testing.T) {
	t.Parallel()
	result, _ := execute(t, "quickstart.ipynb", notebook.Set{Name: "PerClass", Value: "30"},
		notebook.Set{Name: "Epochs", Value: "2"},
		notebook.Set{Name: "PairsPerEpoch", Value: "3000"}, notebook.Set{Name: "MinROCAUC", Value: "0.9"},
		notebook.Set{Name: "MinLead", Value: "-1.0"})
	type scores struct{ mapAtR, recall, rocAUC float64 }
	got := map[string]scores{}
	for _, m := range resultRow.FindAllStringSubmatch(result.Results, -1) {
		var v [3]float64
		for i := range v {
			var err error
			if v[i], err = strconv.ParseFloat(m[3+i], 64); err != nil || v[i] <= 0 || v[i] > 1 {
				t.Errorf("%s is not a score between 0 and 1", m[3+i])
			}
		}
		got[m[1]+": "+m[2]] = scores{v[0], v[1], v[2]}
	}
	if len(got) != 4 {
		t.Fatalf("%d rows of results, want trained and untrained on both kinds of test items:\n%s", len(got),
			result.Results)
	}
	untrained, trained := got["new items: standardised features"], got["new items: trained encoder"]
	if trained.mapAtR <= untrained.mapAtR || trained.rocAUC <= untrained.rocAUC {
		t.Errorf("on new items of known classes training does not help: %+v, untrained %+v", trained, untrained)
	}
	checkPage(t, result.HTML, "data:image/svg+xml", "MAP@R")
}

// TestNewClasses: the notebook itself fails when the recipe is not surely better than the default on new classes.
func TestNewClasses(t *testing.T) {
	t.Parallel()
	result, dir := execute(t, "new-classes.ipynb", notebook.Set{Name: "PerClass", Value: "45"},
		notebook.Set{Name: "Epochs", Value: "2"},
		notebook.Set{Name: "Pairs", Value: "4000"}, notebook.Set{Name: "MinGain", Value: "0.0"})
	for _, want := range []string{
		"recommended (new classes) is better than default (new classes): MAP@R +", "by classes, one run",
		"features fitted to classes, no encoder",
	} {
		if !strings.Contains(result.Results, want) {
			t.Errorf("%q is missing in the results:\n%s", want, result.Results)
		}
	}
	checkPage(t, result.HTML, "data:image/svg+xml", "HOG", "GLCM", "recommended minus default")
	page, err := os.ReadFile(filepath.Join(dir, result.Runs, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(page); !strings.Contains(text, "<svg") || !strings.Contains(text, "data:image/png") {
		t.Errorf("the page to pass on has no plots or no pictures (%d bytes)", len(page))
	}
}

// TestTune: the notebook itself fails when a trial was trained twice. Ten classes of 70 images are the fewest that fill
// a batch of the recommended recipe, 512 items, from the four fifths that are trained on.
func TestTune(t *testing.T) {
	t.Parallel()
	result, _ := execute(t, "tune.ipynb", notebook.Set{Name: "PerClass", Value: "70"},
		notebook.Set{Name: "Epochs", Value: "1"},
		notebook.Set{Name: "Pairs", Value: "2000"}, notebook.Set{Name: "MinGain", Value: "-1.0"})
	if !strings.Contains(result.Results, "on watched classes 0.") {
		t.Errorf("the chosen trial was not judged:\n%s", result.Results)
	}
	checkPage(t, result.HTML, "data:image/svg+xml", "4 trials, judged on classes that are not trained on",
		"3 trainings on the same items", "4 trials kept")
}

// TestNotebooks checks that the repository's notebooks are fit to be committed.
func TestNotebooks(t *testing.T) {
	paths, err := committed(filepath.Join("..", "notebooks"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		findings, err := notebook.CheckFile(path)
		if err != nil {
			t.Error(err)
		}
		for _, f := range findings {
			t.Errorf("%s: %s", path, f)
		}
	}
}
