package acceptance_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/loss"
)

// Every loss learns a separable problem.
func TestTrainWithEveryLoss(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	for _, name := range loss.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := toymodel.Config()
			cfg.Monitor = siamese.MonitorMAP
			cfg.Loss, cfg.ProxyLRMultiplier = labtest.LossOf(name), 10
			result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			first, best := result.History[0], result.History[result.Best-1]
			if best.ValAUC < 0.9 || result.History[len(result.History)-1].Loss >= first.Loss {
				t.Errorf("ROC-AUC %.3f, losses from %.4f on: %+v", best.ValAUC, first.Loss, result.History)
			}
			again, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
			if err != nil || !cmp.Equal(again.Model.Layers, result.Model.Layers) {
				t.Errorf("%v: the same seed gave other weights", err)
			}
		})
	}
}

// On XLA the loop inside the graph holds a loss on all pairs of a batch as well.
func TestTrainSupConOnEveryBackend(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
		cfg := toymodel.Config()
		cfg.Monitor, cfg.PairsPerEpoch = siamese.MonitorMAP, 40*cfg.BatchPairs // more than one call an epoch
		cfg.Loss = labtest.LossOf("supcon")
		result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if best := result.History[result.Best-1]; best.ValAUC < 0.9 {
			t.Errorf("ROC-AUC %.3f", best.ValAUC)
		}
	})
}
