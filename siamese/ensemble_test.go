package siamese

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/floats"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/plda"
)

// ensembleOf returns cfg with two encoders beside the first, one of its size and a smaller one.
func ensembleOf(cfg Config) Config {
	cfg.Ensemble = [][]int{slices.Clone(cfg.Layers), {12, 6, 5}}
	return cfg
}

// Every encoder of an ensemble comes to the weights that it comes to alone, also where it mines pairs, and the cosine
// of the whole is the mean of theirs, where none is zero, beside the features.
func TestEnsemble(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg := ensembleOf(toyConfig())
	cfg.Epochs, cfg.PairsPerEpoch, cfg.HardMining, cfg.FeatureShare = 1, 512, 0.25, 0.3
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := result.Model
	defer m.Close()
	z := embed(t, m, backend, val)
	if want := 8 + 8 + 5 + 9; m.E() != want || z.E != want {
		t.Fatalf("embeddings are %d and %d wide, want %d", m.E(), z.E, want)
	}
	joint := make([][]float64, val.N()) // the vectors of all encoders, those that are not zero at length 1
	var loss float64
	for k := range cfg.Encoders() {
		of := encoderConfig(cfg, k)
		if (of.Seed == cfg.Seed) != (k == 0) || of.Ensemble != nil {
			t.Errorf("encoder %d is trained by %+v", k, of)
		}
		alone, err := Train(t.Context(), backend, of, train, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(alone.Model.Layers, m.Encoders()[k]); diff != "" {
			t.Errorf("encoder %d comes to other weights: %s", k, diff)
		}
		loss += alone.History[0].Loss / 3
		bare := alone.Model.EncoderAlone()
		part := embed(t, bare, backend, val)
		for i := range joint {
			joint[i] = append(joint[i], labtest.Widen(part.Row(i))...)
		}
		if err := errors.Join(bare.Close(), alone.Model.Close()); err != nil {
			t.Fatal(err)
		}
	}
	features := labtest.Must(m.Features(t.Context(), val))
	for i, row := range joint {
		cosine := floats.Dot(row, joint[0]) / (floats.Norm(row, 2) * floats.Norm(joint[0], 2))
		want := 0.7*cosine + 0.3*features.Cosine(i, 0)
		if got := z.Cosine(i, 0); math.Abs(got-want) > 1e-5 {
			t.Fatalf("cosine of %d and 0: %g, want %g", i, got, want)
		}
	}
	if got := result.History[0].Loss; math.Abs(got-loss) > 1e-12 {
		t.Errorf("loss %g, want %g", got, loss)
	}

	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.Close()
	if !slices.Equal(embed(t, loaded, backend, val).Values, z.Values) {
		t.Error("the loaded model embeds to other bits")
	}
	if diff := cmp.Diff(cfg, loaded.Config); diff != "" {
		t.Error(diff)
	}
	loaded.Config.Ensemble = loaded.Config.Ensemble[:1]
	if loaded.Save(path) == nil {
		t.Error("an encoder that the configuration does not have is saved")
	}
}

// PLDA of the encoder compares what all encoders make of an item, at once.
func TestEnsemblePLDA(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.Toy("t", 6, 20, 9, 0.5, 1), labtest.Toy("v", 6, 10, 9, 0.5, 2)
	cfg := ensembleOf(toyConfig())
	cfg.Epochs, cfg.PairsPerEpoch, cfg.PLDA, cfg.FeatureShare = 1, 256, config.PLDABoth, 0.3
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := result.Model
	defer m.Close()
	if m.E() != 21+1+9+1 || len(result.Warnings) > 0 {
		t.Errorf("embeddings are %d wide; %q", m.E(), result.Warnings)
	}
	bare := m.EncoderAlone()
	bare.Config.PLDA, bare.EncoderPLDA = "", nil
	defer bare.Close()
	fitted, err := plda.Fit(t.Context(), embed(t, bare, backend, train), train.Labels, plda.Options{Seed: cfg.Seed})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fitted, m.EncoderPLDA); diff != "" {
		t.Error(diff)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.Close()
	if !slices.Equal(embed(t, loaded, backend, val).Values, embed(t, m, backend, val).Values) {
		t.Error("the loaded model embeds to other bits")
	}
}

// Progress counts the batches of all encoders and says which of them trains, also after an interruption between two.
func TestEnsembleProgress(t *testing.T) {
	reportAlways(t)
	backend := devicetest.Go(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg := ensembleOf(toyConfig())
	cfg.Epochs, cfg.PairsPerEpoch = 2, 4*cfg.BatchPairs
	whole, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, stop := range []int{0, 4, 6, 8, 11} { // the steps of epoch 2 at which the run is interrupted
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		seen := map[int]int{} // steps of epoch 2 by encoder
		_, err := Train(ctx, backend, cfg, train, val, TrainOptions{State: dir, Progress: func(p Progress) {
			if p.Steps != 12 || p.Encoders != 3 || p.Encoder != min(3, 1+(p.Step-1)/4) {
				t.Errorf("%+v", p)
			}
			if p.Epoch == 2 {
				seen[p.Encoder]++
			}
			if p.Epoch == 2 && p.Step == stop || p.Epoch == 1 && p.Step == 12 && stop == 0 {
				cancel()
			}
		}})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if n := seen[1] + seen[2] + seen[3]; n != stop {
			t.Errorf("%v of %d steps were told", seen, stop)
		}
		got, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		if err != nil {
			t.Fatal(err)
		}
		if got.Resumed != 12+stop {
			t.Errorf("resumed after %d steps, want %d", got.Resumed, 12+stop)
		}
		wantSameRun(t, got, whole)

		// The state is that of this ensemble only.
		for _, other := range [][][]int{nil, cfg.Ensemble[:1], {cfg.Ensemble[0], {12, 6, 6}}} {
			changed := cfg
			changed.Ensemble = other
			_, err := Train(t.Context(), backend, changed, train, val, TrainOptions{State: dir})
			if got := option.Names(err); !slices.Equal(got, []string{"ensemble"}) {
				t.Errorf("%v: %v is about %q", other, err, got)
			}
		}
	}
}

// Encoders train on pairs too, each on all of them before any is used again.
func TestEnsemblePairs(t *testing.T) {
	backend := devicetest.Go(t)
	items, trainPairs, valPairs := pairstest.PairsCase(t)
	for _, loss := range []string{"mse", "supcon"} {
		cfg := ensembleOf(toyConfig())
		cfg.Epochs, cfg.PairsPerEpoch, cfg.Loss, cfg.Monitor = 1, 256, labtest.LossOf(loss), MonitorAUC
		result, err := TrainPairs(t.Context(), backend, cfg, items, trainPairs, valPairs, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for k := range cfg.Encoders() {
			alone, err := TrainPairs(t.Context(), backend, encoderConfig(cfg, k), items, trainPairs, valPairs, TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(alone.Model.Layers, result.Model.Encoders()[k]); diff != "" {
				t.Errorf("%s: encoder %d comes to other weights: %s", loss, k, diff)
			}
			if err := alone.Model.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := result.Model.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// An encoder that collapses is told although the others hide it, and ends the run where that is wanted.
func TestEnsembleCollapse(t *testing.T) {
	backend := devicetest.Go(t)
	f := labtest.Toy("t", 4, 20, 9, 0.5, 1)
	cfg := ensembleOf(toyConfig())
	m, err := Untrained(t.Context(), cfg, f)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	m.Config.FeatureShare = 0.5
	if texts, err := m.collapsed(embed(t, m, backend, f), 4); err != nil || len(texts) > 0 {
		t.Errorf("%v, %q", err, texts)
	}
	last := m.Ensemble[1][2]
	clear(last.Weights)
	for i := range last.Biases {
		last.Biases[i] = 1
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	texts, err := m.collapsed(embed(t, m, backend, f), 4)
	if err != nil || len(texts) != 1 || texts[0][:len("encoder 3")] != "encoder 3" {
		t.Errorf("%v, %q", err, texts)
	}
}

func TestEnsembleRefuses(t *testing.T) {
	for _, bad := range [][][]int{{{}}, {{8}, nil}, {{8, 0}}, {{1 << 17}}, make([][]int, 40)} {
		cfg := toyConfig()
		cfg.Ensemble = bad
		if got := option.Names(cfg.Validate()); len(got) == 0 || got[0] != "ensemble" {
			t.Errorf("%v: %q", bad, got)
		}
	}
	cfg := ensembleOf(toyConfig())
	m, err := Untrained(t.Context(), cfg, labtest.Toy("t", 4, 20, 9, 0.5, 1))
	if err != nil || m.Validate() != nil {
		t.Fatal(err, m.Validate())
	}
	for _, damage := range []func(){
		func() { m.Ensemble = [][]encoder.Layer{nil} },
		func() {
			m.Ensemble = [][]encoder.Layer{{{In: 8, Out: 1, Weights: make([]float32, 8), Biases: make([]float32, 1)}}}
		},
	} {
		damage()
		if m.Validate() == nil {
			t.Errorf("%v is valid", m.Ensemble)
		}
	}
}

// A list of encoders is a setting like others, in flags, searches and messages.
func TestEnsembleSetting(t *testing.T) {
	var cfg Config
	all := fields.Of(&cfg)
	f := all[slices.IndexFunc(all, func(f fields.Field) bool { return f.Name == "ensemble" })]
	for _, text := range []string{"12", "1024,512,256/512,256", ""} {
		if err := f.Set(text); err != nil || f.Text() != text {
			t.Errorf("%q: %v, %q", text, err, f.Text())
		}
	}
	if cfg.Ensemble != nil {
		t.Errorf("%v", cfg.Ensemble)
	}
	for _, text := range []string{"/", "12/", "12,/3", "a"} {
		if f.Set(text) == nil {
			t.Errorf("%q is %v", text, cfg.Ensemble)
		}
	}
}

// An encoder of the same layers takes as much again of what each has of its own, and no more of what they take turns
// in.
func TestEnsembleMemory(t *testing.T) {
	cfg := toyConfig()
	cfg.Loss, cfg.XBMSize, cfg.Monitor, cfg.Ensemble = labtest.LossOf("supcon"), 128, MonitorMAP, [][]int{{24, 8}}
	two := memoryParts(cfg, 1000, 9, false, false)
	cfg.Ensemble = nil
	one := memoryParts(cfg, 1000, 9, false, false)
	factors := map[string]float64{}
	for i := range one {
		factors[strings.Join(one[i].fix.Options(), " ")] = two[i].bytes / one[i].bytes
	}
	want := map[string]float64{"Stream": 1, "layers": 2, "xbm_size": 2, "batch_pairs": 1, "pairs_per_epoch": 2,
		"val_pairs": 1}
	if diff := cmp.Diff(want, factors); diff != "" {
		t.Error(diff)
	}
}
