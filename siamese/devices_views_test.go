//go:build cgo

package siamese

import (
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
		// Items for themselves change nothing, others are as on one device; sums may be in another order.
		if d := apart(run(0, 4, nil).Model, run(0.3, 4, noisyViews{}).Model); !(d < rounding) {
			t.Errorf("%s: items in place of themselves: weights are apart by %v", loss, d)
		}
		one, four := run(0.3, 1, noisyViews{noise: 0.2}), run(0.3, 4, noisyViews{noise: 0.2})
		if d := apart(one.Model, four.Model); !(d < rounding) {
			t.Errorf("%s: weights on four devices are apart from those on one by %v", loss, d)
		}
	}
}
