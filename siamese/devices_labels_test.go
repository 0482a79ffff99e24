//go:build cgo

package siamese

import (
	"math"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/labdevice"
	"github.com/go-siamese/lab/siamese/internal/labtest/labpairs"
)

// Several labels an item and judged pairs of a batch are the same on several devices.
func TestLabelsOnDevices(t *testing.T) {
	backend := labdevice.OnDevices(t)
	items, trainPairs, valPairs := labpairs.PairsCase(t)
	for _, c := range []struct {
		name   string
		change func(c *Config)
		pairs  bool
	}{
		{"several labels, memory", func(c *Config) { c.XBMSize = 64 }, false},
		{"several labels, centres", func(c *Config) {
			c.Loss, c.ProxyLRMultiplier = labtest.LossOf("proxy-anchor"),
				10
		}, false},
		{"judged pairs", func(c *Config) { c.Monitor = MonitorAUC }, true},
	} {
		run := func(devices int) *Result {
			cfg := taggedConfig("supcon")
			cfg.BatchPairs, cfg.LearningRate, cfg.PairsPerEpoch, cfg.Epochs = 16, 0.003, 8*16, 5 // 40 steps
			c.change(&cfg)
			cfg.Devices = devices
			var result *Result
			var err error
			if c.pairs {
				result, err = TrainPairs(t.Context(), backend, cfg, items, trainPairs, valPairs, TrainOptions{})
			} else {
				result, err = Train(t.Context(), backend, cfg, labtest.Tagged("t", 199, 30, 0.7, 1),
					labtest.Tagged("v", 60, 30, 0.7, 2), TrainOptions{})
			}
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		one, two := run(1), run(2)
		for i, e := range one.History {
			if off := math.Abs(two.History[i].Loss-e.Loss) / e.Loss; !(off <= 1e-5) {
				t.Errorf("%s: epoch %d has the loss %v on two devices and %v on one", c.name, e.Number,
					two.History[i].Loss, e.Loss)
			}
		}
	}
}
