package study

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/explain"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/stats"
)

// What counts one class an item is an error instead of a wrong count, and pairs of labels are evaluated.
func TestSeveralLabels(t *testing.T) {
	backend := devicetest.Go(t)
	train, val, test := labtest.Tagged("t", 400, 30, 0.7, 1), labtest.Tagged("v", 150, 30, 0.7, 2),
		labtest.Tagged("w", 150, 30, 0.7, 3)
	cfg := toymodel.TaggedConfig("supcon")
	unseen := labtest.Labelled([]string{"x|a", "x", "y"}, nil)
	unseen.Columns = train.Columns
	unseen.Blocks, unseen.X = train.Blocks, make([]float32, 3*train.F())
	_, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{Unseen: unseen})
	labtest.WantError(t, err, `class "a" is trained on`)
	result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	loaded := toymodel.SaveAndLoad(t, result.Model)
	if loaded.Config.LabelSeparator != "|" {
		t.Errorf("the file has the separator %q", loaded.Config.LabelSeparator)
	}
	_, err = explain.Blocks(t.Context(), backend, loaded, test, explain.BlocksOptions{})
	labtest.WantError(t, err, "label_separator")
	_, err = RunProtocols(t.Context(), backend, train, cfg, ProtocolOptions{})
	labtest.WantError(t, err, "label_separator")
	cfg.Preprocess.Scale = preprocess.ScaleWithin
	labtest.WantError(t, cfg.Validate(), "label_separator")

	byLabels, err := evaluate.Items(t.Context(), backend, evaluate.One(loaded), "validation items", test, val,
		evaluate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	metrics, on := byLabels.One().Labels, byLabels.One()
	best := result.History[result.Best-1]
	if len(metrics) != 2 || metrics[0].Values[stats.MAPAtR] != best.ValMAP ||
		metrics[0].Values[stats.ROCAUC] != best.ValAUC ||
		metrics[1].Values[stats.MAPAtR] > metrics[0].Values[stats.MAPAtR]-0.1 {
		t.Errorf("%+v, and training said %+v", metrics, best)
	}
	if _, ok := on.Trained.Values[stats.MAPAtR]; ok || !on.GivenPairs || on.Trained.Intervals == nil || on.Pairs == 0 {
		t.Errorf("on pairs of labelled items: %+v", on)
	}
	plain, err := evaluate.Items(t.Context(), backend,
		[]evaluate.Model{{Name: "a", Model: loaded}, {Name: "b", Model: result.Model}}, "x", test, val,
		evaluate.Options{NoIntervals: true})
	if err != nil || len(plain.Reports) != 2 || plain.Reports[1].Labels == nil {
		t.Errorf("%v, %v", plain, err)
	}
	other := &siamese.Model{Config: loaded.Config, Transform: loaded.Transform, Standard: loaded.Standard,
		Layers: loaded.Layers}
	other.Config.LabelSeparator = ""
	_, err = evaluate.Items(t.Context(), backend,
		[]evaluate.Model{{Name: "a", Model: loaded}, {Name: "b", Model: other}}, "x", test, val, evaluate.Options{})
	labtest.WantError(t, err, "evaluate x: ", "label_separator", `b with ""`)
	_, err = evaluate.Items(t.Context(), backend, evaluate.One(loaded), "x", test, val, evaluate.Options{Estimate: 100})
	if !slices.Equal(option.Names(err), []string{"Estimate"}) {
		t.Errorf("an estimate of items with several labels: %v", err)
	}
	_, err = evaluate.Items(t.Context(), backend, evaluate.One(loaded), "x", test, val.Select([]int{9, 19, 29}),
		evaluate.Options{})
	labtest.WantError(t, err, "test items: ", "0 labelled items")

	both := data.Frame{X: append(append([]float32(nil), val.X...), test.X...), Columns: val.Columns, Blocks: val.Blocks,
		IDs: append(append([]string(nil), val.IDs...), test.IDs...)}
	onVal, err := pairs.FromLabels(val, "|", 2000, 1)
	if err != nil {
		t.Fatal(err)
	}
	onTest, err := pairs.FromLabels(test, "|", 4000, 1)
	if err != nil {
		t.Fatal(err)
	}
	for k := range onTest.Left {
		onTest.Left[k], onTest.Right[k] = onTest.Left[k]+int32(val.N()), onTest.Right[k]+int32(val.N())
	}
	onPairs, err := evaluate.Pairs(t.Context(), backend, evaluate.One(loaded), "new items", &both, onVal, onTest,
		evaluate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	report := onPairs.One()
	if report.Trained.Values[stats.ROCAUC] < report.Baseline.Values[stats.ROCAUC]+0.05 {
		t.Errorf("%v", report)
	}
}
