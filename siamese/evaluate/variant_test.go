package evaluate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// A model with PLDA has a row without it: that of the same encoder by plain cosines, but for its threshold. It changes
// nothing else.
func TestVariant(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	test := labtest.InBlocks("e", 8, 3)
	cfg := siamese.DefaultConfig()
	cfg.Layers, cfg.ValPairs, cfg.FeatureShare = []int{8, 4}, 100, 0.4
	reports := map[bool]*report.Report{}
	for _, with := range []bool{false, true} {
		m, err := siamese.Untrained(t.Context(), cfg, train)
		if err != nil {
			t.Fatal(err)
		}
		if with {
			if m, err = m.WithPLDA(t.Context(), backend, train, config.PLDAEncoder); err != nil {
				t.Fatal(err)
			}
		}
		defer m.Close()
		if reports[with], err = itemsOf(t.Context(), backend, m, "new items", val, test, Options{Train: train}); err != nil {
			t.Fatal(err)
		}
	}
	rep, other := reports[true], reports[false]
	v := rep.Variant
	if v == nil || v.Name != report.PlainName || v.Intervals == nil || rep.Alone(v.Name) || other.Variant != nil {
		t.Fatalf("variants %+v and %+v", v, other.Variant)
	}
	for _, key := range []string{stats.MAPAtR, stats.ROCAUC, stats.EER} {
		if want := other.Trained.Values[key]; v.Values[key] != want {
			t.Errorf("%s of the variant is %v, that of the model without PLDA %v", key, v.Values[key], want)
		}
	}
	if cmp.Equal(v.Values, rep.Trained.Values) {
		t.Error("the variant is the model itself")
	}
	rows := rep.Rows()
	if rows[len(rows)-1].Name != v.Name || rows[len(rows)-2].Name != report.TrainedName {
		t.Errorf("the last rows are %q and %q", rows[len(rows)-2].Name, rows[len(rows)-1].Name)
	}
	labtest.WantText(t, rep.String(), v.Name)
	finiteJSON(t, rep)
	if diff := cmp.Diff(reports[false].Baseline.Values, reports[true].Baseline.Values); diff != "" {
		t.Error(diff)
	}
}

// A transductive row is that of the model adapted to the test items; it stands last and decides nothing. A model
// without PLDA of its features has none.
func TestTransductive(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	test := labtest.InBlocks("e", 8, 3)
	cfg := siamese.DefaultConfig()
	cfg.Layers, cfg.ValPairs, cfg.FeatureShare, cfg.PLDA = []int{8, 4}, 100, 0.4, config.PLDAFeatures
	m, err := siamese.Untrained(t.Context(), cfg, train)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	rep, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{Transductive: true})
	if err != nil {
		t.Fatal(err)
	}
	adapted, err := m.Adapt(t.Context(), backend, test, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer adapted.Close()
	want, err := itemsOf(t.Context(), backend, adapted, "new items", val, test, Options{NoIntervals: true})
	if err != nil {
		t.Fatal(err)
	}
	rows := rep.Rows()
	last := rows[len(rows)-1]
	if last.Name != report.TransductiveName || last.Intervals == nil || rep.Alone(last.Name) ||
		last.Values[stats.MAPAtR] != want.Trained.Values[stats.MAPAtR] ||
		last.Values[stats.ROCAUC] != want.Trained.Values[stats.ROCAUC] || cmp.Equal(last.Values, rep.Trained.Values) {
		t.Errorf("%+v, want the values of %+v", last, want.Trained)
	}
	finiteJSON(t, rep)
	cfg.PLDA = ""
	plain, err := siamese.Untrained(t.Context(), cfg, train)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	_, err = itemsOf(t.Context(), backend, plain, "new items", val, test, Options{Transductive: true})
	labtest.WantOptions(t, err, "Transductive")
}
