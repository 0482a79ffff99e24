package siamese

import (
	"context"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/loss"
)

// taggedConfig trains on items of several labels.
func taggedConfig(name string) Config {
	cfg := toyConfig()
	cfg.LabelSeparator, cfg.Loss, cfg.Monitor, cfg.CentreRate, cfg.Dropout = "|", lossOf(name), MonitorMAP, 10, 0
	cfg.Layers, cfg.Epochs = []int{48, 16}, 8
	return cfg
}

// Every loss makes of items with several labels what the features are not, by figures that know nothing of unknown labels.
func TestTrainOnSeveralLabels(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := tagged("t", 400, 30, 0.7, 1), tagged("v", 150, 30, 0.7, 2)
	labels := labellingOf(val, "|")
	for _, name := range loss.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := Train(t.Context(), backend, taggedConfig(name), train, val, TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			z, err := unitRows(t.Context(), result.Model.Standard, val)
			if err != nil {
				t.Fatal(err)
			}
			auc, mapAtR, err := labels.judge(t.Context(), z)
			if err != nil {
				t.Fatal(err)
			}
			best := result.History[result.Best-1]
			t.Logf("MAP@R %.3f from %.3f, ROC-AUC %.3f from %.3f", best.ValMAP, mapAtR, best.ValAUC, auc)
			if best.ValMAP < mapAtR+0.15 || best.ValAUC < auc+0.05 {
				t.Errorf("MAP@R %.3f from %.3f, ROC-AUC %.3f from %.3f", best.ValMAP, mapAtR, best.ValAUC, auc)
			}
		})
	}
}

// Where every item has one label, a separator changes nothing, to the bit.
func TestTrainSeparatorOfSingleLabels(t *testing.T) {
	for _, name := range []string{"mse", "supcon", "arcface"} {
		onOneOfMany(t, name == "supcon", func(t *testing.T, backend *Backend) {
			train, val := toy("t", 4, 20, 9, 0.5, 1), toy("v", 4, 10, 9, 0.5, 2)
			cfg := taggedConfig(name)
			cfg.Epochs = 2
			list, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			cfg.LabelSeparator = ""
			one, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !cmp.Equal(list.Model.Layers, one.Model.Layers) {
				t.Errorf("%s: other weights", name)
			}
		})
	}
}

// The relation in the graph is that of the labels: between items of a batch, with a memory and with centres.
func TestTagsGraph(t *testing.T) {
	f := tagged("i", 24, 3, 1, 1)
	l := labellingOf(f, "|")
	items := []int32{9, 3, 0, 19, 7, 8, 12, 4}
	classes := len(l.names)
	onBackends(t, func(t *testing.T, backend *Backend) {
		n := len(items)
		numbers := make([]int32, 0, n*l.most)
		for _, v := range l.numbers(items) {
			numbers = append(numbers, int32(v))
		}
		out := run1(t, backend, func(in []*Node) []*Node {
			tags := tagsGraph(in[0], l.most, classes)
			rel := loss.FromTags(tags, tags, 0).WithoutSelf()
			return []*Node{tags, ConvertDType(rel.Positive, tags.DType()), ConvertDType(rel.Negative, tags.DType())}
		}, tensors.FromFlatDataAndDimensions(numbers, len(numbers)))
		for a, i := range items {
			for c := range classes {
				if has := share(l.of[i], []int32{int32(c)}); (out[0][a*classes+c] == 1) != has {
					t.Errorf("item %d of class %d: %v", i, c, out[0][a*classes+c])
				}
			}
			for b, j := range items {
				same, known := l.relation(int(i), int(j))
				if k := a*n + b; a != b && ((out[1][k] == 1) != same || (out[2][k] == 1) != (known && !same)) || a == b && out[1][k]+out[2][k] != 0 {
					t.Errorf("%q and %q: positive %v, negative %v", f.Labels[i], f.Labels[j], out[1][k], out[2][k])
				}
			}
		}
	})
}

