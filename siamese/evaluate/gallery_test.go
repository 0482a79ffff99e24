package evaluate

import (
	"testing"

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
	rep, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{Gallery: &opt})
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

func TestGalleryRefuses(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 4, 15, 9, 0.5, 5)
	_, err := itemsOf(t.Context(), backend, m, "x", val, test, Options{Gallery: &gallery.Options{Neighbours: -1}})
	labtest.WantOptions(t, err, "Neighbours")
	one := pairs.Pairs{Left: []int32{0}, Right: []int32{1}, Label: []float32{1}}
	_, err = Pairs(t.Context(), backend, One(m), "x", test, one, one, Options{Gallery: &gallery.Options{}})
	labtest.WantOptions(t, err, "Gallery")
}
