//go:build cgo

package acceptance_test

import (
	"math"
	"testing"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
)

// Several labels an item and labelled pairs of a batch are the same on several devices.
func TestLabelsOnDevices(t *testing.T) {
	backend := devicetest.OnDevices(t)
	items, trainPairs, valPairs := pairstest.PairsCase(t)
	for _, c := range []struct {
		name   string
		change func(c *siamese.Config)
		pairs  bool
	}{
		{"several labels, memory", func(c *siamese.Config) { c.XBMSize = 64 }, false},
		{"several labels, centres", func(c *siamese.Config) {
			c.Loss, c.ProxyLRMultiplier = labtest.LossOf("proxy-anchor"),
				10
		}, false},
		{"labelled pairs", func(c *siamese.Config) { c.Monitor = siamese.MonitorAUC }, true},
	} {
		run := func(devices int) *siamese.Result {
			cfg := toymodel.TaggedConfig("supcon")
			cfg.BatchPairs, cfg.LearningRate, cfg.PairsPerEpoch, cfg.Epochs = 16, 0.003, 8*16, 5 // 40 steps
			c.change(&cfg)
			cfg.Devices = devices
			var result *siamese.Result
			var err error
			if c.pairs {
				result, err = siamese.TrainPairs(t.Context(), backend, cfg, items, trainPairs, valPairs,
					siamese.TrainOptions{})
			} else {
				result, err = siamese.Train(t.Context(), backend, cfg, labtest.Tagged("t", 199, 30, 0.7, 1),
					labtest.Tagged("v", 60, 30, 0.7, 2), siamese.TrainOptions{})
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
