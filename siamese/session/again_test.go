package session_test

import (
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
	for _, row := range both.Rows {
		m := []*session.Model{first, other}[row.Place]
		name := []string{"learning_rate 0.001", "learning_rate 0.02"}[row.Place]
		if row.Name != name || row.Model != m.Key || row.Best != m.Best || row.MAP.Value != m.History[m.Best-1].ValMAP ||
			row.MAP.Low > row.MAP.Value || row.MAP.High < row.MAP.Value || row.MAP.Low == 0 || (row.Place == 0) != (row.Less == session.Measure{}) {
			t.Errorf("%+v", row)
		}
	}
	if both.Rows[0].MAP.Value < both.Rows[1].MAP.Value {
		t.Errorf("the best is not the first: %+v", both.Rows)
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
			if p.Same != (p.LeftLabel == p.RightLabel) || p.Left == p.Right {
				t.Errorf("%+v", p)
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
	if c.Same != 25 || c.Different != 25 || c.Threshold != model.Threshold || c.SameReach <= c.DifferentReach {
		t.Errorf("%+v", c)
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
	if i.Item != frame.IDs[3] || i.Label != frame.Labels[3] || len(i.Blocks) != 2 || i.Blocks[0].Name != "hog" ||
		i.Blocks[0].Features != 1296 || i.Blocks[0].Low != 0 || i.Blocks[0].High <= i.Blocks[0].Mean {
		t.Errorf("%+v", i)
	}
	if pictures, err := i.Show(ctx); err != nil || len(pictures) != 2 || pictures[0].PNG == nil {
		t.Errorf("%d outputs, %v", len(pictures), err)
	}
	if _, err := f.Item(ctx, "none"); !about(err, "ID") {
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
	if err := f.SavePicture(ctx, "none", path); !about(err, "ID") {
		t.Errorf("no such item: %v", err)
	}
	if err := f.Save(ctx, filepath.Join(dir, "frame.doc")); err == nil {
		t.Error("a format that there is not was written")
	}
}
