package stats

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/metric"
)

func TestSubsamples(t *testing.T) {
	for _, c := range []struct{ n, size, want int }{{10, 4, 4}, {3, 20, 3}, {0, 5, 0}} {
		for _, items := range labtest.Must(Subsamples(c.n, c.size, 7, 3)) {
			if len(items) != c.want || len(slices.Compact(slices.Clone(items))) != c.want || !slices.IsSorted(items) ||
				c.want > 0 && items[c.want-1] >= c.n {
				t.Errorf("%+v: %v", c, items)
			}
		}
	}
	a, b := labtest.Must(Subsamples(30, 5, 3, 1)), labtest.Must(Subsamples(30, 5, 3, 2))
	if slices.EqualFunc(a, b, slices.Equal) || slices.Equal(a[0], a[1]) ||
		!slices.EqualFunc(a, labtest.Must(Subsamples(30, 5, 3, 1)), slices.Equal) {
		t.Errorf("%v and %v", a, b)
	}
}

// Of a mean it is nearly the textbook's standard error of the mean, whatever the share.
func TestSubsampleIntervalMean(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float64, 400)
	for i := range x {
		x[i] = rng.Float64() - .5
	}
	for _, size := range []int{40, 200, 360} {
		var means []float64
		for _, items := range labtest.Must(Subsamples(len(x), size, 2000, 5)) {
			sum := 0.0
			for _, i := range items {
				sum += x[i]
			}
			means = append(means, sum/float64(size))
		}
		got, err := SubsampleInterval(.1, means, float64(size)/400, -1, .9)
		if err != nil {
			t.Fatal(err)
		}
		want := 1.6457 * stat.StdDev(x, nil) / 20 // qt(.95, 1999)
		if half := (got.High - got.Low) / 2; math.Abs(half/want-1) > .06 || math.Abs(got.Low+got.High-.2) > 1e-12 {
			t.Errorf("%d of 400 items: %+v, want .1 +- %v", size, got, want)
		}
	}
}

// How often 90 % intervals of 80 simulations hold the truth, for metrics that have no other interval here.
func TestSubsampleIntervalCoverage(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	const items, sets = 300, 50
	opt := metric.Options{Ks: []int{5}, Verification: metric.VerificationOptions{FPRs: []float64{.1}}}
	measure := func(emb []float32, labels []int32) [6]float64 {
		r, err := metric.AllPairs(ctx, emb, labels, opt)
		if err != nil {
			t.Fatal(err)
		}
		v, q := r.Verification, r.Retrieval
		return [6]float64{v.FNRAtFPR[0].FNR, v.ROCAUC, v.Natural.AveragePrecision, q.RPrecision, q.NDCGAt[0].Value,
			q.KNNAt[0].Value}
	}
	names := []string{"FNR at FPR .1", "ROC-AUC", "average precision", "R-Precision", "NDCG@5", "kNN@5"}
	var truth [6]float64
	for seed := range uint64(200) {
		for f, x := range measure(simulatedAny(items, 10, 4, .8, 7, 4000+seed)) {
			truth[f] += x / 200
		}
	}
	for _, size := range []int{items / 2, items / 5} {
		var held [6]int
		for seed := range uint64(sets) {
			emb, labels := simulatedAny(items, 10, 4, .8, 7, seed)
			whole := measure(emb, labels)
			var values [6][]float64
			for _, some := range labtest.Must(Subsamples(items, size, 20, seed)) {
				var e []float32
				var l []int32
				for _, i := range some {
					e, l = append(e, emb[4*i:4*i+4]...), append(l, labels[i])
				}
				for f, x := range measure(e, l) {
					values[f] = append(values[f], x)
				}
			}
			for f := range whole {
				i, err := SubsampleInterval(whole[f], values[f], float64(size)/items, 0, .9)
				if err != nil {
					t.Fatal(err)
				}
				if i.Holds(truth[f]) {
					held[f]++
				}
			}
		}
		for f, n := range held {
			t.Logf("%s from %d of %d items: %d of %d intervals of 90 %% hold the truth", names[f], size, items, n, sets)
			if n < 39 { // 45 are due, with a standard deviation of 2.1
				t.Error("that is too few")
			}
		}
	}
}

func TestSubsampleIntervalErrors(t *testing.T) {
	for want, c := range map[string]struct {
		values            []float64
		share, confidence float64
	}{
		"on 1 subsamples": {[]float64{1}, .5, 0}, "subsample 1 is NaN": {[]float64{1, math.NaN()}, .5, 0},
		"confidence is 2": {[]float64{1, 2}, .5, 2}, "are 1 of the items": {[]float64{1, 2}, 1, 0},
	} {
		if _, err := SubsampleInterval(.5, c.values, c.share, 0, c.confidence); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, value := range []float64{0, 1} {
		if i, err := SubsampleInterval(value, []float64{value, value, value}, .5, 0, 0); err != nil || i.Low != value ||
			i.High != value || i.Confidence != .95 {
			t.Errorf("%+v, %v", i, err)
		}
	}
}
