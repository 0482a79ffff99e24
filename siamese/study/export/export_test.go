package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/search"
	"github.com/go-siamese/lab/siamese/study/space"
)

// result returns a search of 16 trials in all states.
func result(t *testing.T) *found.Result {
	t.Helper()
	s := space.Space{space.LogRange("learning_rate", 1e-4, 1e-1), space.Choice("optimizer", "adam", "=sgd()"),
		space.Range("momentum", 0, .875).If("optimizer", "=sgd()"), space.LogIntRange("preprocess.components", 20, 200),
		space.IntRange("epochs", 1, 9)}
	r := &found.Result{Space: s, Base: config.Recommended(), Sampler: "grid", Monitor: config.MonitorUnseenMAP}
	for k := range 16 {
		at, err := search.Grid{Levels: 2}.Propose(s, 1, k, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		score := float64(k%5) / 8
		run := found.Run{Trial: found.Trial{Number: k, Point: at, State: found.Complete, Score: score, Step: 2},
			Curve: []float64{score / 2, score}, HeldOut: score / 4, Same: -1, Config: r.Base, Seconds: float64(k) / 4}
		switch k {
		case 3:
			run.State, run.Error, run.Score, run.HeldOut = found.Failed, "+no \"way\"\nat all", 0, 0
		case 7:
			run.State, run.HeldOut = found.Pruned, 0
		case 9:
			run.Same = 2
		}
		r.Runs = append(r.Runs, run)
	}
	r.Honest = found.NewHonest(r.Runs)
	return r
}

// checked is testdata/checked.json: what Optuna and pandas read.
type checked struct {
	Direction  string
	Metrics    []string
	Best       int
	Importance map[string]float64
	Trials     []struct {
		Number  int
		State   string
		Value   *float64
		Params  map[string]any
		Attrs   map[string]any
		Steps   map[string]float64
		Seconds float64
	}
	Sums    map[string]string
	CSV     []string
	Parquet map[string]string
	Nulls   map[string]int
}

// TestGolden: the files are, to the byte, those that other programs were seen to read, and what these read is the
// search.
func TestGolden(t *testing.T) {
	dir := os.Getenv("SIAMESE_EXPORT")
	if dir == "" {
		dir = t.TempDir()
	}
	r := result(t)
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for _, err := range []error{Journal(filepath.Join(dir, "study.journal"), "a study", r, now),
		CSV(filepath.Join(dir, "runs.csv"), r), Parquet(filepath.Join(dir, "runs.parquet"), r)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join("testdata", "checked.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want checked
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for name, sum := range want.Sums {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s is not the file that testdata/check.py was run on", name)
		}
	}
	winner, _ := r.Winner()
	if want.Direction != "MAXIMIZE" || want.Best != winner.Number || len(want.Trials) != len(r.Runs) ||
		len(want.Sums) != 3 || len(want.Metrics) != 1 || want.Metrics[0] != r.Monitor {
		t.Fatalf("%+v", want)
	}
	names := map[found.State]string{found.Complete: "COMPLETE", found.Pruned: "PRUNED", found.Failed: "FAIL"}
	for i, got := range want.Trials {
		run := r.Runs[i]
		params := map[string]any{}
		for _, p := range r.Space {
			if v, ok := run.Point[p.Name]; ok && p.Kind == space.KindChoice {
				params[p.Name] = p.Text(v)
			} else if ok {
				params[p.Name] = v
			}
		}
		steps := map[string]float64{}
		for k, v := range run.Curve {
			steps[strconv.Itoa(k+1)] = v
		}
		if got.Number != i || got.State != names[run.State] || (got.Value == nil) != (run.State == found.Failed) ||
			got.Value != nil && *got.Value != run.Score || got.Seconds != run.Seconds {
			t.Errorf("%d: %+v", i, got)
		}
		if diff := cmp.Diff(params, got.Params) + cmp.Diff(steps, got.Steps); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
		if run.State == found.Complete && got.Attrs["held_out"] != run.HeldOut ||
			run.Error != "" && got.Attrs["error"] != run.Error {
			t.Errorf("%d: %v", i, got.Attrs)
		}
	}
	for _, i := range search.Importances(r.Space, r.Trials()) {
		if got := want.Importance[i.Name]; got-i.Share > 1e-9 || i.Share-got > 1e-9 {
			t.Errorf("importance of %s: %v, Optuna has %v", i.Name, i.Share, got)
		}
	}
	if want.Parquet["learning_rate"] != "float64" || want.Nulls["score"] != 1 || want.Nulls["held_out"] != 2 ||
		want.Nulls["momentum"] == 0 || want.Nulls["same_as"] != 15 || want.Nulls["error"] != 15 {
		t.Errorf("%v, %v", want.Parquet, want.Nulls)
	}
}

// TestTensorBoard: every trial has a run of its own with its settings, and a second call replaces it.
func TestTensorBoard(t *testing.T) {
	dir, r := t.TempDir(), result(t)
	for calls := 1; calls <= 2; calls++ {
		if err := TensorBoard(dir, r); err != nil {
			t.Fatal(err)
		}
		for _, run := range r.Runs {
			files, err := filepath.Glob(filepath.Join(dir, fmt.Sprintf("trial-%04d", run.Number), "events.out.tfevents.*"))
			if err != nil || len(files) != calls {
				t.Fatalf("trial %d: %q, %v", run.Number, files, err)
			}
			content, err := os.ReadFile(files[calls-1])
			if err != nil {
				t.Fatal(err)
			}
			for text, want := range map[string]bool{"learning_rate": true, "session_end_info": true, "score": true,
				"momentum": len(run.Point) == 5, "held_out": run.State == found.Complete,
				"score/best": run.Scored()} {
				if bytes.Contains(content, []byte(text)) != want {
					t.Errorf("trial %d: %s is there %v", run.Number, text, !want)
				}
			}
		}
	}
}

// TestFormulas: no cell of the CSV is run by a spreadsheet, and numbers stay numbers.
func TestFormulas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.csv")
	r := result(t)
	if err := CSV(path, r); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 17 || rows[4][6] != "'+no \"way\"\nat all" {
		t.Errorf("%q", rows[4])
	}
	choices := map[string]bool{}
	for _, row := range rows[1:] {
		choices[row[8]] = true
		if _, err := strconv.ParseFloat(row[7], 64); err != nil {
			t.Errorf("%q is no learning rate", row[7])
		}
	}
	if len(choices) != 2 || !choices["adam"] || !choices["'=sgd()"] {
		t.Errorf("%v", choices)
	}
}
