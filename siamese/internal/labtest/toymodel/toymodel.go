// Package toymodel has small models for the tests and examples of packages above siamese.
package toymodel

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// Config trains on a toy frame in well under a second on any backend.
func Config() siamese.Config {
	cfg := siamese.DefaultConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs = []int{24, 8}, 4, 1024, 32
	cfg.LearningRate, cfg.ValPairs, cfg.Patience = 0.01, 400, 0
	return cfg
}

// TaggedConfig trains with the named loss on items of several classes.
func TaggedConfig(name string) siamese.Config {
	cfg := Config()
	cfg.LabelSeparator, cfg.Loss, cfg.Monitor, cfg.ProxyLRMultiplier, cfg.Dropout = "|", labtest.LossOf(name),
		siamese.MonitorMAP, 10, 0
	cfg.Layers, cfg.Epochs = []int{48, 16}, 8
	return cfg
}

// Trained returns a small trained model and its validation items.
func Trained(t testing.TB) (m *siamese.Model, val *data.Frame) {
	t.Helper()
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg := Config()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch = []int{5, 3}, 1, 256
	result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Model, val
}

// Identity returns a model with one layer whose weights are the identity, apart from the given first rows. With none,
// the embedding of an item is its features, which should not be negative, at unit length.
func Identity(columns []string, weights ...[]float32) *siamese.Model {
	cfg, f := Config(), len(columns)
	layer := encoder.Layer{In: f, Out: f, Weights: make([]float32, f*f), Biases: make([]float32, f)}
	for i := range f {
		layer.Weights[i*f+i] = 1
	}
	for i, row := range weights {
		copy(layer.Weights[i*f:], row)
	}
	cfg.Layers = []int{f}
	m := &siamese.Model{Config: cfg, Layers: []encoder.Layer{layer}, Threshold: 0.5}
	m.Transform, m.Standard = labtest.RawTransforms(columns)
	m.Config.Preprocess = m.Transform.Spec
	return m
}

// Embed returns the embeddings of f by m.
func Embed(t *testing.T, m *siamese.Model, backend *siamese.Backend, f *data.Frame) *embedding.Embeddings {
	t.Helper()
	z, err := m.Embed(t.Context(), backend, f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// SaveAndLoad returns m as it comes back from a file.
func SaveAndLoad(t *testing.T, m *siamese.Model) *siamese.Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := siamese.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// Untimed returns a history without what differs from run to run.
func Untimed(history []siamese.Epoch) []siamese.Epoch {
	out := slices.Clone(history)
	for i := range out {
		out[i].PairsPerSec = 0
	}
	return out
}

// SmallConfig suits the few items of [labtest.Pictures] in examples.
func SmallConfig() siamese.Config {
	cfg := siamese.DefaultConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.ValPairs = []int{16, 8}, 6, 3000, 50, 500
	cfg.LearningRate = 0.005
	return cfg
}
