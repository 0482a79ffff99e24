package siamese

import (
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// choices are configurations of every kind of preprocessing, alone and together.
func choices() []preprocess.Options {
	var all []preprocess.Options
	for _, impute := range []string{"", preprocess.ImputeMean, preprocess.ImputeMedian} {
		for _, scale := range []string{"", preprocess.ScaleNone, preprocess.ScaleRobust} {
			for k := range 8 {
				p := preprocess.Options{Impute: impute, Scale: scale, SignedSqrt: k&1 != 0, EqualBlocks: k&2 != 0}
				if p.EqualBlocks && p.SignedSqrt {
					p.BlockWeights = map[string]float64{"narrow": 2}
				}
				if k&4 != 0 {
					p.Components, p.Whiten = 4, k&1 != 0
				}
				all = append(all, p)
			}
		}
	}
	return append(all, preprocess.Options{Variance: 0.9}, preprocess.Default(),
		preprocess.Options{Scale: preprocess.ScaleWithin, Components: 3, Whiten: true, WithinClass: true,
			Shrinkage: 0.3})
}

// Every kind of preprocessing survives its file, to the bit of every embedding.
func TestPreprocessSaveAndLoad(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	for _, p := range choices() {
		t.Run(fmt.Sprintf("%+v", p), func(t *testing.T) {
			cfg := toyConfig()
			cfg.Preprocess = p
			m, err := Untrained(t.Context(), cfg, train)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			m.Config.Layers = cfg.Layers
			loaded := saveAndLoad(t, m)
			defer loaded.Close()
			sameModel(t, m, loaded)
			if (loaded.Standard == loaded.Transform) != p.IsStandard() {
				t.Error("the standardised features are kept apart, or are not")
			}
			if diff := cmp.Diff(embed(t, m, backend, val), embed(t, loaded, backend, val)); diff != "" {
				t.Errorf("the loaded model embeds otherwise: %s", diff)
			}
		})
	}
}

// A model whose preprocessing is not what its configuration says is not written.
func TestPreprocessIsThatOfTheConfiguration(t *testing.T) {
	for name, spoil := range map[string]func(m *Model){
		"other choice":       func(m *Model) { m.Config.Preprocess.SignedSqrt = true },
		"other standard":     func(m *Model) { m.Standard = &preprocess.Transform{} },
		"two where one will": func(m *Model) { same := *m.Transform; m.Standard = &same },
		"block":              func(m *Model) { m.Transform.Blocks[0].Name = "a\xff" },
		"domain":             func(m *Model) { m.Transform.Domains = []string{"a\xff"} },
	} {
		m := handmade(3, 2, 1)
		spoil(m)
		if err := m.Save(filepath.Join(t.TempDir(), "m")); err == nil {
			t.Errorf("%s: it was saved", name)
		}
	}
}

// Without imputing a missing value is named, wherever it is.
func TestMissingValuesAreRefused(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.InBlocks("t", 6, 1), labtest.InBlocks("v", 6, 2)
	val.Row(5)[3] = float32(math.NaN())
	_, err = Train(t.Context(), backend, toyConfig(), train, val, TrainOptions{})
	labtest.WantError(t, err, "NaN", `"v5"`, `"x/3"`)
	if names := option.Names(err); !slices.Equal(names, []string{"preprocess.impute"}) {
		t.Errorf("the error is about %q: %v", names, err)
	}
	cfg := toyConfig()
	cfg.Preprocess.Impute = preprocess.ImputeMean
	if _, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{}); err != nil {
		t.Error(err)
	}
	val.Row(5)[3] = float32(math.Inf(1))
	_, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	labtest.WantError(t, err, "+Inf", `"v5"`, `"x/3"`)
	if names := option.Names(err); names != nil { // imputing does not mend it
		t.Errorf("the error is about %q: %v", names, err)
	}
	for i := range train.N() {
		train.Row(i)[1] = float32(math.NaN())
	}
	_, err = Train(t.Context(), backend, cfg, train, labtest.InBlocks("v", 6, 2), TrainOptions{})
	labtest.WantError(t, err, `"x/1"`)
}

// Training items that are all alike, to the precision of features, are refused: nothing can be learned from them.
func TestItemsWithoutADifferenceAreRefused(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	for k := range train.X {
		train.X[k] = 3
	}
	_, err = Train(t.Context(), backend, toyConfig(), train, val, TrainOptions{})
	labtest.WantError(t, err, "no feature varies among the 48 items")
	for k := range train.X { // too small to be scaled
		train.X[k] = 1e-42 * float32(k%5)
	}
	_, err = Train(t.Context(), backend, toyConfig(), train, val, TrainOptions{})
	labtest.WantError(t, err, "no feature varies among the 48 items")
	train.Row(3)[2] = 4 // one difference is one
	if _, err = Train(t.Context(), backend, toyConfig(), train, val, TrainOptions{}); err != nil {
		t.Error(err)
	}
}

// Preprocessing sees training items only, and units that standardisation takes out change nothing.
func TestPreprocessIsFittedOnTrainingItems(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.InBlocks("t", 8, 1), labtest.InBlocks("v", 8, 2)
	for i := range val.X {
		val.X[i] = 100 - 3*val.X[i]
	}
	run := func(p preprocess.Options, train *data.Frame) *Result {
		cfg := toyConfig()
		cfg.Epochs, cfg.Preprocess = 1, p
		result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	for _, p := range []preprocess.Options{preprocess.Default(), {Scale: preprocess.ScaleNone},
		{SignedSqrt: true, EqualBlocks: true, Components: 3}} {
		want, err := preprocess.Fit(t.Context(), train, labtest.Seq(train.N()), p)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, run(p, train).Model.Transform); diff != "" {
			t.Errorf("%+v: %s", p, diff)
		}
	}
	other := train.Select(labtest.Seq(train.N()))
	for i := range other.X {
		other.X[i] *= 1024 // exact in float32
	}
	a, b := run(preprocess.Default(), train), run(preprocess.Default(), other)
	if a.History[0].Loss != b.History[0].Loss {
		t.Errorf("loss %v, and %v in other units", a.History[0].Loss, b.History[0].Loss)
	}
}

// The number of cores decides nothing about a preprocessed run.
func TestPreprocessSameBitsOnAnyCores(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.InBlocks("t", 20, 1), labtest.InBlocks("v", 10, 2)
	cfg := toyConfig()
	cfg.Preprocess = preprocess.Options{EqualBlocks: true, Components: 5}
	var want *embedding.Embeddings
	for _, cores := range []int{1, 4} {
		before := runtime.GOMAXPROCS(cores)
		m, err := Untrained(t.Context(), cfg, train)
		if err != nil {
			t.Fatal(err)
		}
		z := embed(t, m, backend, val)
		runtime.GOMAXPROCS(before)
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = z
		} else if diff := cmp.Diff(want, z); diff != "" {
			t.Error(diff)
		}
	}
}
