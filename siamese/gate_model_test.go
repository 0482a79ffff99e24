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
	"github.com/go-siamese/lab/siamese/gate"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
)

// gated is the toy configuration with a share of the features that goes by the item.
func gated() Config {
	cfg := toyConfig()
	cfg.FeatureShare, cfg.UnknownShare, cfg.Epochs, cfg.PairsPerEpoch = 0.2, 0.8, 1, 256
	return cfg
}

// A cosine is the encoder's and that of the features, weighed by the shares of both items, which follow from the gate
// of the final weights. Threshold and calibration are of those cosines; a file and a resumed run have the same.
func TestTrainGate(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
		opts := TrainOptions{State: t.TempDir(), Checkpoint: t.TempDir() + "/m"}
		result, err := Train(t.Context(), backend, gated(), train, val, opts)
		if err != nil {
			t.Fatal(err)
		}
		m := result.Model
		defer m.Close()
		alone := m.EncoderAlone()
		defer alone.Close()
		if alone.Gate != nil || alone.Config.UnknownShare != 0 {
			t.Error("the encoder alone has a gate")
		}
		parts := func(f *data.Frame) gate.Items {
			return gate.Items{Encoder: embed(t, alone, backend, f),
				Features: labtest.Must(embedding.UnitRows(t.Context(), m.Transform, f))}
		}
		want, err := gate.Fit(t.Context(), parts(train), train.Labels, parts(val))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, m.Gate); diff != "" {
			t.Errorf("the model's gate is another: %s", diff)
		}
		z, encoder := embed(t, m, backend, val), embed(t, alone, backend, val)
		features := labtest.Must(m.Features(t.Context(), val))
		shares := make([]float64, val.N())
		for i := range shares {
			known := m.Gate.Known(encoder.Row(i), features.Row(i))
			shares[i] = known*0.2 + (1-known)*0.8
		}
		if slices.Max(shares)-slices.Min(shares) < 0.05 {
			t.Errorf("all items have about one share, which tests little: %.3f", shares)
		}
		for i := range val.N() {
			for j := range i {
				want := math.Sqrt((1-shares[i])*(1-shares[j]))*encoder.Cosine(i, j) +
					math.Sqrt(shares[i]*shares[j])*features.Cosine(i, j)
				if got := z.Cosine(i, j); math.Abs(got-want) > 2e-5 {
					t.Fatalf("cosine of %d and %d: %g, want %g", i, j, got, want)
				}
			}
		}
		cosines, same := pairs.Scores(z, labtest.Must(ValidationPairs(gated(), val)))
		chosen, err := metric.Verify(cosines, same, nil, metric.VerificationOptions{})
		if err != nil || m.Threshold != chosen.Natural.BestAccuracy.Threshold || m.Calibration == nil {
			t.Errorf("threshold %v, want that of %+v; %v", m.Threshold, chosen, err)
		}
		loaded := labtest.Must(Load(opts.Checkpoint))
		defer loaded.Close()
		if diff := cmp.Diff(m.Gate, loaded.Gate); diff != "" || !strings.Contains(loaded.String(), "0.2 to 0.8") {
			t.Errorf("%v has another gate: %s", loaded, diff)
		}
		if diff := cmp.Diff(z, embed(t, loaded, backend, val)); diff != "" {
			t.Errorf("the loaded model embeds otherwise: %s", diff)
		}
		again, err := Train(t.Context(), backend, gated(), train, val, opts) // its state says that it is over
		if err != nil {
			t.Fatal(err)
		}
		defer again.Model.Close()
		if diff := cmp.Diff(m.Gate, again.Model.Gate); diff != "" || again.Model.Threshold != m.Threshold {
			t.Errorf("a run from the state has another gate: %s", diff)
		}
	})
}

// Beside PLDA of both parts and in an ensemble the gate goes by what the encoders and the features are before PLDA, and
// stays as it is where PLDA is adapted.
func TestTrainGateWithPLDA(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	cfg := gated()
	cfg.PLDA, cfg.Ensemble = config.PLDABoth, [][]int{{6}}
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := result.Model
	defer m.Close()
	plain, scored := m.EncoderAlone(), m.EncoderAlone()
	defer plain.Close()
	defer scored.Close()
	plain.Config.PLDA, plain.EncoderPLDA = "", nil
	parts := func(f *data.Frame) gate.Items {
		return gate.Items{Encoder: embed(t, plain, backend, f),
			Features: labtest.Must(embedding.UnitRows(t.Context(), m.Transform, f))}
	}
	items := parts(val)
	want := labtest.Must(gate.Fit(t.Context(), parts(train), train.Labels, items))
	if diff := cmp.Diff(want, m.Gate); diff != "" {
		t.Errorf("the gate is another: %s", diff)
	}
	z, encoder := embed(t, m, backend, val), embed(t, scored, backend, val)
	features := labtest.Must(m.Features(t.Context(), val))
	share := func(i int) float64 {
		return 0.8 - 0.6*m.Gate.Known(items.Encoder.Row(i), items.Features.Row(i))
	}
	for i := range val.N() {
		for j := range i {
			want := math.Sqrt((1-share(i))*(1-share(j)))*encoder.Cosine(i, j) +
				math.Sqrt(share(i)*share(j))*features.Cosine(i, j)
			if got := z.Cosine(i, j); math.Abs(got-want) > 2e-5 {
				t.Fatalf("cosine of %d and %d: %g, want %g", i, j, got, want)
			}
		}
	}
	adapted := labtest.Must(m.Adapt(t.Context(), backend, labtest.InBlocks("u", 9, 3), val))
	defer adapted.Close()
	loaded := saveAndLoad(t, adapted)
	defer loaded.Close()
	if diff := cmp.Diff(m.Gate, loaded.Gate); diff != "" || loaded.Threshold != adapted.Threshold {
		t.Errorf("adapted, the gate is another: %s", diff)
	}
}

