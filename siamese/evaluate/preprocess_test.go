package evaluate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// One run with everything: training sees preprocessed features, and neither another order of columns nor
// missing values stand in the way afterwards.
func TestTrainPreprocessed(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val, test := labtest.InBlocks("t", 20, 1), labtest.InBlocks("v", 10, 2), labtest.InBlocks("e", 10, 3)
		missing := rand.New(rand.NewPCG(1, 1))
		for _, f := range []*data.Frame{train, val, test} {
			for range f.N() / 2 {
				f.X[missing.IntN(len(f.X))] = float32(math.NaN())
			}
		}
		cfg := toymodel.Config()
		cfg.Preprocess = preprocess.Options{Impute: preprocess.ImputeMedian, SignedSqrt: true,
			Scale: preprocess.ScaleRobust, EqualBlocks: true, Components: 6, Whiten: true}
		result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m := result.Model
		defer m.Close()
		if m.F() != 9 || m.Layers[0].In != 6 || result.History[3].ValAUC < 0.7 {
			t.Errorf("%d features, %d inputs, %+v", m.F(), m.Layers[0].In, result.History[3])
		}
		want := toymodel.Embed(t, m, backend, test)
		order := slices.Clone(test.Columns)
		slices.Reverse(order)
		turned, err := test.SelectColumns(order)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, toymodel.Embed(t, m, backend, turned)); diff != "" {
			t.Errorf("columns in another order: %s", diff)
		}
		report, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if rows := report.Rows(); len(rows) != 3 || rows[1].Name != "preprocessed features, no training" ||
			cmp.Equal(rows[0], rows[1]) {
			t.Errorf("%+v", rows)
		}
		if text := report.String(); !strings.Contains(text, "standardised features") ||
			!strings.Contains(text, "preprocessed features") {
			t.Error(text)
		}
		finiteJSON(t, report)
	})
}

// Items of a domain that training never saw are embedded, and said to be such.
func TestUnseenDomain(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	if z := toymodel.Embed(t, m, backend, val); z.Unseen != nil || z.Warnings() != nil && len(z.Zero) == 0 {
		t.Errorf("unseen %q, warnings %q", z.Unseen, z.Warnings())
	}
	test := labtest.Toy("e", 4, 6, 9, 0.5, 3)
	test.Domains[3], test.Domains[5] = "x-ray", "drawing"
	z := toymodel.Embed(t, m, backend, test)
	if w := z.Warnings(); !cmp.Equal(z.Unseen, []string{"drawing", "x-ray"}) ||
		!strings.Contains(w[len(w)-1], `["drawing" "x-ray"]`) {
		t.Errorf("unseen %q, warnings %q", z.Unseen, w)
	}
	report, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(report.String(), "no training item was of domain") {
		t.Error(report)
	}
}

// Reports on pairs have both kinds of untrained features, too.
func TestPairsPreprocessed(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	if report := evaluated(t, m, f, val, test); report.Preprocessed != nil || len(report.Rows()) != 2 {
		t.Errorf("plain standardisation stands there twice: %+v", report)
	}
	cfg := m.Config
	cfg.Preprocess = preprocess.Options{Scale: preprocess.ScaleRobust, Components: 2, Impute: preprocess.ImputeMean}
	other, err := siamese.Untrained(t.Context(), cfg, labtest.Toy("t", 4, 20, 9, 0.5, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	f.X[4] = float32(math.NaN())
	rep := evaluated(t, other, f, val, test)
	rows := rep.Rows()
	if len(rows) != 3 || rows[1].Name != report.PreprocessedName ||
		rows[0].Values[stats.ROCAUC] == rows[1].Values[stats.ROCAUC] ||
		!strings.Contains(rep.String(), report.PreprocessedName) {
		t.Errorf("%+v", rows)
	}
	p := report.Metrics{Name: report.PreprocessedName,
		Values: map[string]float64{stats.ROCAUC: 0.75, stats.AveragePrecision: 0.5}}
	r := &report.Report{GivenPairs: true, Positive: 0.5, Preprocessed: &p,
		Trained: report.Metrics{Values: map[string]float64{stats.ROCAUC: 0.875, stats.AveragePrecision: 0.75}}}
	labtest.WantText(t, r.Verdict(), "training helps: ", "ROC-AUC +0.125", "average precision +0.250",
		"against the preprocessed features")
}
