//go:build cgo

package siamese

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// On several devices views stand in for the items that they do on one.
func TestViewsOnDevices(t *testing.T) {
	backend := devicetest.OnDevices(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	for _, loss := range []string{"mse", "supcon"} {
		run := func(share float64, devices int, source augment.Source) *Result {
			cfg := toyConfig()
			cfg.Epochs, cfg.Loss, cfg.Devices, cfg.Monitor = 2, labtest.LossOf(loss), devices, MonitorAUC
			if share > 0 {
				cfg = augmented(cfg, share)
			}
			r, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{Views: source})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		// Items for themselves: no bit changes.
		wantSameRun(t, run(0.3, 4, noisyViews{}), run(0, 4, nil))
		// Others: as on one device, but for the order of sums.
		one, four := run(0.3, 1, noisyViews{noise: 0.2}), run(0.3, 4, noisyViews{noise: 0.2})
		for k, l := range one.Model.Layers {
			if !slices.EqualFunc(l.Weights, four.Model.Layers[k].Weights, func(a, b float32) bool {
				return max(a-b, b-a) < 2e-3
			}) {
				t.Errorf("%s: layer %d has other weights on four devices", loss, k)
			}
		}
	}
}
