package acceptance_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/loss"
)

// With every loss, training on items of several labels makes better embeddings than features, by metrics that leave out
// items without a label.
func TestTrainOnSeveralLabels(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Tagged("t", 400, 30, 0.7, 1), labtest.Tagged("v", 150, 30, 0.7, 2)
	labels := itemset.LabelsOf(val, "|")
	for _, name := range loss.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := toymodel.TaggedConfig(name)
			result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			z, err := embedding.UnitRows(t.Context(), result.Model.Standard, val)
			if err != nil {
				t.Fatal(err)
			}
			auc, mapAtR, err := labels.Evaluate(t.Context(), z)
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
		devicetest.OnOneOfMany(t, name == "supcon", func(t *testing.T, backend *device.Backend) {
			train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
			cfg := toymodel.TaggedConfig(name)
			cfg.Epochs = 2
			list, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			cfg.LabelSeparator = ""
			one, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !cmp.Equal(list.Model.Layers, one.Model.Layers) {
				t.Errorf("%s: other weights", name)
			}
		})
	}
}