// Runs on several labels go on to the same bits, with a memory, with centres and with pairs.
func TestResumeSeveralLabels(t *testing.T) {
	for _, name := range []string{"supcon", "proxy-anchor", "mse"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onOneOfMany(t, name == "supcon", func(t *testing.T, backend *Backend) {
				cfg := taggedConfig(name)
				cfg.Epochs, cfg.PairsPerEpoch, cfg.Dropout = 3, someCalls(backend)*cfg.BatchPairs, 0.2
				switch name {
				case "supcon":
					cfg.Memory = 2 * 2 * cfg.BatchPairs
				case "mse":
					cfg.HardPairs = 0.25
				}
				train, val := tagged("t", 200, 9, 0.5, 1), tagged("v", 60, 9, 0.5, 2)
				run := func(ctx context.Context, opts TrainOptions) (*Result, error) {
					return Train(ctx, backend, cfg, train, val, opts)
				}
				undisturbed := newEndingContext(t.Context(), math.MaxInt32)
				want, err := run(undisturbed, TrainOptions{})
				if err != nil {
					t.Fatal(err)
				}
				dir, asked := t.TempDir(), math.MaxInt32-undisturbed.left.Load()
				for _, questions := range []int32{asked / 4, asked / 3} {
					_, err := run(newEndingContext(t.Context(), questions), TrainOptions{State: dir})
					wantError(t, err, context.Canceled.Error())
				}
				got, err := run(t.Context(), TrainOptions{State: dir})
				if err != nil {
					t.Fatal(err)
				}
				if steps := cfg.Epochs * cfg.stepsPerEpoch(); got.Resumed == 0 || got.Resumed >= steps {
					t.Errorf("resumed after %d of %d steps", got.Resumed, steps)
				}
				wantSameRun(t, got, want)
			})
		})
	}
}

// What counts one class an item says so instead of counting wrongly, and pairs of labels are judged.
func TestSeveralLabelsJudged(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val, test := tagged("t", 400, 30, 0.7, 1), tagged("v", 150, 30, 0.7, 2), tagged("w", 150, 30, 0.7, 3)
	cfg := taggedConfig("supcon")
	unseen := labelled([]string{"x|a", "x", "y"}, nil)
	unseen.Columns = train.Columns
	unseen.Blocks, unseen.X = train.Blocks, make([]float32, 3*train.F())
	_, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{Unseen: unseen})
	wantError(t, err, `class "a" is trained on`)
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	loaded := saveAndLoad(t, result.Model)
	if loaded.Config.LabelSeparator != "|" {
		t.Errorf("the file has the separator %q", loaded.Config.LabelSeparator)
	}
	_, err = Evaluate(t.Context(), backend, loaded, "new items", val, test)
	wantError(t, err, `label_separator: "|"`)
	_, err = ExplainBlocks(t.Context(), backend, loaded, test, BlocksOptions{})
	wantError(t, err, "label_separator")
	_, err = RunProtocols(t.Context(), backend, train, cfg, ProtocolOptions{})
	wantError(t, err, "label_separator")
	cfg.Preprocess.Scale = preprocess.ScaleWithin
	wantError(t, cfg.Validate(), "label_separator")

	figures, err := EvaluateLabels(t.Context(), backend, loaded, val)
	if err != nil {
		t.Fatal(err)
	}
	best := result.History[result.Best-1]
	if len(figures) != 2 || figures[0].MAPAtR != best.ValMAP || figures[0].ROCAUC != best.ValAUC || figures[1].MAPAtR > figures[0].MAPAtR-0.1 {
		t.Errorf("%+v, and training said %+v", figures, best)
	}
	_, err = EvaluateLabels(t.Context(), backend, loaded, val.Select([]int{9, 19, 29}))
	wantError(t, err, "test items: pairs: 0 class(es)")

	both := data.Frame{X: append(append([]float32(nil), val.X...), test.X...), Columns: val.Columns, Blocks: val.Blocks,
		IDs: append(append([]string(nil), val.IDs...), test.IDs...)}
	onVal, err := LabelPairs(val, "|", 2000, 1)
	if err != nil {
		t.Fatal(err)
	}
	onTest, err := LabelPairs(test, "|", 4000, 1)
	if err != nil {
		t.Fatal(err)
	}
	for k := range onTest.Left {
		onTest.Left[k], onTest.Right[k] = onTest.Left[k]+int32(val.N()), onTest.Right[k]+int32(val.N())
	}
	report, err := EvaluatePairs(t.Context(), backend, loaded, "new items", &both, onVal, onTest)
	if err != nil {
		t.Fatal(err)
	}
	if report.Trained.ROCAUC < report.Baseline.ROCAUC+0.05 {
		t.Errorf("%v", report)
	}
}
