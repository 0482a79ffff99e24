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
	"github.com/go-siamese/lab/kernels/internal/proc"
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
		name: "4-evaluate", parameters: []string{"PerClass=60", "Epochs=2", "Pairs=4000", "MinGain=0.0"},
		results: []string{"recommended (unseen classes) is better than default (unseen classes): MAP@R +",
			"by classes, one run", "features fitted to classes, no encoder"},
		page: []string{"data:image/svg+xml", "HOG", "GLCM", "recommended minus default", "unseen domains",
			"threshold chosen by", "as expected: "}, more: reportToPassOn,
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
	{
		name: "5-tune", parameters: []string{"PerClass=40", "Trials=4", "Epochs=1", "Pairs=1000", "MinLead=-1.0"},
		results: []string{"is the best of 4", "on items that chose nothing", "by how much the score flattered"},
		page:    []string{"data:image/svg+xml", "seed 44: ", "as expected: 4 trials kept, none trained again"}, more: searchToPassOn,
	},
	{
		name: "6-search", parameters: []string{"PerClass=60", "Epochs=2", "Pairs=4000", "MinFound=2"},
		results: []string{"nearest to digits-", "nearest to fashion-"},
		page:    []string{"image/png", "probability of the same", "as expected: "}, more: numpyLines,
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

// reportToPassOn: the page that 4-evaluate writes has plots and pictures in it.
func reportToPassOn(t *testing.T, result jupyter.Result, dir string) {
	page, err := os.ReadFile(filepath.Join(dir, result.Runs, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(page); !strings.Contains(text, "<svg") || !strings.Contains(text, "data:image/png") {
		t.Errorf("the page to pass on has no plots or no pictures (%d bytes)", len(page))
	}
}

// searchToPassOn: what 5-tune writes for other programs is there.
func searchToPassOn(t *testing.T, result jupyter.Result, dir string) {
	for _, name := range []string{"search.journal", "search.csv", filepath.Join("tensorboard", "trial-0003")} {
		if _, err := os.Stat(filepath.Join(dir, result.Runs, name)); err != nil {
			t.Error(err)
		}
	}
}

// numpyLines: the lines of 6-search for NumPy read what it has written, and find the neighbours that it shows.
func numpyLines(t *testing.T, result jupyter.Result, dir string) {
	nb, err := notebook.Read(result.Notebook)
	if err != nil {
		t.Fatal(err)
	}
	var lines, shown string
	for _, c := range nb.Cells {
		if _, after, found := strings.Cut(c.Source(), "```python\n"); found {
			lines, _, _ = strings.Cut(after, "```")
		}
		if strings.HasPrefix(c.Source(), "first := ") {
			for _, o := range c.Outputs() {
				shown += o.Data("text/plain") + "\n"
			}
		}
	}
	script := filepath.Join(t.TempDir(), "lines.py")
	if err := os.WriteFile(script, []byte(strings.Replace(lines, "runs/6-search", result.Runs, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := proc.Cmd{Name: runnersPython(t), Args: []string{"-I", script}, Dir: dir}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^(0\.\d{4}) (\S+)$`).FindAllStringSubmatch(out, -1)
	if len(found) != 5 || !strings.Contains(out, "layers.0.weights") || !strings.Contains(out, "the same from 0.") {
		t.Fatalf("the lines print\n%s", out)
	}
	for _, f := range found {
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(f[2]) + `\s.*\s` + f[1] + `\s`).MatchString(shown) {
			t.Errorf("the lines find %s, the notebook has\n%s", f[0], shown)
		}
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