func TestGateProblems(t *testing.T) {
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	start, err := Untrained(t.Context(), gated(), train)
	if err != nil || start.Config.UnknownShare != 0 || start.Gate != nil {
		t.Fatalf("%v: a gate before training, unknown share %v", err, start.Config.UnknownShare)
	}
	bare, others := *train, *val
	bare.Labels = nil
	others.Labels = slices.Repeat([]string{"another"}, val.N())
	for want, frames := range map[string][2]*data.Frame{"which have no labels": {&bare, val},
		"none is of a": {train, &others}, "none is of": {train, &bare}} {
		if err := checkGate(gated(), frames[0], frames[1]); !slices.Equal(option.Names(err), []string{"unknown_share"}) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	backend := devicetest.Go(t)
	// Validation items of other classes, and without one, do not move the gate.
	mixed := labtest.InBlocks("v", 6, 2)
	for _, i := range []int{0, mixed.N() - 1} {
		for j := range mixed.Row(i) {
			mixed.Row(i)[j] = float32(100 * (j%2*2 - 1)) // far from all classes
		}
	}
	gateBy := func(val *data.Frame) *gate.Model {
		r := &run{cfg: gated(), backend: backend, task: task{train: train, val: validation{frame: val}},
			result: &Result{Model: start, Best: 1}}
		return labtest.Must(r.fitGate(t.Context()))
	}
	want := gateBy(mixed.Select(labtest.Seq(mixed.N() - 1)[1:]))
	if cmp.Equal(want, gateBy(mixed)) {
		t.Error("nothing is tested: far items do not move the gate")
	}
	mixed.Labels[0], mixed.Labels[mixed.N()-1] = "another", ""
	if diff := cmp.Diff(want, gateBy(mixed)); diff != "" {
		t.Errorf("items of no training class move the gate: %s", diff)
	}
	r := &run{cfg: gated(), backend: backend, task: task{train: train, val: validation{frame: val}},
		result: &Result{Model: start, Best: 1}}
	defer start.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.addGate(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if cut := r.cutBy(nil); !strings.Contains(cut, "before the gate was fitted") {
		t.Errorf("a checkpoint says %q", cut)
	}
	r.result.Best = 0
	if err := r.addGate(ctx); err != nil {
		t.Errorf("nothing judged: %v", err)
	}
	part := func(width int, spread float64) gate.Part {
		return gate.Part{Width: width, Spread: spread, Means: make([]float32, width)}
	}
	e, f := outputs(start.Encoders()), start.Transform.Width()
	for name, g := range map[string]*gate.Model{
		"none": nil, "narrow": {Classes: 1, Encoder: part(1, 1), Features: part(f, 1)},
		"wide":      {Classes: 1, Encoder: part(e, 1), Features: part(f+1, 1)},
		"no spread": {Classes: 1, Encoder: part(e, 1), Features: part(f, 0)},
	} {
		m := start.Copy()
		m.Config.UnknownShare, m.Gate = 0.8, g
		if m.Validate() == nil {
			t.Errorf("%s: a model with this gate is accepted", name)
		}
	}
}

func TestRecommendedFor(t *testing.T) {
	for next, want := range map[config.Next][2]float64{config.NextKnown: {0, 0}, config.NextNew: {0.7, 0},
		config.NextBoth: {0.2, 0.8}} {
		cfg, err := RecommendedFor(next)
		if got := [2]float64{cfg.FeatureShare, cfg.UnknownShare}; err != nil || cfg.Validate() != nil || got != want {
			t.Errorf("%s: shares %v, %v, %v", next, got, err, cfg.Validate())
		}
	}
	if _, err := RecommendedFor("any"); !slices.Equal(option.Names(err), []string{"next"}) {
		t.Errorf("any: %v", err)
	}
	for name, change := range map[string]func(*Config){
		"no features":  func(c *Config) { c.FeatureShare = 0 },
		"not above":    func(c *Config) { c.UnknownShare = c.FeatureShare },
		"1":            func(c *Config) { c.UnknownShare = 1 },
		"several each": func(c *Config) { c.LabelSeparator = "|" },
	} {
		cfg := gated()
		change(&cfg)
		if !slices.Contains(option.Names(cfg.Validate()), "unknown_share") {
			t.Errorf("%s: %v", name, cfg.Validate())
		}
	}
}
