package siamese

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// Trainings that share what was prepared have the bits of those that share nothing, also with other preprocessing,
// other frames and a state, and do not fit twice.
func TestPrepared(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	cfg, train, val := resumeCase()
	cfg.Epochs, cfg.PairsPerEpoch = 1, 2*cfg.BatchPairs
	pca := cfg
	pca.Preprocess = preprocess.Options{Impute: preprocess.ImputeNone, Scale: preprocess.ScaleStandard, Components: 2}
	var even []int // of all classes
	for i := 0; i < train.N(); i += 2 {
		even = append(even, i)
	}
	half := train.Select(even)
	shared, fitted := &Prepared{}, map[string]*preprocess.Transform{}
	for i, run := range []struct {
		name  string
		cfg   Config
		items int
	}{{"first", cfg, train.N()}, {"again", cfg, train.N()}, {"components", pca, train.N()},
		{"components again", pca, train.N()}, {"others", cfg, half.N()}, {"back", cfg, train.N()}} {
		run.cfg.Seed = uint64(i)
		frame := train
		if run.items != train.N() {
			frame = half
		}
		want, err := Train(t.Context(), backend, run.cfg, frame, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Train(t.Context(), backend, run.cfg, frame, val, TrainOptions{Prepared: shared, State: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(saved(t, got.Model), saved(t, want.Model)) {
			t.Errorf("%s: another model than without what was prepared", run.name)
		}
		fitted[run.name] = got.Model.Transform
	}
	if fitted["again"] != fitted["first"] || fitted["components again"] != fitted["components"] {
		t.Error("it was fitted again")
	}
	if fitted["components"] == fitted["first"] || fitted["others"] == fitted["first"] {
		t.Error("what was fitted for others was taken")
	}
}

// saved returns the bytes of a model's file.
func saved(t *testing.T, m *Model) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
