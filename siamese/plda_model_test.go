package siamese

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/plda"
	"github.com/go-siamese/lab/siamese/stats"
)

// withPLDA is the toy configuration with features compared by PLDA beside the encoder.
func withPLDA() Config {
	cfg := toyConfig()
	cfg.FeatureShare, cfg.PLDA = 0.3, config.PLDAFeatures
	return cfg
}

// A cosine is the encoder's and that of what PLDA of the training items makes of the features, in the given shares, also
// from a file.
func TestPLDA(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
		m, err := Untrained(t.Context(), withPLDA(), train)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		both := embed(t, m, backend, val)
		cfg := toyConfig()
		alone, err := Untrained(t.Context(), cfg, train)
		if err != nil {
			t.Fatal(err)
		}
		defer alone.Close()
		encoder := embed(t, alone, backend, val)
		// Fitted here, on the unit vectors of the training items.
		z, err := embedding.UnitRows(t.Context(), alone.Transform, train)
		if err != nil {
			t.Fatal(err)
		}
		fitted, err := plda.Fit(t.Context(), z, train.Labels, plda.Options{Seed: cfg.Seed})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fitted, m.FeaturesPLDA); diff != "" {
			t.Errorf("the model's PLDA is another: %s", diff)
		}
		features := labtest.Must(fitted.Project(labtest.Must(embedding.UnitRows(t.Context(), alone.Transform, val))))
		if own := labtest.Must(m.Features(t.Context(), val)); !slices.Equal(own.Values, features.Values) {
			t.Error("the model's features are others")
		}
		if both.E != encoder.E+features.E || both.E != m.E() {
			t.Fatalf("embeddings are %d wide, want %d and %d", both.E, encoder.E, features.E)
		}
		for i := range val.N() {
			for j := range i {
				want := 0.7*encoder.Cosine(i, j) + 0.3*features.Cosine(i, j)
				if got := both.Cosine(i, j); math.Abs(got-want) > 1e-5 {
					t.Fatalf("cosine of %d and %d: %g, want %g", i, j, got, want)
				}
			}
		}
		loaded := saveAndLoad(t, m)
		defer loaded.Close()
		if diff := cmp.Diff(both, embed(t, loaded, backend, val)); diff != "" {
			t.Errorf("the loaded model embeds otherwise: %s", diff)
		}
		if diff := cmp.Diff(m.FeaturesPLDA, loaded.FeaturesPLDA); diff != "" {
			t.Errorf("the loaded PLDA is another: %s", diff)
		}
	})
}

// A training run has the PLDA of its training items, in both parts of an embedding, and chooses threshold and calibration
// on those cosines; the checkpoint has it, and a resumed run the same.
func TestTrainPLDA(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	cfg := withPLDA()
	cfg.Epochs, cfg.PairsPerEpoch, cfg.PLDA = 1, 256, config.PLDABoth
	opts := TrainOptions{State: t.TempDir(), Prepared: &Prepared{}, Checkpoint: t.TempDir() + "/m"}
	result, err := Train(t.Context(), backend, cfg, train, val, opts)
	if err != nil {
		t.Fatal(err)
	}
	m := result.Model
	defer m.Close()
	if m.Config.PLDA != config.PLDABoth || len(m.Notes) > 0 {
		t.Errorf("PLDA %q, notes %q", m.Config.PLDA, m.Notes)
	}
	start, err := Untrained(t.Context(), cfg, train)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(start.FeaturesPLDA, m.FeaturesPLDA); diff != "" || start.Config.PLDA != config.PLDAFeatures {
		t.Error(diff)
	}
	// The encoder's is that of the final weights, on the unit vectors of the training items.
	plain := &Model{Config: toyConfig(), Transform: m.Transform, Standard: m.Standard, Layers: m.Layers}
	defer plain.Close()
	fitted, err := plda.Fit(t.Context(), embed(t, plain, backend, train), train.Labels, plda.Options{Seed: cfg.Seed})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fitted, m.EncoderPLDA); diff != "" {
		t.Errorf("the encoder's PLDA is another: %s", diff)
	}
	encoder := labtest.Must(fitted.Project(embed(t, plain, backend, val)))
	features := labtest.Must(m.Features(t.Context(), val))
	z := embed(t, m, backend, val)
	for i := range val.N() {
		want := 0.7*encoder.Cosine(i, 0) + 0.3*features.Cosine(i, 0)
		if got := z.Cosine(i, 0); math.Abs(got-want) > 1e-5 {
			t.Fatalf("cosine of %d and 0: %g, want %g", i, got, want)
		}
	}
	of, err := ValidationPairs(cfg, val)
	if err != nil {
		t.Fatal(err)
	}
	cosines, same := pairs.Scores(z, of)
	chosen, err := metric.Verify(cosines, same, nil, metric.VerificationOptions{})
	if err != nil {
		t.Fatal(err)
	}
	calibration, _, err := stats.FitCalibration(cfg.Calibration, cosines, same, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m.Threshold != chosen.Natural.BestAccuracy.Threshold || !cmp.Equal(m.Calibration, calibration) {
		t.Errorf("threshold %v and calibration %v, want %v and %v", m.Threshold, m.Calibration,
			chosen.Natural.BestAccuracy.Threshold, calibration)
	}
	loaded, err := Load(opts.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.Close()
	again, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: opts.State})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Model.Close()
	for name, other := range map[string]*Model{"loaded": loaded, "resumed": again.Model} {
		if diff := cmp.Diff(z, embed(t, other, backend, val)); diff != "" || other.Threshold != m.Threshold {
			t.Errorf("%s: threshold %v, want %v; %s", name, other.Threshold, m.Threshold, diff)
		}
	}
	if again.Resumed == 0 {
		t.Error("it was trained again")
	}
}

