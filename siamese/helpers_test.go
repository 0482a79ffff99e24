package siamese

import (
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// saveAndLoad returns what m is after a file.
func saveAndLoad(t *testing.T, m *Model) *Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// toyConfig trains on a toy frame in well under a second on any backend.
func toyConfig() Config {
	cfg := DefaultConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs = []int{24, 8}, 4, 1024, 32
	cfg.LearningRate, cfg.ValPairs, cfg.Patience = 0.01, 400, 0
	return cfg
}

// trained returns a small trained model and its validation items.
func trained(t testing.TB) (m *Model, val *data.Frame) {
	t.Helper()
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg := toyConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch = []int{5, 3}, 1, 256
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Model, val
}
