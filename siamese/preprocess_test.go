package siamese

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
)

// inBlocks returns a toy frame of nine features in two blocks, with more than one scale.
func inBlocks(prefix string, perClass int, seed uint64) *data.Frame {
	f := toy(prefix, 4, perClass, 9, 0.5, seed)
	f.Blocks = []data.Block{{Name: "wide", Start: 0, End: 7}, {Name: "narrow", Start: 7, End: 9}}
	for i := range f.N() {
		f.Row(i)[2] *= 100
	}
	return f
}

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
		preprocess.Options{Scale: preprocess.ScaleWithin, Components: 3, Whiten: true, WithinClass: true, Shrinkage: 0.3})
}

// Every kind of preprocessing survives its file, to the bit of every embedding.
func TestPreprocessSaveAndLoad(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := inBlocks("t", 12, 1), inBlocks("v", 6, 2)
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

// One run with everything: training sees preprocessed features, and neither another order of columns nor
// missing values stand in the way afterwards.
func TestTrainPreprocessed(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		train, val, test := inBlocks("t", 20, 1), inBlocks("v", 10, 2), inBlocks("e", 10, 3)
		missing := rand.New(rand.NewPCG(1, 1))
		for _, f := range []*data.Frame{train, val, test} {
			for range f.N() / 2 {
				f.X[missing.IntN(len(f.X))] = float32(math.NaN())
			}
		}
		cfg := toyConfig()
		cfg.Preprocess = preprocess.Options{Impute: preprocess.ImputeMedian, SignedSqrt: true, Scale: preprocess.ScaleRobust, EqualBlocks: true, Components: 6, Whiten: true}
		result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m := result.Model
		defer m.Close()
		if m.F() != 9 || m.Layers[0].In != 6 || result.History[3].ValAUC < 0.7 {
			t.Errorf("%d features, %d inputs, %+v", m.F(), m.Layers[0].In, result.History[3])
		}
		want := embed(t, m, backend, test)
		order := slices.Clone(test.Columns)
		slices.Reverse(order)
		turned, err := test.SelectColumns(order)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, embed(t, m, backend, turned)); diff != "" {
			t.Errorf("columns in another order: %s", diff)
		}
		report, err := Evaluate(t.Context(), backend, m, "new items", val, test)
		if err != nil {
			t.Fatal(err)
		}
		if rows := report.Rows(); len(rows) != 3 || rows[1].Name != "preprocessed features, no training" || rows[0] == rows[1] {
			t.Errorf("%+v", rows)
		}
		if text := report.String(); !strings.Contains(text, "standardised features") || !strings.Contains(text, "preprocessed features") {
			t.Error(text)
		}
		finiteJSON(t, report)
	})
}

// Without imputing a missing value is named, wherever it is.
func TestMissingValuesAreRefused(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := inBlocks("t", 6, 1), inBlocks("v", 6, 2)
	val.Row(5)[3] = float32(math.NaN())
	_, err = Train(t.Context(), backend, toyConfig(), train, val, TrainOptions{})
	wantError(t, err, `NaN in item "v5" column "x/3"`)
	cfg := toyConfig()
	cfg.Preprocess.Impute = preprocess.ImputeMean
	if _, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{}); err != nil {
		t.Error(err)
	}
	val.Row(5)[3] = float32(math.Inf(1))
	_, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	wantError(t, err, `+Inf in item "v5" column "x/3"`)
	for i := range train.N() {
		train.Row(i)[1] = float32(math.NaN())
	}
	_, err = Train(t.Context(), backend, cfg, train, inBlocks("v", 6, 2), TrainOptions{})
	wantError(t, err, `column "x/1" has no known value`)
}

