//go:build cgo

package siamese

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/step"
)

// What is compiled ahead is what steps run: nothing is compiled for other shapes, and nothing stays in use.
func TestCompiledAhead(t *testing.T) {
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	for name, change := range map[string]func(*Config){
		"as it is": func(*Config) {},
		"all of the state": func(c *Config) {
			c.Loss, c.Monitor, c.XBMSize = labtest.LossOf("supcon"), MonitorMAP, 64
			c.BatchNorm, c.EMADecay = true, 0.9
		},
		"centres of classes": func(c *Config) {
			c.Loss, c.Monitor, c.Optimizer = labtest.LossOf("proxy-anchor"), MonitorMAP, config.OptimizerSGD
		},
		"several devices": func(c *Config) { c.Devices = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			backend := devicetest.OnDevices(t)
			cached, ok := device.ExecCaches.Load(backend.Backend)
			if !ok {
				t.Fatal("the backend has no cache")
			}
			cache := cached.(*device.ExecCache)
			cfg := toyConfig()
			cfg.Epochs, cfg.PairsPerEpoch = 1, 64
			change(&cfg)
			m, err := Untrained(t.Context(), cfg, train)
			if err != nil {
				t.Fatal(err)
			}
			items, err := classTask(cfg, train, val, TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			wait := step.Ahead(backend.Backend, stepOptions(cfg, 2), slices.Concat([]int{m.F()}, cfg.Layers), train.N(),
				items.of)
			if wait == nil {
				t.Fatal("nothing was begun")
			}
			ahead := cache.List[len(cache.List)-1] // the latest
			wait()
			if ahead.Name() != "train-step" || len(ahead.Ready) != 1 || ahead.Users != 0 {
				t.Fatalf("%s for %d shapes, with %d users", ahead.Name(), len(ahead.Ready), ahead.Users)
			}
			if _, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{}); err != nil {
				t.Fatal(err)
			}
			latest := ahead
			for _, e := range cache.List {
				if e.Name() == "train-step" {
					latest = e
				}
			}
			if latest != ahead {
				t.Error("the run compiled a step of its own")
			}
			if len(ahead.Ready) != 1 || ahead.Users != 0 {
				t.Errorf("the run compiled its step for other shapes: %v; %d users", ahead.Ready, ahead.Users)
			}
		})
	}
}
