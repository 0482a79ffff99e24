package siamese

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
)

// Recommended trains on tables of few items and few features, as if what there is had been asked for, and says so.
func TestRecommendedOnSmallTables(t *testing.T) {
	backend := devicetest.Go(t)
	for _, c := range []struct{ classes, perClass, features int }{{10, 6, 64}, {6, 7, 36}, {3, 5, 1}, {2, 3, 4}} {
		train := labtest.Toy("t", c.classes, c.perClass, c.features, 0.5, 1)
		val := labtest.Toy("v", c.classes, 3, c.features, 0.5, 2)
		cfg := Recommended()
		cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch = []int{16, 8}, 2, 256
		dir := t.TempDir()
		result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		m := result.Model
		if got, want := m.Config.BatchPairs, train.N()/2; got != want {
			t.Errorf("%+v: batches of %d pairs, want %d", c, got, want)
		}
		if len(m.Notes) != 2 || !slices.Equal(result.Warnings[:2], m.Notes) {
			t.Errorf("%+v: notes %q, warnings %q", c, m.Notes, result.Warnings)
		}
		asked := cfg
		asked.BatchPairs = train.N() / 2
		same, err := Train(t.Context(), backend, asked, train, val, TrainOptions{})
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		wantSameRun(t, result, same)
		again, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m.Notes, again.Model.Notes); diff != "" || again.Resumed == 0 {
			t.Errorf("%+v: resumed after %d: %s", c, again.Resumed, diff)
		}
		for _, one := range []*Result{result, same, again} {
			if err := one.Model.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestFitBatches(t *testing.T) {
	wish := func(change func(*Config)) Config {
		c := Recommended()
		change(&c)
		return c
	}
	for _, c := range []struct {
		name       string
		cfg        Config
		items      int
		pairs, xbm int
		notes      int
	}{
		{"enough", Recommended(), 512, 256, 0, 0},
		{"one less", Recommended(), 511, 255, 0, 1},
		{"no wish", wish(func(c *Config) { c.SmallerBatches = false }), 100, 256, 0, 0},
		{"devices", wish(func(c *Config) { c.Devices = 4 }), 103, 48, 0, 1},
		{"fewer than devices", wish(func(c *Config) { c.Devices = 4 }), 7, 256, 0, 0},
		{"memory", wish(func(c *Config) { c.XBMSize = 1024 }), 200, 100, 1000, 2},
		{"a small memory", wish(func(c *Config) { c.XBMSize = 512 }), 400, 200, 400, 2},
		{"on pairs", wish(func(c *Config) { c.Loss = labtest.LossOf("mse") }), 100, 256, 0, 0},
		{"none", Recommended(), 1, 256, 0, 0},
	} {
		got, notes := fitBatches(c.cfg, func() int { return c.items })
		if got.BatchPairs != c.pairs || got.XBMSize != c.xbm || len(notes) != c.notes {
			t.Errorf("%s: %d pairs, memory of %d, %q", c.name, got.BatchPairs, got.XBMSize, notes)
		}
		if err := got.Validate(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Given pairs of few items take smaller batches too; without the wish they are refused by name.
func TestSmallerBatchesOfPairs(t *testing.T) {
	backend := devicetest.Go(t)
	items, train, val := pairstest.PairsCase(t)
	cfg := toyConfig()
	cfg.Epochs, cfg.PairsPerEpoch, cfg.Loss, cfg.Monitor = 1, 4096, labtest.LossOf("supcon"), MonitorAUC
	cfg.BatchPairs = 4096
	_, err := TrainPairs(t.Context(), backend, cfg, items, train, val, TrainOptions{})
	if got := option.Names(err); !slices.Equal(got, []string{"batch_pairs"}) {
		t.Errorf("%v is about %q", err, got)
	}
	cfg.SmallerBatches = true
	result, err := TrainPairs(t.Context(), backend, cfg, items, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Model.Close()
	of, _ := train.Only(items)
	if result.Model.Config.BatchPairs != of.N()/2 || len(result.Model.Notes) != 1 {
		t.Errorf("%d pairs, notes %q", result.Model.Config.BatchPairs, result.Model.Notes)
	}
}
