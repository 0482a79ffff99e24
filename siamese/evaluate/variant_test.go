package evaluate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/pairs"
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

// Models with nested widths or a gate, and PLDA, have the baselines and the classifier of one without any of them. Their
// further rows are all there, those of a narrowed model too, and over pairs that of the adapted model.
func TestSettingsTogether(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	test := labtest.InBlocks("e", 8, 3)
	trained := func(change func(*siamese.Config)) *siamese.Model {
		cfg := toymodel.Config()
		cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.FeatureShare = []int{8, 4}, 1, 128, 0.2
		change(&cfg)
		m := labtest.Must(siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})).Model
		t.Cleanup(func() { m.Close() })
		return m
	}
	opt := Options{Train: train, NoIntervals: true}
	plain := labtest.Must(itemsOf(t.Context(), backend, trained(func(*siamese.Config) {}), "new items", val, test, opt))
	opt.Transductive = true
	opt.Gallery = GalleryOptions{Expand: &gallery.Options{Neighbours: 2}, Rerank: &gallery.RerankOptions{K1: 6, K2: 2}}
	nested := trained(func(c *siamese.Config) { c.Nested, c.PLDA = []int{2}, config.PLDAFeatures })
	gated := trained(func(c *siamese.Config) { c.UnknownShare, c.PLDA = 0.8, config.PLDAFeatures })
	var reports []*report.Report
	for name, m := range map[string]*siamese.Model{"nested": nested, "gated": gated} {
		rep := labtest.Must(itemsOf(t.Context(), backend, m, "new items", val, test, opt))
		if diff := cmp.Diff(plain.Others, rep.Others); diff != "" {
			t.Errorf("%s: the baselines are others:\n%s", name, diff)
		}
		if diff := cmp.Diff(plain.Classifier, rep.Classifier); diff != "" {
			t.Errorf("%s: the classifier is another:\n%s", name, diff)
		}
		if n := len(rep.Gallery); n != 7 || rep.Gallery[n-1].Name != report.TransductiveName || rep.Variant == nil {
			t.Errorf("%s: %d rows use the gallery, variant %v", name, n, rep.Variant)
		}
		finiteJSON(t, rep)
		reports = append(reports, rep)
	}
	narrow := labtest.Must(nested.Narrow(2, false))
	defer narrow.Close()
	part := labtest.Must(itemsOf(t.Context(), backend, narrow, "new items", val, test, opt))
	if len(part.Gallery) != 7 || part.Trained.Threshold != nested.Nested[0].Threshold ||
		!cmp.Equal(part.Baseline, plain.Baseline) {
		t.Errorf("of two numbers %+v", part.Trained)
	}
	for _, rep := range append(reports, plain) {
		if cmp.Equal(part.Trained.Values, rep.Trained.Values) {
			t.Errorf("two numbers and all have %v", part.Trained.Values)
		}
	}
	var sides [2]pairs.Pairs
	for i := range int32(test.N()) {
		for j := i % 2; j < i; j += 2 { // no pair is across the sides
			same := float32(0)
			if test.Labels[i] == test.Labels[j] {
				same = 1
			}
			p := &sides[i%2]
			p.Left, p.Right, p.Label = append(p.Left, i), append(p.Right, j), append(p.Label, same)
		}
	}
	given := labtest.Must(Pairs(t.Context(), backend, One(gated), "pairs", test, sides[0], sides[1],
		Options{Transductive: true})).One()
	if len(given.Gallery) != 1 || given.Gallery[0].Name != report.TransductiveName {
		t.Errorf("over pairs %+v", given.Gallery)
	}
	finiteJSON(t, given)
}