// Given pairs can be trained on with PLDA where their items have labels too.
func TestTrainPairsPLDA(t *testing.T) {
	backend := devicetest.Go(t)
	items, train, val := pairstest.PairsCase(t)
	cfg := withPLDA()
	cfg.Epochs, cfg.PairsPerEpoch, cfg.PLDA, cfg.Monitor = 1, 256, config.PLDABoth, MonitorAUC
	labelled := *items
	labelled.Labels = make([]string, items.N())
	for i := range labelled.Labels {
		labelled.Labels[i] = string(rune('a' + i/40))
	}
	result, err := TrainPairs(t.Context(), backend, cfg, &labelled, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := result.Model
	defer m.Close()
	if m.Config.PLDA != config.PLDABoth || m.Validate() != nil || m.EncoderPLDA.Classes != 4 {
		t.Errorf("%v", m)
	}
	labelled.Labels = nil
	for _, part := range []string{config.PLDAFeatures, config.PLDAEncoder} {
		cfg.PLDA = part
		_, err := TrainPairs(t.Context(), backend, cfg, &labelled, train, val, TrainOptions{})
		if !slices.Equal(option.Names(err), []string{"plda"}) {
			t.Errorf("%s: %v", part, err)
		}
	}
}

// What a model could not choose, or could not fit, it says.
func TestPLDANotes(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	three := train.Select(itemsOf(train, "class 3", false))
	start, err := Untrained(t.Context(), withPLDA(), three)
	if err != nil || len(start.Notes) != 1 || start.FeaturesPLDA.Tried != nil {
		t.Errorf("%v, %v", start, err)
	}
	// An encoder that has collapsed: all embeddings are one.
	cfg := toyConfig()
	cfg.PLDA = config.PLDAEncoder
	m, err := Untrained(t.Context(), cfg, train)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if m.Config.PLDA != "" {
		t.Errorf("PLDA %q of an encoder without it", m.Config.PLDA)
	}
	for i := range m.Layers {
		clear(m.Layers[i].Weights)
		for k := range m.Layers[i].Biases {
			m.Layers[i].Biases[k] = 1
		}
	}
	of, err := ValidationPairs(cfg, val)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{cfg: cfg, backend: backend, task: task{train: train, val: validation{frame: val, pairs: of, classes: true}},
		result: &Result{Model: m, Best: 1}}
	m.Threshold = 0.25
	if err := r.addEncoderPLDA(t.Context()); err != nil || len(m.Notes) != 1 || len(r.result.Warnings) != 1 ||
		m.EncoderPLDA != nil || m.Threshold != 0.25 || m.Validate() != nil {
		t.Errorf("%v, notes %q, warnings %q", err, m.Notes, r.result.Warnings)
	}
	// A run that is stopped meanwhile says so, and a run without a judged epoch has nothing to fit.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.addEncoderPLDA(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if cut := r.cutBy(nil); !strings.Contains(cut, "before PLDA of the encoder") {
		t.Errorf("a checkpoint says %q", cut)
	}
	r.result.Best = 0
	if err := r.addEncoderPLDA(ctx); err != nil {
		t.Errorf("nothing judged: %v", err)
	}
}

// itemsOf returns the items with a label, or the others.
func itemsOf(f *data.Frame, label string, with bool) (items []int) {
	for i, l := range f.Labels {
		if (l == label) == with {
			items = append(items, i)
		}
	}
	return items
}

// WithPLDA goes there and back.
func TestWithPLDA(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	m, err := Untrained(t.Context(), withPLDA(), train)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	with := func(m *Model, train *data.Frame, parts string) *Model {
		t.Helper()
		other, err := m.WithPLDA(t.Context(), backend, train, parts)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = other.Close() })
		return other
	}
	both := with(m, train, config.PLDABoth)
	plain := with(both, nil, "")
	if plain.EncoderPLDA != nil || plain.FeaturesPLDA != nil || both.FeaturesPLDA != m.FeaturesPLDA {
		t.Errorf("%v of %v", plain, both)
	}
	back := with(plain, train, config.PLDAFeatures)
	if diff := cmp.Diff(embed(t, m, backend, val), embed(t, back, backend, val)); diff != "" {
		t.Error(diff)
	}
	for name, one := range map[*Model]int{plain: m.E() - 1, both: m.E() + 1, both.EncoderAlone(): 9} {
		if z := embed(t, name, backend, val); z.E != one || one != name.E() {
			t.Errorf("%v: %d wide, want %d", name, z.E, one)
		}
		if err := name.Close(); err != nil {
			t.Error(err)
		}
	}
	for parts, train := range map[string]*data.Frame{config.PLDAFeatures: nil, "other": train} {
		if _, err := plain.WithPLDA(t.Context(), backend, train, parts); !slices.Equal(option.Names(err), []string{"plda"}) {
			t.Errorf("%q: %v", parts, err)
		}
	}
}

