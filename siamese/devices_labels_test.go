package siamese

import (
	"math"
	"testing"
)

// Several labels an item and judged pairs of a batch are the same on several devices.
func TestLabelsOnDevices(t *testing.T) {
	backend := xlaOnly(t)
	if backend == nil {
		return
	}
	items, trainPairs, valPairs := pairsCase(t)
	for _, c := range []struct {
		name   string
		change func(c *Config)
		pairs  bool
	}{
		{"several labels, memory", func(c *Config) { c.Memory = 64 }, false},
		{"several labels, centres", func(c *Config) { c.Loss, c.CentreRate = lossOf("proxy-anchor"), 10 }, false},
		{"judged pairs", func(c *Config) { c.Monitor = MonitorAUC }, true},
	} {
		run := func(devices int) *Result {
			cfg := taggedConfig("supcon")
			cfg.BatchPairs, cfg.LearningRate, cfg.Epochs = 16, 0.003, 3
			c.change(&cfg)
			cfg.Devices = devices
			var result *Result
			var err error
			if c.pairs {
				result, err = TrainPairs(t.Context(), backend, cfg, items, trainPairs, valPairs, TrainOptions{})
			} else {
				result, err = Train(t.Context(), backend, cfg, tagged("t", 199, 30, 0.7, 1), tagged("v", 60, 30, 0.7, 2), TrainOptions{})
			}
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		one := run(1)
		for _, devices := range []int{2, 4} {
			several := run(devices)
			for i, e := range one.History {
				if off := math.Abs(several.History[i].Loss-e.Loss) / e.Loss; !(off <= 1e-5) {
					t.Errorf("%s: epoch %d has the loss %v on %d devices and %v on one", c.name, e.Number, several.History[i].Loss, devices, e.Loss)
				}
			}
		}
	}
}
