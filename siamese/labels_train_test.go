package siamese

import (
	"context"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/labdevice"
	"github.com/go-siamese/lab/siamese/loss"
)

// taggedConfig trains on items of several labels.
func taggedConfig(name string) Config {
	cfg := toyConfig()
	cfg.LabelSeparator, cfg.Loss, cfg.Monitor, cfg.ProxyLRMultiplier, cfg.Dropout = "|", labtest.LossOf(name),
		MonitorMAP, 10, 0
	cfg.Layers, cfg.Epochs = []int{48, 16}, 8
	return cfg
}

// Every loss makes of items with several labels what the features are not, by figures that know nothing of unknown
// labels.
func TestTrainOnSeveralLabels(t *testing.T) {
	backend, err := labdevice.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Tagged("t", 400, 30, 0.7, 1), labtest.Tagged("v", 150, 30, 0.7, 2)
	labels := itemset.LabelsOf(val, "|")
	for _, name := range loss.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := Train(t.Context(), backend, taggedConfig(name), train, val, TrainOptions{})
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
		labdevice.OnOneOfMany(t, name == "supcon", func(t *testing.T, backend *device.Backend) {
			train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
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

// Runs on several labels go on to the same bits, with a memory, with centres and with pairs.
func TestResumeSeveralLabels(t *testing.T) {
	for _, name := range []string{"supcon", "proxy-anchor", "mse"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			labdevice.OnOneOfMany(t, name == "supcon", func(t *testing.T, backend *device.Backend) {
				cfg := taggedConfig(name)
				cfg.Epochs, cfg.PairsPerEpoch, cfg.Dropout = 3, someCalls(backend)*cfg.BatchPairs, 0.2
				switch name {
				case "supcon":
					cfg.XBMSize = 2 * 2 * cfg.BatchPairs
				case "mse":
					cfg.HardMining = 0.25
				}
				train, val := labtest.Tagged("t", 200, 9, 0.5, 1), labtest.Tagged("v", 60, 9, 0.5, 2)
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
					labtest.WantError(t, err, context.Canceled.Error())
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
