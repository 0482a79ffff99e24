package evaluate

import (
	"math"
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// Rows that use the gallery stand last, with the metrics of expanded items, and change nothing else.
func TestGallery(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 4, 15, 9, 0.5, 5)
	plain, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{})
	if err != nil {
		t.Fatal(err)
	}
	opt := gallery.Options{Neighbours: 2}
	rep, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{Gallery: GalleryOptions{Expand: &opt}})
	if err != nil {
		t.Fatal(err)
	}
	rows := rep.Rows()
	if n := len(plain.Rows()); len(rows) != n+2 || rows[n].Name != report.GalleryName(report.StandardisedName) ||
		rows[n+1].Name != report.GalleryName(report.TrainedName) {
		t.Fatalf("rows %v", rows)
	}
	z, err := m.Embed(t.Context(), backend, test)
	if err != nil {
		t.Fatal(err)
	}
	expanded, err := gallery.Expand(t.Context(), z, opt)
	if err != nil {
		t.Fatal(err)
	}
	_, labels := itemset.ClassNumbers(test)
	want, err := metric.AllPairs(t.Context(), expanded.Values, labels, metric.Options{Ks: []int{1}})
	if err != nil {
		t.Fatal(err)
	}
	f := rep.Gallery[1]
	if f.Values[stats.ROCAUC] != want.Verification.ROCAUC || f.Values[stats.MAPAtR] != want.Retrieval.MAPAtR ||
		f.Values[stats.MAPAtR] == rep.Trained.Values[stats.MAPAtR] || f.Intervals == nil {
		t.Errorf("%+v, want ROC-AUC %v, MAP@R %v", f, want.Verification.ROCAUC, want.Retrieval.MAPAtR)
	}
	if rep.Verdict() != plain.Verdict() || rep.Alone(f.Name) || !rep.Alone(rep.Baseline.Name) {
		t.Errorf("the verdict %q became %q", plain.Verdict(), rep.Verdict())
	}
	labtest.WantText(t, rep.String(), report.GalleryName(report.TrainedName))
	finiteJSON(t, rep)
}

// Re-ranked rows stand beside those of expansion, with the metrics of their own similarities, intervals included.
func TestGalleryReranked(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 4, 15, 9, 0.5, 5)
	expand, rerank := gallery.Options{Neighbours: 2}, gallery.RerankOptions{K1: 6, K2: 2}
	rep, err := itemsOf(t.Context(), backend, m, "new items", val, test,
		Options{Gallery: GalleryOptions{Expand: &expand, Rerank: &rerank}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range rep.Gallery {
		names = append(names, f.Name)
	}
	var want []string
	for _, method := range []string{report.StandardisedName, report.TrainedName} {
		want = append(want, report.GalleryName(method), report.RerankedName(method), report.BothName(method))
	}
	if !slices.Equal(names, want) {
		t.Fatalf("rows %q, want %q", names, want)
	}
	z := toymodel.Embed(t, m, backend, test)
	expanded := labtest.Must(gallery.Expand(t.Context(), z, expand))
	_, labels := itemset.ClassNumbers(test)
	for k, z := range map[int]*embedding.Embeddings{4: z, 5: expanded} {
		r := labtest.Must(gallery.NewReranker(t.Context(), z, rerank))
		all := labtest.Must(r.Overlaps(t.Context()))
		f := rep.Gallery[k]
		// Pair by pair.
		var scores []float64
		var same []bool
		for i := range z.N {
			for j := range i {
				scores, same = append(scores, all.Similarity(i, j)), append(same, labels[i] == labels[j])
			}
		}
		v := labtest.Must(metric.Verify(scores, same, nil,
			metric.VerificationOptions{Thresholds: []float64{f.Threshold}}))
		at := report.NewAtThreshold(v.At[0])
		if math.Abs(f.Values[stats.ROCAUC]-v.ROCAUC) > 1e-3 || math.Abs(f.Now().FPR-at.FPR) > 1e-3 ||
			math.Abs(f.Now().FNR-at.FNR) > 1e-2 {
			t.Errorf("%s: %v, want ROC-AUC %v, %+v", f.Name, f.Values, v.ROCAUC, at)
		}
		e := f.Intervals.Estimates[stats.MAPAtR]
		if e.Value != f.Values[stats.MAPAtR] || !(e.Low < e.Value && e.Value < e.High) || f.ValidationIntervals == nil {
			t.Errorf("%s: MAP@R %v, interval %v", f.Name, f.Values[stats.MAPAtR], e)
		}
		if d := math.Abs(f.ValidationIntervals.FPR.Value - f.Validation.FPR); d > 1e-12 {
			t.Errorf("%s: FPR on validation items %v, with its interval %v", f.Name, f.Validation.FPR,
				f.ValidationIntervals.FPR)
		}
	}
	finiteJSON(t, rep)
	// Estimates are of the same similarities.
	few, err := itemsOf(t.Context(), backend, m, "new items", val, test,
		Options{Estimate: 50, Gallery: GalleryOptions{Rerank: &rerank}})
	if err != nil {
		t.Fatal(err)
	}
	got, exact := few.Gallery[1].Values[stats.MAPAtR], rep.Gallery[4].Values[stats.MAPAtR]
	if math.Abs(got-exact) > .1 || few.Gallery[1].Name != report.RerankedName(report.TrainedName) {
		t.Errorf("estimated %v of %s, exact %v", got, few.Gallery[1].Name, exact)
	}
}

func TestGalleryRefuses(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 4, 15, 9, 0.5, 5)
	_, err := itemsOf(t.Context(), backend, m, "x", val, test, Options{Gallery: GalleryOptions{Expand: &gallery.Options{Neighbours: -1}, Rerank: &gallery.RerankOptions{K2: -1}}})
	labtest.WantOptions(t, err, "Neighbours", "K2")
	one := pairs.Pairs{Left: []int32{0}, Right: []int32{1}, Label: []float32{1}}
	_, err = Pairs(t.Context(), backend, One(m), "x", test, one, one, Options{Gallery: GalleryOptions{Rerank: &gallery.RerankOptions{}}})
	labtest.WantOptions(t, err, "Rerank")
	_, err = Pairs(t.Context(), backend, One(m), "x", test, one, one, Options{Gallery: GalleryOptions{
		Expand: &gallery.Options{}, Rerank: &gallery.RerankOptions{}}})
	labtest.WantOptions(t, err, "Expand", "Rerank")
}
