package evaluate

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// Estimates of items on disk are those of the same items in memory; and features, which estimates read as they are
// needed, have the threshold and the metrics of the same rows in memory, to the bit.
func TestEstimateOnDisk(t *testing.T) {
	backend := devicetest.Go(t)
	m, _ := toymodel.Trained(t)
	defer m.Close()
	// More validation items than queries too.
	train, val, test := labtest.Toy("t", 4, 30, 9, 0.5, 1), labtest.Toy("w", 4, 20, 9, 0.5, 2),
		labtest.Toy("e", 6, 30, 9, 0.8, 5)
	onDisk := func(f *data.Frame) *data.Frame {
		out, release, err := ondisk.Select(t.Context(), f, itemset.AllItems(f), t.TempDir(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(release)
		return out
	}
	defer func(was int) { longEstimate = was }(longEstimate)
	longEstimate = 150
	var stages []string
	opt := Options{Estimate: 50, EstimateSeed: 3, Train: train, Stage: func(what string) { stages = append(stages, what) }}
	want, err := itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	if told := report.StandardisedName + ", 100 %"; !slices.Contains(stages, told) {
		t.Errorf("stages %q, want %q among them", stages, told)
	}
	opt.Train = onDisk(train)
	got, err := itemsOf(t.Context(), backend, m, "new items", onDisk(val), onDisk(test), opt)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("on disk:", diff)
	}

	rows := func(f *data.Frame) *embedding.Embeddings {
		z, err := embedding.UnitRows(t.Context(), m.Standard, f)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	onVal, onTest := rows(val), rows(test)
	if onTest.E <= m.E() {
		t.Fatalf("features are %d wide, embeddings %d", onTest.E, m.E())
	}
	o := overItems{val: val, test: test}
	if err := o.check(newEvaluation(backend, Model{Model: m}, "", opt, &o)); err != nil {
		t.Fatal(err)
	}
	threshold, err := bestThreshold(pairs.Scores(onVal, o.pairs))
	if err != nil {
		t.Fatal(err)
	}
	e, err := metric.EstimatePairs(t.Context(), onTest.Values, o.labels, metric.EstimateOptions{Queries: 50, Seed: 3,
		Options: metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{Thresholds: []float64{threshold}}}})
	if err != nil {
		t.Fatal(err)
	}
	if want.Baseline.Threshold != threshold {
		t.Errorf("threshold %v, want %v", want.Baseline.Threshold, threshold)
	}
	for _, one := range stats.Registry() {
		if got, want := want.Baseline.Values[one.Key], one.Value(&e.Result); got != want {
			t.Errorf("%s is %v, want %v", one.Key, got, want)
		}
	}
	// A value that cannot be transformed is found when it is read.
	bad := test.Select(itemset.AllItems(test))
	bad.X = slices.Clone(bad.X)
	bad.X[9*100+4] = 3e38
	m.Standard.Factor[4] = 10
	_, err = itemsOf(t.Context(), backend, m, "new items", val, bad, opt)
	labtest.WantError(t, err, test.IDs[100])
}
