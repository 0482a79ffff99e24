package siamese

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// onDisk returns the frame with its features in a file.
func onDisk(t *testing.T, f *data.Frame) *data.Frame {
	t.Helper()
	out, release, err := ondisk.Select(t.Context(), f, itemset.AllItems(f), t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return out
}

// Batches of items on disk give the bits of training on items in memory, for pairs, for classes, with views and for
// several encoders.
func TestStreamHasTheSameBits(t *testing.T) {
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	supcon := toyConfig()
	supcon.Loss, supcon.Monitor, supcon.XBMSize = labtest.LossOf("supcon"), MonitorMAP, 64
	mined, _, _ := resumeCase()
	for name, cfg := range map[string]Config{"pairs": mined, "classes": supcon,
		"several encoders": ensembleOf(augmented(mined, 0.3))} {
		cfg.Epochs, cfg.PairsPerEpoch = 2, 20*cfg.BatchPairs
		t.Run(name, func(t *testing.T) {
			compare := func(t *testing.T, backend *device.Backend) {
				opts := TrainOptions{}
				if cfg.Augment.On() {
					opts.Views = noisyViews{noise: 0.1}
				}
				want, err := Train(t.Context(), backend, cfg, train, val, opts)
				if err != nil {
					t.Fatal(err)
				}
				opts.Stream = true
				got, err := Train(t.Context(), backend, cfg, onDisk(t, train), val, opts)
				if err != nil {
					t.Fatal(err)
				}
				sameRun(t, want, got)
			}
			if name == "classes" { // of the others XLA would take seconds to compile each
				devicetest.OnBackends(t, compare)
				return
			}
			backend, err := devicetest.GoBackend()
			if err != nil {
				t.Fatal(err)
			}
			compare(t, backend)
		})
	}
}

// sameRun compares weights and histories to the bit, but for speed.
func sameRun(t *testing.T, want, got *Result) {
	t.Helper()
	if diff := cmp.Diff(want.Model.Encoders(), got.Model.Encoders()); diff != "" {
		t.Error("other weights:", diff[:min(len(diff), 500)])
	}
	for _, r := range []*Result{want, got} {
		for k := range r.History {
			r.History[k].PairsPerSec = 0
		}
	}
	if diff := cmp.Diff(want.History, got.History); diff != "" {
		t.Error("another history:", diff)
	}
}

// A run on disk that is cancelled amid an epoch goes on to the bits of one in memory that was not.
func TestStreamResumes(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	reportAlways(t)
	cfg, train, val := resumeCase()
	cfg.Epochs, cfg.PairsPerEpoch = 2, 20*cfg.BatchPairs
	want, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	disk := onDisk(t, train)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opts := TrainOptions{Stream: true, State: t.TempDir(), Progress: func(p Progress) {
		if p.Epoch == 2 && p.Step == 7 {
			cancel()
		}
	}}
	if _, err := Train(ctx, backend, cfg, disk, val, opts); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	got, err := Train(t.Context(), backend, cfg, disk, val, opts)
	if err != nil {
		t.Fatal(err)
	}
	if got.Resumed == 0 {
		t.Error("it began anew")
	}
	sameRun(t, want, got)
}

// What takes memory by the number of items is refused with the figure; what does not is not.
func TestStreamNeedsMemory(t *testing.T) {
	defer memory.Pretend(2_000_000_000)()
	many := &data.Frame{IDs: make([]string, 10_000_000), Columns: make([]string, 512)}
	cfg := DefaultConfig()
	if err := checkMemory(cfg, many, false, true); err != nil {
		t.Errorf("10 million items: %v", err)
	}
	for option, change := range map[string]func(*Config){
		"hard_mining":      func(c *Config) { c.HardMining = 0.2 },
		"unknown_share":    func(c *Config) { c.UnknownShare = 0.1 },
		"plda":             func(c *Config) { c.PLDA = "features" },
		"preprocess.scale": func(c *Config) { c.Preprocess.Scale = "robust" },
	} {
		cfg := cfg
		change(&cfg)
		var found *memory.Error
		if err := checkMemory(cfg, many, false, true); !errors.As(err, &found) || found.Need < 2e9 ||
			!strings.Contains(err.Error(), option) {
			t.Errorf("%s: %v", option, err)
		}
	}
	if err := checkMemory(cfg, many, false, false); err == nil || !strings.Contains(err.Error(), "Stream") {
		t.Errorf("in memory: %v", err)
	}
}
