package study

import (
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/explain"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/labdevice"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/pairs"
)

// What counts one class an item says so instead of counting wrongly, and pairs of labels are judged.
func TestSeveralLabelsJudged(t *testing.T) {
	backend, err := labdevice.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val, test := labtest.Tagged("t", 400, 30, 0.7, 1), labtest.Tagged("v", 150, 30, 0.7, 2), labtest.Tagged("w", 150, 30, 0.7, 3)
	cfg := toymodel.TaggedConfig("supcon")
	unseen := labtest.Labelled([]string{"x|a", "x", "y"}, nil)
	unseen.Columns = train.Columns
	unseen.Blocks, unseen.X = train.Blocks, make([]float32, 3*train.F())
	_, err = siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{Unseen: unseen})
	labtest.WantError(t, err, `class "a" is trained on`)
	result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	loaded := toymodel.SaveAndLoad(t, result.Model)
	if loaded.Config.LabelSeparator != "|" {
		t.Errorf("the file has the separator %q", loaded.Config.LabelSeparator)
	}
	_, err = evaluate.Items(t.Context(), backend, loaded, "new items", val, test)
	labtest.WantError(t, err, `label_separator: "|"`)
	_, err = explain.Blocks(t.Context(), backend, loaded, test, explain.BlocksOptions{})
	labtest.WantError(t, err, "label_separator")
	_, err = RunProtocols(t.Context(), backend, train, cfg, ProtocolOptions{})
	labtest.WantError(t, err, "label_separator")
	cfg.Preprocess.Scale = preprocess.ScaleWithin
	labtest.WantError(t, cfg.Validate(), "label_separator")

	figures, err := evaluate.Labels(t.Context(), backend, loaded, val)
	if err != nil {
		t.Fatal(err)
	}
	best := result.History[result.Best-1]
	if len(figures) != 2 || figures[0].MAPAtR != best.ValMAP || figures[0].ROCAUC != best.ValAUC || figures[1].MAPAtR > figures[0].MAPAtR-0.1 {
		t.Errorf("%+v, and training said %+v", figures, best)
	}
	_, err = evaluate.Labels(t.Context(), backend, loaded, val.Select([]int{9, 19, 29}))
	labtest.WantError(t, err, "test items: pairs: 0 class(es)")

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
	report, err := evaluate.Pairs(t.Context(), backend, loaded, "new items", &both, onVal, onTest)
	if err != nil {
		t.Fatal(err)
	}
	if report.Trained.ROCAUC < report.Baseline.ROCAUC+0.05 {
		t.Errorf("%v", report)
	}
}
