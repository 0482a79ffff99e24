package panel

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/loss/spec"
	"github.com/go-siamese/lab/siamese/session"
)

// TestChoices: every choice of the form is one that Validate knows, and every setting of the tables is one of Config.
func TestChoices(t *testing.T) {
	var names []string
	for _, f := range fields.Of(config.Default()) {
		names = append(names, f.Name)
	}
	for _, name := range first {
		if !slices.Contains(names, name) {
			t.Errorf("there is no setting %s", name)
		}
	}
	for name, of := range choices {
		if !slices.Contains(names, name) {
			t.Errorf("there is no setting %s", name)
			continue
		}
		// A word that is none of them is refused, with those that are.
		cfg := config.Default()
		set(t, &cfg, name, "no such word")
		if name == "loss.mining" {
			cfg.Loss, _ = spec.Default("triplet")
			set(t, &cfg, name, "no such word")
		}
		refused := problemsOf(cfg.Validate())[name]
		for _, choice := range of {
			if choice != "" && !strings.Contains(refused, choice) {
				t.Errorf("%s: %q is not among %q", name, choice, refused)
			}
		}
	}
}

// set sets a setting by its text.
func set(t *testing.T, cfg *config.Config, name, text string) {
	t.Helper()
	for _, f := range fields.Of(cfg) {
		if f.Name == name {
			if err := f.Set(text); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestForm edits settings as the page does: what cannot be is told at its field and is no configuration; another loss
// brings its own parameters.
func TestForm(t *testing.T) {
	heard := 0
	f := newForm(config.Default(), func() { heard++ })
	at := func(name string) *row {
		return f.rows[slices.IndexFunc(f.rows, func(r *row) bool { return r.name == name })]
	}
	f.edit(at("layers"), "64,x")
	if _, ok := f.Config(); ok || !strings.Contains(at("layers").words, "whole number") {
		t.Errorf("a configuration with wrong layers: %v, %q", ok, at("layers").words)
	}
	f.edit(at("layers"), "64,32")
	f.edit(at("dropout"), "1")
	if _, ok := f.Config(); ok || !strings.Contains(at("dropout").words, "is not in [0, 1)") || at("layers").words != "" {
		t.Errorf("dropout of 1: %v, %q, layers %q", ok, at("dropout").words, at("layers").words)
	}
	f.edit(at("dropout"), "0.3")
	f.edit(at("loss.name"), "supcon")
	cfg, ok := f.Config()
	want := config.Default()
	want.Layers, want.Dropout, want.Monitor = []int{64, 32}, .3, config.MonitorMAP
	want.Loss, _ = spec.Default("supcon")
	if diff := cmp.Diff(want, cfg); diff != "" || !ok {
		t.Errorf("%v %v %s", ok, cfg.Validate(), diff)
	}
	f.Fill(config.Recommended())
	if cfg, ok := f.Config(); !ok || !cmp.Equal(cfg, config.Recommended()) {
		t.Errorf("the preset: %v %s", ok, cmp.Diff(config.Recommended(), cfg))
	}
	if heard != 5 {
		t.Errorf("%d changes were told", heard)
	}
}

// TestUnseen: a value that a control cannot show is told at it until the user moves it, and is the one that trains.
func TestUnseen(t *testing.T) {
	cfg := config.Default()
	cfg.LearningRate = 1e-7
	f := newForm(cfg, func() {})
	at := func(name string) *row {
		return f.rows[slices.IndexFunc(f.rows, func(r *row) bool { return r.name == name })]
	}
	rate := at("learning_rate")
	check := func(when string, told bool, want float64) {
		t.Helper()
		got, ok := f.Config()
		if strings.Contains(rate.words, "it is 1e-07, which the control cannot show") != told || !ok ||
			got.LearningRate != want {
			t.Errorf("%s: %q, %v %v", when, rate.words, got.LearningRate, ok)
		}
	}
	check("at first", true, 1e-7)
	f.edit(at("dropout"), "0.3")
	check("after another edit", true, 1e-7)
	f.edit(rate, "0.01")
	check("after it was moved", false, .01)
	f.Fill(cfg)
	check("of a run", true, 1e-7)
	f.Fill(config.Default())
	check("of the default", false, config.Default().LearningRate)
}

// TestGoCode: the lines are those that differ from the nearest preset, in Go.
func TestGoCode(t *testing.T) {
	cfg := config.Recommended()
	cfg.Layers, cfg.LearningRate, cfg.Preprocess.Whiten, cfg.Seed = []int{64, 32}, .002, false, math.MaxUint64
	cfg.Preprocess.BlockWeights = map[string]float64{"hog": 1, `a"b`: .5}
	cfg.Loss.Name, cfg.Ensemble = "triplet", [][]int{{64, 32}, {8}}
	want := `cfg := config.Recommended()
cfg.Layers = []int{64, 32}
cfg.Ensemble = [][]int{{64, 32}, {8}}
cfg.Preprocess.BlockWeights = map[string]float64{"a\"b": 0.5, "hog": 1}
cfg.Preprocess.Whiten = false
cfg.Loss.Name = "triplet"
cfg.LearningRate = 0.002
cfg.Seed = 18446744073709551615
`
	if diff := cmp.Diff(want, GoCode(cfg)); diff != "" {
		t.Error(diff)
	}
	if got := GoCode(config.Default()); got != "cfg := config.Default()\n" {
		t.Errorf("%q", got)
	}
}

// TestRuns: runs are kept in files; one that ran when its worker ended can go on; a damaged file is a run that says so.
func TestRuns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs")
	runs, err := OpenRuns(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b <i>", "c"} {
		if _, err := runs.Add(config.Default(), name); err != nil {
			t.Fatal(err)
		}
	}
	b := runs.List()[1]
	b.Status, b.Verdict = Done, "it helps"
	if err := runs.Put(&b); err != nil {
		t.Fatal(err)
	}
	if err := runs.Delete(runs.List()[2].ID); err != nil {
		t.Fatal(err)
	}
	again, err := OpenRuns(dir)
	if err != nil {
		t.Fatal(err)
	}
	list := again.List()
	if len(list) != 2 || list[0].Status != Stopped || list[1].Verdict != "it helps" || list[1].String() != `run 2 b <i>` {
		t.Errorf("%+v", list)
	}
	if c, err := again.Add(config.Default(), ""); err != nil || c.Number != 3 {
		t.Errorf("%+v %v", c, err)
	}
	if err := os.WriteFile(filepath.Join(dir, list[0].ID+".json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	damaged, err := OpenRuns(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := damaged.List()
	if len(got) != 3 || got[0].Status != Unreadable || got[0].ID != list[0].ID || !strings.Contains(got[0].Problem, list[0].ID) {
		t.Errorf("a damaged file: %+v", got)
	}
	got[0].Name = "renamed"
	if err := damaged.Put(&got[0]); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, list[0].ID+".json")); err != nil || string(b) != "{" {
		t.Errorf("the file is %q %v", b, err)
	}
	if err := damaged.Delete(list[0].ID); err != nil || len(damaged.List()) != 2 {
		t.Errorf("%v %v", damaged.List(), err)
	}
}

// TestLive: a long training keeps a bounded curve that spans all of it, and says when it overfits.
func TestLive(t *testing.T) {
	run := &Run{}
	run.Config = config.Default()
	l := newLive(run)
	for epoch := 1; epoch <= 10; epoch++ {
		for step := 1; step <= 1000; step++ {
			l.progress(history.Progress{Epoch: epoch, Epochs: 10, Step: step, Steps: 1000, Loss: 1 / float64(epoch)})
		}
		e := history.Epoch{Number: epoch, Loss: 1 / float64(epoch), ValLoss: math.Abs(float64(epoch) - 6)}
		e.Diagnostics.Spread, e.Diagnostics.MeanDifferent = .5, .1
		l.epoch(e)
	}
	n := len(l.Loss)
	if n < mostPoints/3 || n > mostPoints || l.Loss[0][0] > .1 || l.Loss[n-1][0] != 10 {
		t.Errorf("%d points from %v to %v", n, l.Loss[0], l.Loss[n-1])
	}
	if !slices.IsSortedFunc(l.Loss, func(a, b [2]float64) int { return int(math.Copysign(1, a[0]-b[0])) }) {
		t.Error("the curve goes back")
	}
	if l.Val[9] != [2]float64{10, 4} || len(l.Warnings) == 0 || !strings.Contains(l.Warnings[0], "overfits: from epoch 7") {
		t.Errorf("%v %q", l.Val, l.Warnings)
	}
	// What was told from the middle on is made whole by the history: every epoch, and the steps that are known.
	gap := newLive(run)
	gap.progress(history.Progress{Epoch: 3, Epochs: 4, Step: 1, Steps: 2, Loss: .5, Last: &epochs(2)[1]})
	gap.Loss = gap.Loss[1:] // from the middle of epoch 3 on
	gap.finished(&session.Model{History: epochs(4)})
	if len(gap.Val) != 4 || gap.Val[0][0] != 1 || !cmp.Equal(gap.Loss, [][2]float64{{1, 1}, {2, .5}, {2.5, .5}, {3, 1. / 3},
		{4, .25}}) {
		t.Errorf("%v %v", gap.Val, gap.Loss)
	}
	collapsed := history.Epoch{Number: 11, Loss: 1, ValLoss: 1}
	l.epoch(collapsed)
	if last := l.Warnings[len(l.Warnings)-1]; !strings.Contains(last, "epoch 11: the encoder has collapsed") {
		t.Errorf("%q", l.Warnings)
	}
}
