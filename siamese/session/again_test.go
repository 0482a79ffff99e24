package session_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
)

// about reports whether an error of a call is about the option.
func about(err error, name string) bool {
	var failed *session.Error
	return errors.As(err, &failed) && slices.Equal(failed.Options, []string{name})
}

// TestStopAndGoOn: a training that was stopped goes on to the bits of one that ran through, in whichever order they are
// asked for.
func TestStopAndGoOn(t *testing.T) {
	ctx := t.Context()
	s := connect(t, t.TempDir())
	f, err := s.Open(ctx, items(t, 90, 1), session.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	split, err := f.Split(ctx, session.SplitOptions{Val: .2, Test: .2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	cfg := small()
	cfg.Epochs, cfg.Patience = 4, 0
	cut := func(epochs int) *session.Model {
		t.Helper()
		m, err := split.TrainFor(ctx, cfg, epochs, session.TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(m.History) != epochs || (m.Cut != "") != (epochs < cfg.Epochs) {
			t.Errorf("stopped after %d epochs: %d, cut %q", epochs, len(m.History), m.Cut)
		}
		return m
	}
	second := cut(2)
	first := cut(1) // its state is of a later epoch
	if first.Digest == second.Digest || first.Known || second.Known {
		t.Errorf("after one epoch %+v, after two %+v", first.Digest, second.Digest)
	}
	whole, err := split.Train(ctx, cfg, session.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := whole.Again(ctx, session.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if again.Key == whole.Key || again.Digest != whole.Digest || whole.Digest == "" || len(whole.History) != 4 ||
		again.Cut+whole.Cut != "" {
		t.Errorf("the whole %.20s %q, once more %.20s %q", whole.Digest, whole.Cut, again.Digest, again.Cut)
	}
	if again.String() != whole.String() { // one went on, the other ran through
		t.Errorf("the whole says\n%v\nonce more\n%v", whole, again)
	}
	if after := cut(3); after.Known { // the whole training has ended
		t.Errorf("%+v", after)
	}
	if all := cut(4); all.Digest != whole.Digest {
		t.Errorf("four of four epochs %.20s, the whole %.20s", all.Digest, whole.Digest)
	}
	if _, err := first.Again(ctx, session.TrainOptions{}); !about(err, "Model") {
		t.Errorf("a stopped training once more: %v", err)
	}
	if _, err := split.TrainFor(ctx, cfg, 0, session.TrainOptions{}); !about(err, "Epochs") {
		t.Errorf("stopped after no epoch: %v", err)
	}
}

// TestSideBySide: trainings of one split are judged on its validation items, by what their histories say too.
func TestSideBySide(t *testing.T) {
	ctx := t.Context()
	s := connect(t, t.TempDir())
	_, split, first := trained(t, s, items(t, 90, 1))
	cfg := small()
	cfg.LearningRate = 0.02
	other, err := split.Train(ctx, cfg, session.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	both, err := s.Trainings(ctx, first, other)
	if err != nil {
		t.Fatal(err)
	}
	for k, row := range both.Methods {
		place := slices.Index([]string{"learning_rate 0.001", "learning_rate 0.02"}, row.Name)
		if place < 0 {
			t.Fatalf("%v", both.Methods)
		}
		m := []*session.Model{first, other}[place]
		got := row.Metrics["map_at_r"]
		if _, less := both.Differences[k]["map_at_r"]; got.Value != m.History[m.Best-1].ValMAP || got.Low > got.Value ||
			got.High < got.Value || got.Low == 0 || less != (place == 1) {
			t.Errorf("%v, differences %v", row, both.Differences[k])
		}
	}
	if both.Methods[0].Metrics["map_at_r"].Value < both.Methods[1].Metrics["map_at_r"].Value {
		t.Errorf("the best is not the first: %v", both.Methods)
	}
	if pictures, err := both.Show(ctx); err != nil || len(pictures) != 2 || pictures[1].SVG == "" {
		t.Errorf("%d outputs, %v", len(pictures), err)
	}
	if _, err := s.Trainings(ctx, first); !about(err, "Models") {
		t.Errorf("one training: %v", err)
	}
}

// TestDrawnPairs: pairs are drawn as the configuration says, hard ones are of the model, and cosines of the test items.
func TestDrawnPairs(t *testing.T) {
	ctx := t.Context()
	s := connect(t, t.TempDir())
	f, err := s.Builtin(ctx, 8)
	if err != nil {
		t.Fatal(err)
	}
	split, err := f.Split(ctx, session.SplitOptions{Val: .25, Test: .25})
	if err != nil {
		t.Fatal(err)
	}
	frame, err := f.Data(ctx)
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{}
	for i, id := range frame.IDs {
		labels[id] = frame.Labels[i]
	}
	for _, within := range []float64{0, .5, 1} {
		cfg := config.Default()
		cfg.WithinDomain = within
		d, err := split.Draw(ctx, cfg, 10)
		if err != nil {
			t.Fatal(err)
		}
		same := 0
		for _, p := range d.List {
			if p.Same {
				same++
			}
			if p.Same != (labels[p.Left] == labels[p.Right]) || p.Left == p.Right {
				t.Errorf("%s and %s: same %t", p.Left, p.Right, p.Same)
			}
		}
		// A share of 10,000 pairs is within .02 of what is asked for, that of one domain is higher by chance.
		if len(d.List) != 10 || same != 5 || d.Same != .5 || d.Within < within-.02 || within == 1 && d.Within != 1 ||
			d.Rarest < .03 || d.Commonst > .07 {
			t.Errorf("within %g: %+v", within, d)
		}
	}
	cfg := small()
	model, err := split.Train(ctx, cfg, session.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	hard, err := model.HardPairs(ctx, 6)
	if err != nil {
		t.Fatal(err)
	}
	if len(hard.List) != 6 || hard.List[0].Same == hard.List[5].Same {
		t.Errorf("%+v", hard)
	}
	if pictures, err := hard.Show(ctx); err != nil || len(pictures) != 2 || pictures[1].PNG == nil {
		t.Errorf("%d outputs, %v", len(pictures), err)
	}
	c, err := model.Cosines(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var facts struct {
		Same, Different, Threshold float64
		SameReach                  float64 `json:"same_reach"`
		DifferentReach             float64 `json:"different_reach"`
	}
	if err := json.Unmarshal(c.Facts, &facts); err != nil || facts.Same != 25 || facts.Different != 25 ||
		facts.Threshold != model.Threshold || facts.SameReach <= facts.DifferentReach {
		t.Errorf("%+v, %v", facts, err)
	}
	if pictures, err := c.Show(ctx); err != nil || len(pictures) != 1 || pictures[0].SVG == "" {
		t.Errorf("%d outputs, %v", len(pictures), err)
	}
	if _, err := split.Draw(ctx, config.Default(), 0); !about(err, "N") {
		t.Errorf("no pair: %v", err)
	}
}

// TestItem: an item has its picture, its HOG and its blocks; a frame that is saved opens as the same one, and a picture
// that is saved has the features that it was made of.
func TestItem(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s := connect(t, t.TempDir())
	f, err := s.Builtin(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	frame, err := f.Data(ctx)
	if err != nil {
		t.Fatal(err)
	}
	i, err := f.Item(ctx, frame.IDs[3])
	if err != nil {
		t.Fatal(err)
	}
	var facts struct {
		Item, Label string
		Blocks      []struct {
			Block           string
			Features        int
			Low, High, Mean float64
		}
	}
	if err := json.Unmarshal(i.Facts, &facts); err != nil || facts.Item != frame.IDs[3] || facts.Label != frame.Labels[3] ||
		len(facts.Blocks) != 2 || facts.Blocks[0].Block != "hog" || facts.Blocks[0].Features != 1296 ||
		facts.Blocks[0].Low != 0 || facts.Blocks[0].High <= facts.Blocks[0].Mean {
		t.Errorf("%+v, %v", facts, err)
	}
	if pictures, err := i.Show(ctx); err != nil || len(pictures) != 2 || pictures[0].PNG == nil {
		t.Errorf("%d outputs, %v", len(pictures), err)
	}
	if _, err := f.Item(ctx, "none"); !about(err, "Item") {
		t.Errorf("no such item: %v", err)
	}
	for _, name := range []string{"frame.parquet", "frame.csv"} {
		path := filepath.Join(dir, name)
		if err := f.Save(ctx, path); err != nil {
			t.Fatal(err)
		}
		if back, _, err := table.Open(ctx, path, table.Options{NoCache: true}); err != nil || back.Hash() != frame.Hash() {
			t.Errorf("%s: another frame, %v", name, err)
		}
	}
	path := filepath.Join(dir, "one.png")
	if err := f.SavePicture(ctx, frame.IDs[3], path); err != nil {
		t.Fatal(err)
	}
	one, err := s.Open(ctx, path, session.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := one.Data(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range fresh.Row(0) {
		if v != frame.Row(3)[k] {
			t.Fatalf("feature %d of the saved picture is %v, not %v", k, v, frame.Row(3)[k])
		}
	}
	if err := f.SavePicture(ctx, "none", path); !about(err, "Item") {
		t.Errorf("no such item: %v", err)
	}
	if err := f.Save(ctx, filepath.Join(dir, "frame.doc")); err == nil {
		t.Error("a format that there is not was written")
	}
}
