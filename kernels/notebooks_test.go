package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
)

// resultRow matches a row of the quickstart's result tables: whose test items, what was compared, ROC-AUC, EER, accuracy,
// MAP@R, Recall@1.
var resultRow = regexp.MustCompile(`(?m)^(new items|unseen classes): (standardised features|trained encoder).*?` +
	strings.Repeat(`\s(\d\.\d+) \[\d\.\d+, \d\.\d+\]\s*`, 5))

// notebooksEnv is a folder for executed notebooks. Where it is set all of them are executed, which takes minutes:
// `.ci/run` sets it, and reproduces what is written there. Other tests execute notebooks of their own.
const notebooksEnv = "SIAMESE_NOTEBOOKS"

// execute executes a notebook through the installed kernel, as a user does, with parameters that make it small: the
// same lines from end to end, on fewer images and pairs. It runs on a copy, so that the models of a user's own run stay.
func execute(t *testing.T, n small) (result jupyter.Result, dir string) {
	t.Helper()
	name := n.name + ".ipynb"
	o, log := options(t)
	dir = os.Getenv(notebooksEnv)
	if dir == "" {
		t.Skipf("it takes a minute: .ci/run executes it; or set %s to a folder for executed notebooks", notebooksEnv)
	}
	o.HTML, o.Out = true, dir
	for _, p := range n.parameters {
		name, value, _ := strings.Cut(p, "=")
		o.Sets = append(o.Sets, notebook.Set{Name: name, Value: value})
	}
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

// small is a notebook with parameters that make it small, and what has to come out of it. That the result is what it
// was is for the notebook itself to see: its last cell fails otherwise.
type small struct {
	name       string
	parameters []string                                              // NAME=VALUE
	results    []string                                              // parts of the text of the cell tagged results
	page       []string                                              // parts of its page
	more       func(t *testing.T, result jupyter.Result, dir string) // nil = that is all
}

// smalls are all notebooks of the repository.
var smalls = []small{
	{
		name: "quickstart", parameters: []string{"PerClass=30", "Epochs=2", "PairsPerEpoch=3000", "MinROCAUC=0.9",
			"MinLead=-1.0"},
		page: []string{"data:image/svg+xml", "MAP@R"}, more: quickstart,
	},
	{
		name: "new-classes", parameters: []string{"PerClass=45", "Epochs=2", "Pairs=4000", "MinGain=0.0"},
		results: []string{"recommended (new classes) is better than default (new classes): MAP@R +",
			"by classes, one run", "features fitted to classes, no encoder"},
		page: []string{"data:image/svg+xml", "HOG", "GLCM", "recommended minus default"}, more: reportToPassOn,
	},
	{
		name: "1-features", parameters: []string{"PerClass=30"},
		results: []string{"kind_code"}, page: []string{"image/png", "measured.csv", "refused: "},
	},
	{
		name: "2-pairs", parameters: []string{"PerClass=30", "Epochs=2", "Pairs=2000", "MinROCAUC=0.6"},
		results: []string{"test pairs: trained encoder"},
		page:    []string{"image/png", "exact-duplicates", "refused: ", "lab.Same"},
	},
	{
		name: "3-train", parameters: []string{"PerClass=40", "Epochs=3", "Pairs=2000", "MinGain=-1.0"},
		results: []string{"difference from mse", "supcon", "contrastive"},
		page:    []string{"data:image/svg+xml", "stopped and gone on  sha256:"},
	},
	{ // ten classes of 70 images are the fewest that fill a batch of the recommended recipe, 512 items
		name: "tune", parameters: []string{"PerClass=70", "Epochs=1", "Pairs=2000", "MinGain=-1.0"},
		results: []string{"on watched classes 0."},
		page: []string{"data:image/svg+xml", "4 trials, judged on classes that are not trained on",
			"3 trainings on the same items", "4 trials kept"},
	},
}

// TestNotebooks executes the repository's notebooks.
func TestNotebooks(t *testing.T) {
	for _, n := range smalls {
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			result, dir := execute(t, n)
			for _, want := range n.results {
				if !strings.Contains(result.Results, want) {
					t.Errorf("%q is missing in the results:\n%s", want, result.Results)
				}
			}
			checkPage(t, result.HTML, n.page...)
			if n.more != nil {
				n.more(t, result, dir)
			}
		})
	}
}

// quickstart: training helps on new items, and both kinds of test items have their scores.
func quickstart(t *testing.T, result jupyter.Result, _ string) {
	type scores struct{ mapAtR, rocAUC float64 }
	got := map[string]scores{}
	for _, m := range resultRow.FindAllStringSubmatch(result.Results, -1) {
		var v [5]float64
		for i := range v {
			var err error
			if v[i], err = strconv.ParseFloat(m[3+i], 64); err != nil || v[i] <= 0 || v[i] > 1 {
				t.Errorf("%s is not a score between 0 and 1", m[3+i])
			}
		}
		got[m[1]+": "+m[2]] = scores{mapAtR: v[3], rocAUC: v[0]}
	}
	if len(got) != 4 {
		t.Fatalf("%d rows of results, want trained and untrained on both kinds of test items:\n%s", len(got),
			result.Results)
	}
	untrained, trained := got["new items: standardised features"], got["new items: trained encoder"]
	if trained.mapAtR <= untrained.mapAtR || trained.rocAUC <= untrained.rocAUC {
		t.Errorf("on new items of known classes training does not help: %+v, untrained %+v", trained, untrained)
	}
}

// reportToPassOn: the page that new-classes writes has plots and pictures in it.
func reportToPassOn(t *testing.T, result jupyter.Result, dir string) {
	page, err := os.ReadFile(filepath.Join(dir, result.Runs, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(page); !strings.Contains(text, "<svg") || !strings.Contains(text, "data:image/png") {
		t.Errorf("the page to pass on has no plots or no pictures (%d bytes)", len(page))
	}
}

// TestNotebooksFit checks that the repository's notebooks are fit to be committed, and that TestNotebooks executes each.
func TestNotebooksFit(t *testing.T) {
	paths, err := committed(filepath.Join("..", "notebooks"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".ipynb")
		if !slices.ContainsFunc(smalls, func(n small) bool { return n.name == name }) {
			t.Errorf("%s: no test executes it", path)
		}
		findings, err := notebook.CheckFile(path)
		if err != nil {
			t.Error(err)
		}
		for _, f := range findings {
			t.Errorf("%s: %s", path, f)
		}
	}
}