// What is in the way of PLDA is an error about the setting.
func TestPLDAErrors(t *testing.T) {
	train := labtest.InBlocks("t", 12, 1)
	for name, change := range map[string]func(c *Config, f *data.Frame){
		"no share":    func(c *Config, _ *data.Frame) { c.FeatureShare = 0 },
		"separator":   func(c *Config, _ *data.Frame) { c.LabelSeparator = "|" },
		"no labels":   func(_ *Config, f *data.Frame) { f.Labels = nil },
		"one class":   func(_ *Config, f *data.Frame) { f.Labels = slices.Repeat([]string{"a"}, f.N()) },
		"all classes": func(_ *Config, f *data.Frame) { f.Labels = slices.Clone(f.IDs) },
	} {
		cfg, f := withPLDA(), *train
		change(&cfg, &f)
		err := cfg.Validate()
		if err == nil {
			_, err = Untrained(t.Context(), cfg, &f)
		}
		if names := option.Names(err); !slices.Equal(names, []string{"plda"}) {
			t.Errorf("%s: %v names %q", name, err, names)
		}
	}
}

// A file whose PLDA is not that of its configuration or of its features is refused.
func TestPLDAFileRefused(t *testing.T) {
	train := labtest.InBlocks("t", 12, 1)
	for name, change := range map[string]func(m *Model){
		"missing":   func(m *Model) { m.FeaturesPLDA = nil },
		"not asked": func(m *Model) { m.Config.PLDA = "" },
		"other":     func(m *Model) { m.Config.PLDA = config.PLDAEncoder },
		"other width": func(m *Model) {
			m.FeaturesPLDA = &plda.Model{Mean: []float64{0}, Axes: []float64{1}, Between: []float64{1}}
		},
		"not finite":   func(m *Model) { m.FeaturesPLDA.Axes[3] = math.NaN() },
		"out of order": func(m *Model) { m.FeaturesPLDA.Between[0] = 0 },
	} {
		m, err := Untrained(t.Context(), withPLDA(), train)
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		if err := m.Save(t.TempDir() + "/m"); err == nil {
			t.Errorf("%s: it was saved", name)
		}
	}
}

// A file whose PLDA was taken out, renamed, cut or changed is refused, with both parts in it, and so is every shorter one.
func TestPLDAFileDamaged(t *testing.T) {
	backend := devicetest.Go(t)
	train := labtest.InBlocks("t", 12, 1)
	plain, err := Untrained(t.Context(), withPLDA(), train)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	m, err := plain.WithPLDA(t.Context(), backend, train, config.PLDABoth)
	if err != nil {
		t.Fatal(err)
	}
	content := bytesOf(t, m)
	loaded, err := decodeBytes(content)
	if err != nil {
		t.Fatal(err)
	}
	sameModel(t, m, loaded)
	meta := func(header map[string]any) map[string]any {
		return header["__metadata__"].(map[string]any) //nolint:forcetypeassert // it is one
	}
	replaced := func(header map[string]any, old, with string) {
		text := meta(header)[modelKey].(string) //nolint:forcetypeassert // it is one
		if !strings.Contains(text, old) {
			t.Fatalf("no %s in %s", old, text)
		}
		meta(header)[modelKey] = strings.Replace(text, old, with, 1)
	}
	for name, change := range map[string]func(header map[string]any, numbers []byte){
		"no setting":     func(h map[string]any, _ []byte) { replaced(h, `"plda":"both"`, `"plda":""`) },
		"one part less":  func(h map[string]any, _ []byte) { replaced(h, `"plda":"both"`, `"plda":"features"`) },
		"no description": func(h map[string]any, _ []byte) { replaced(h, `"encoder_plda"`, `"other"`) },
		"no tensor": func(h map[string]any, _ []byte) {
			h["plda.features.other"] = h["plda.features.axes"]
			delete(h, "plda.features.axes")
		},
		"exchanged": func(h map[string]any, _ []byte) {
			h["plda.features.axes"], h["plda.encoder.axes"] = h["plda.encoder.axes"], h["plda.features.axes"]
		},
		"other bits": func(h map[string]any, numbers []byte) {
			at := h["plda.encoder.mean"].(map[string]any)["data_offsets"].([]any)[0].(float64) //nolint:forcetypeassert // it is
			numbers[int(at)] ^= 1
		},
	} {
		header, numbers := parts(content)
		numbers = slices.Clone(numbers)
		change(header, numbers)
		if _, err := decodeBytes(join(header, numbers)); err == nil {
			t.Errorf("%s: it was loaded", name)
		}
	}
	for n := 0; n < len(content); n += 97 {
		if _, err := decodeBytes(content[:n]); err == nil {
			t.Fatalf("%d of %d bytes were loaded", n, len(content))
		}
	}
}