// Preprocessing sees training items only, and units that standardisation takes out change nothing.
func TestPreprocessIsFittedOnTrainingItems(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := inBlocks("t", 8, 1), inBlocks("v", 8, 2)
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
	for _, p := range []preprocess.Options{preprocess.Default(), {Scale: preprocess.ScaleNone}, {SignedSqrt: true, EqualBlocks: true, Components: 3}} {
		want, err := preprocess.Fit(t.Context(), train, seq(train.N()), p)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, run(p, train).Model.Transform); diff != "" {
			t.Errorf("%+v: %s", p, diff)
		}
	}
	other := train.Select(seq(train.N()))
	for i := range other.X {
		other.X[i] *= 1024 // exact in float32
	}
	a, b := run(preprocess.Options{}, train), run(preprocess.Options{}, other)
	if a.History[0].Loss != b.History[0].Loss {
		t.Errorf("loss %v, and %v in other units", a.History[0].Loss, b.History[0].Loss)
	}
}

// The number of cores decides nothing about a preprocessed run.
func TestPreprocessSameBitsOnAnyCores(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := inBlocks("t", 20, 1), inBlocks("v", 10, 2)
	cfg := toyConfig()
	cfg.Preprocess = preprocess.Options{EqualBlocks: true, Components: 5}
	var want *Embeddings
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

// Items of a domain that training never saw are embedded, and said to be such.
func TestUnseenDomain(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	m, val := trained(t)
	defer m.Close()
	if z := embed(t, m, backend, val); z.Unseen != nil || z.Warnings() != nil && len(z.Zero) == 0 {
		t.Errorf("unseen %q, warnings %q", z.Unseen, z.Warnings())
	}
	test := toy("e", 4, 6, 9, 0.5, 3)
	test.Domains[3], test.Domains[5] = "x-ray", "drawing"
	z := embed(t, m, backend, test)
	if w := z.Warnings(); !cmp.Equal(z.Unseen, []string{"drawing", "x-ray"}) || !strings.Contains(w[len(w)-1], `["drawing" "x-ray"]`) {
		t.Errorf("unseen %q, warnings %q", z.Unseen, w)
	}
	report, err := Evaluate(t.Context(), backend, m, "new items", val, test)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(report.String(), "no training item was of domain") {
		t.Error(report)
	}
}

// Training is held against the better of the two kinds of untrained features.
func TestVerdictOfPreprocessed(t *testing.T) {
	figures := func(m float64, name string) Figures { return Figures{Name: name, MAPAtR: m, ROCAUC: m} }
	p := figures(0.75, preprocessedName)
	r := &Report{Positive: 0.1, Baseline: figures(0.5, standardisedName), Preprocessed: &p, Trained: figures(0.625, trainedName)}
	want := "training does NOT help: the features alone are better: MAP@R -0.125, ROC-AUC -0.125 against the preprocessed features (one run; no interval)"
	if got := r.Verdict(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p = figures(0.25, preprocessedName)
	want = "training helps: MAP@R +0.125, ROC-AUC +0.125 against the standardised features (one run; no interval)"
	if got := r.Verdict(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Reports on pairs have both kinds of untrained features, too.
func TestEvaluatePairsPreprocessed(t *testing.T) {
	m, f, val, test := judge(t)
	if report := evaluated(t, m, f, val, test); report.Preprocessed != nil || len(report.Rows()) != 2 {
		t.Errorf("plain standardisation stands there twice: %+v", report)
	}
	cfg := m.Config
	cfg.Preprocess = preprocess.Options{Scale: preprocess.ScaleRobust, Components: 2, Impute: preprocess.ImputeMean}
	other, err := Untrained(t.Context(), cfg, toy("t", 4, 20, 9, 0.5, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	f.X[4] = float32(math.NaN())
	report := evaluated(t, other, f, val, test)
	rows := report.Rows()
	if len(rows) != 3 || rows[1].Name != preprocessedName || rows[0].ROCAUC == rows[1].ROCAUC || !strings.Contains(report.String(), preprocessedName) {
		t.Errorf("%+v", rows)
	}
	p := PairFigures{Name: preprocessedName, ROCAUC: 0.75, AveragePrecision: 0.5}
	r := &PairReport{Positive: 0.5, Preprocessed: &p, Trained: PairFigures{ROCAUC: 0.875, AveragePrecision: 0.75}}
	want := "training helps: ROC-AUC +0.125, average precision +0.250 against the preprocessed features (one run; no interval)"
	if got := r.Verdict(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
