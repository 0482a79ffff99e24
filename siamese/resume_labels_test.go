package siamese

import (
	"context"
	"math"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// taggedConfig trains on items of several labels.
func taggedConfig(name string) Config {
	cfg := toyConfig()
	cfg.LabelSeparator, cfg.Loss, cfg.Monitor, cfg.ProxyLRMultiplier, cfg.Dropout = "|", labtest.LossOf(name),
		MonitorMAP, 10, 0
	cfg.Layers, cfg.Epochs = []int{48, 16}, 8
	return cfg
}

// Runs on several labels go on to the same bits, with a memory, with centres and with pairs.
func TestResumeSeveralLabels(t *testing.T) {
	for _, name := range []string{"supcon", "proxy-anchor", "mse"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			devicetest.OnOneOfMany(t, name == "supcon", func(t *testing.T, backend *device.Backend) {
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
				if steps := cfg.Epochs * stepsPerEpoch(cfg); got.Resumed == 0 || got.Resumed >= steps {
					t.Errorf("resumed after %d of %d steps", got.Resumed, steps)
				}
				wantSameRun(t, got, want)
			})
		})
	}
}
