package lab_test

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/forensic"
	"github.com/go-siamese/lab/siamese/lab"
	reports "github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/worker"
)

// asWorker makes the tests' program a session's worker, whose values are in the folder that it names.
const asWorker = "LAB_TEST_WORKER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asWorker); dir != "" {
		if err := worker.Inherit(worker.Options{Dir: dir, Backend: "go"}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// failure runs what ends a cell, and returns its error; nil = it did not end.
func failure(do func()) (failed error) {
	defer func() { failed, _ = recover().(error) }()
	do()
	return nil
}

// TestPlay: where nobody can use a panel it trains and reports; a search chooses, and its winner is a model like others;
// what is wrong names the option as it is written here. The one session of the program ends with it.
func TestPlay(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asWorker, t.TempDir())
	t.Setenv("SIAMESE_SESSION", "")
	t.Setenv("SIAMESE_SESSION_WORKER", self)
	t.Cleanup(func() {
		if err := lab.Session().Close(); err != nil {
			t.Error(err)
		}
	})
	small := func(c *config.Config) {
		c.Layers, c.PairsPerEpoch, c.BatchPairs, c.Epochs, c.ValPairs = []int{8}, 64, 16, 1, 50
	}
	items := lab.Builtin(8)
	split := items.Split(lab.Test(0.2), lab.Val(0.2))
	var failed *cell.Failure
	// Errors have options as they are written here, and paths from the working directory.
	t.Chdir(t.TempDir())
	list := "left,right,label\n"
	for _, p := range split.Draw(100).List {
		list += fmt.Sprintf("%s,%s,%d\n", p.Left, p.Right, map[bool]int{false: 1}[p.Same])
	}
	if err := os.WriteFile("pairs.csv", []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := failure(func() { items.Pairs("pairs.csv") }); err == nil || !strings.Contains(err.Error(), "lab.Same") ||
		!strings.Contains(err.Error(), " pairs.csv") {
		t.Errorf("0 means the same: %v", err)
	}
	if err := failure(func() { items.Class("digits/x") }); err == nil || !strings.Contains(err.Error(), "digits/") {
		t.Errorf("a class that there is not: %v", err)
	}
	items.Save("items.parquet")
	if back := lab.Open("items.parquet"); back.Digest() != items.Digest() || back.Digest() == split.Side("test").Digest() ||
		!strings.HasPrefix(back.How, "items.parquet") {
		t.Errorf("saved and opened: %s, %s", back.Digest(), back.How)
	}
	first := split.Train(small)
	other := split.Train(small, lab.Set("Loss", "contrastive"), lab.Set("Monitor", "val_map"))
	if both := first.Beside(other); len(both.Methods) != 2 || both.Methods[0].Name == both.Methods[1].Name ||
		!strings.Contains(both.String(), "contrastive") || other.Config.Loss.Margin != 0.5 {
		t.Errorf("%v", both)
	}
	if err := failure(func() { split.Train(lab.Set("loss", "triple")) }); !errors.As(err, &failed) {
		t.Errorf("a loss that there is not: %v", err)
	}
	if d := split.Draw(4, lab.Set("WithinDomain", 1)); len(d.List) != 4 || d.Within != 1 || len(first.HardPairs(2).List) != 2 {
		t.Errorf("%v", d)
	}
	if again := first.Again(); again.Digest != first.Digest || again.Digest == other.Digest ||
		!strings.Contains(first.Cosines().String(), "threshold") || !strings.Contains(items.Item(items.IDs()[0]).String(), "hog") {
		t.Errorf("%s, once more %s", first.Digest, again.Digest)
	}
	split.Panel(small, lab.Set("Epochs", 2))
	if runs := split.Runs(); len(runs) != 0 || runs.String() != "no runs" {
		t.Errorf("runs of no panel: %v", runs)
	}
	if err := failure(func() { split.Model("fast") }); !errors.As(err, &failed) || !strings.Contains(err.Error(), `"fast"`) {
		t.Errorf("a run that there is not: %v", err)
	}
	model := split.Train(small, lab.Set("Epochs", 2))
	if len(model.History) != 2 {
		t.Errorf("%d epochs", len(model.History))
	}
	model.Explore()
	model.Explore(lab.At(items.IDs()[3]), lab.Judged("pairs.csv"))
	if err := failure(func() { model.Explore(lab.At("none")) }); !errors.As(err, &failed) ||
		!strings.Contains(err.Error(), "lab.At") {
		t.Errorf("an item that there is not: %v", err)
	}
	found := items.Search(lab.From(lab.Use(lab.Config()), small), lab.Trials(2), lab.Sampler("random"),
		lab.Among(lab.Range("dropout", 0, 0.5)))
	winner, ok := found.Result.Winner()
	if !ok || len(found.Result.Runs) != 2 || found.Result.Honest == nil {
		t.Fatalf("%+v", found.Result)
	}
	if model := found.Model(); model.Config.Dropout != winner.Config.Dropout || model.Config.Epochs != 1 {
		t.Errorf("the winner's model has %+v, not %+v", model.Config, winner.Config)
	}
	seeds := found.Seeds(2)
	if one := seeds[0].Result.Runs[0]; one.Score != winner.Score || seeds[1].Result.Runs[0].Config.Seed != one.Config.Seed+1 ||
		found.Known() || !found.Seeds(2)[1].Known() {
		t.Errorf("with its own seed the winner scores %v, then %v", winner.Score, one)
	}
	first, second := split.Train(small), split.Train(small, found.Best(), lab.Set("Layers", []int{4}))
	compared := split.CompareWith([]*lab.Model{first, second.Named("second")}, lab.Prior(.01), lab.CostFP(3))
	if one := compared.Of("second"); len(compared.Differences) != 1 || second.Config.Monitor != "val_map" ||
		one.Metric("map_at_r").Value != compared.Differences[0]["map_at_r"].Value+compared.Of("model 1").Metric("map_at_r").Value {
		t.Errorf("compared: %v", compared)
	}
	const costs = "prior 0.01, costs 3 of a false positive and 1 of a false negative"
	if text := compared.String(); !strings.Contains(text, costs) {
		t.Errorf("compared without the costs asked for: %s", text)
	}
	if err := failure(func() { compared.Metric("map") }); err == nil {
		t.Error("a metric that there is not")
	}
	if err := failure(func() { first.Evaluate().Thresholds() }); err == nil || !strings.Contains(err.Error(), "lab.Details") {
		t.Errorf("thresholds of a report without details: %v", err)
	}
	if err := failure(func() { split.Compare(first) }); err == nil {
		t.Error("one model to compare")
	}
	decisions := filepath.Join(t.TempDir(), "decisions.json")
	first.Evaluate(lab.Prior(0.01), lab.CostFP(3), lab.CostFN(2), lab.Guarantee(0.2)).Save(decisions)
	saved, err := reports.Load(decisions)
	if err != nil {
		t.Fatal(err)
	}
	e := saved.One().Evidence
	if e == nil || e.Costs != (forensic.Costs{Prior: .01, FP: 3, FN: 2}) || len(e.Guarantees) == 0 || e.Guarantees[0].Most != .2 {
		t.Errorf("evidence %+v", e)
	}
	first.SaveIndex("items.index")
	one := split.Draw(1).List[0].Left
	near, in := first.Similar(one, 3), first.In("items.index").Similar(one, 3)
	if len(in.List) != 3 || in.List[0].ID != near.List[0].ID || in.Recall != "" {
		t.Errorf("in an index %v, want %v", in, near)
	}
	for name, wrong := range map[string]*lab.Model{"Rerank": first.Rerank(3).In("items.index"),
		"of these labels": first.In("items.index", lab.OnlyLabels()), "another model": second.In("items.index")} {
		if err := failure(func() { wrong.Similar(one) }); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err = failure(func() { first.Evaluate(lab.Transductive) })
	if err == nil || !strings.Contains(err.Error(), "lab.Transductive") {
		t.Errorf("transductive without PLDA: %v", err)
	}
	for name, wrong := range map[string]lab.Option[session.EvaluateOptions]{"lab.Prior": lab.Prior(1), "lab.CostFP": lab.CostFP(-1),
		"lab.CostFN": lab.CostFN(-1), "lab.Guarantee": lab.Guarantee(2)} {
		err := failure(func() { first.Evaluate(wrong) })
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	across := items.Split(lab.By("classes"), lab.HoldOut("digits/7", "digits/8"), lab.Test(10))
	if all := items.Split(lab.HoldOut("digits/7", "digits/8"), lab.Test(1000)); across.Sides.Test != 10 || all.Sides.Test != 16 {
		t.Errorf("of 16 items that are held out %d and %d are to test on", across.Sides.Test, all.Sides.Test)
	}
	test := split.Side("test")
	if err := failure(func() { first.ScoreOf(test, "x") }); err == nil || !strings.Contains(err.Error(), "40 new items") {
		t.Errorf("scores of a side: %v", err)
	}
	path := filepath.Join(t.TempDir(), "new.png")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(file, image.NewGray(image.Rect(0, 0, 28, 28))), file.Close()); err != nil {
		t.Fatal(err)
	}
	id := test.IDs()[0]
	if score := first.ScoreOf(lab.Pictures(path), id); score.Left != "new.png" || score.Right != id {
		t.Errorf("a picture and an item: %v", score)
	}
	if !strings.Contains(found.String(), "dropout") {
		t.Errorf("the search says %q", found)
	}
	err = failure(func() { items.Search(lab.Sampler("gird")) })
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "lab.Sampler") {
		t.Errorf("a sampler that there is not: %v", err)
	}
}
