package evaluate

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// Every metric of the details that is defined lies in its interval, intervals change no metric, and what stands in the
// report has the interval that it has there.
func TestDetailsIntervals(t *testing.T) {
	rep, _, _ := detailed(t, Options{Confidence: .8})
	other, _, _ := detailed(t, Options{NoIntervals: true})
	if undefined, err := (subsampled{confidence: Options{}.confidence()}).interval(.5, -1, 9, nil); err != nil ||
		undefined != (stats.Interval{Value: .5, Low: -1, High: 1, Confidence: .95, Method: "undefined"}) {
		t.Errorf("without values %+v, %v", undefined, err)
	}
	for k, one := range rep.Details.Of {
		if o := other.Details.Of[k]; o.Low != nil || o.High != nil || o.Classes[1].Change != nil {
			t.Errorf("intervals where none are wanted: %+v", o)
		}
		if diff := cmp.Diff(other.Details.Of[k].Values(), one.Values()); diff != "" {
			t.Errorf("intervals change metrics: %s", diff)
		}
		low, high := one.Low.Values(), one.High.Values()
		for name, value := range one.Values() {
			if a, b := low[name], high[name]; !(a <= value && value <= b && a >= 0 && b <= 1) || a == b {
				t.Errorf("%s: %s is %v in %v to %v", one.Name, name, value, a, b)
			}
		}
		if len(low) != len(high) || len(low) < 40 {
			t.Errorf("%d and %d ends", len(low), len(high))
		}
	}
	one, ci := rep.Details.Of[0], rep.Trained.Intervals
	if one.Low.RecallAt[0].Value != ci.Estimates[stats.RecallAt1].Low ||
		one.High.KNNAt[0].Value != ci.Estimates[stats.RecallAt1].High ||
		one.High.AveragePrecision != ci.Estimates[stats.AveragePrecision].High {
		t.Errorf("%+v and %+v, in the report %+v", one.Low, one.High, ci)
	}
	frozen, was := [2]report.AtThreshold{one.Low.Thresholds[0].Validation, one.High.Thresholds[0].Validation},
		rep.Trained.ValidationIntervals
	if frozen != [2]report.AtThreshold{{Accuracy: was.Accuracy.Low, FPR: was.FPR.Low, FNR: was.FNR.Low},
		{Accuracy: was.Accuracy.High, FPR: was.FPR.High, FNR: was.FNR.High}} {
		t.Errorf("on validation items %+v, in the report %+v", frozen, was)
	}
}

// The intervals are those of the metrics on subsamples of the items, by package metric, and those of the differences of
// classes of both similarities on the same ones.
func TestDetailsIntervalsOracle(t *testing.T) {
	const class = "class 1"
	rep, z, test := detailed(t, Options{Confidence: .8})
	_, standard := labtest.RawTransforms(test.Columns)
	untrained, err := embedding.UnitRows(t.Context(), standard, test)
	if err != nil {
		t.Fatal(err)
	}
	_, labels := itemset.ClassNumbers(test)
	var precisions, changes []float64
	for _, items := range labtest.Must(stats.Subsamples(test.N(), test.N()/2, detailSamples, toymodel.Config().Seed)) {
		var some []int32
		for _, i := range items {
			some = append(some, labels[i])
		}
		judge := func(z *embedding.Embeddings) (rPrecision, mapAtR float64, ok bool) {
			r, err := metric.AllPairs(t.Context(), z.Select(items).Values, some, metric.Options{PerQuery: true})
			if err != nil {
				t.Fatal(err)
			}
			of, queries := 0.0, 0.0
			for k, q := range r.Retrieval.PerQuery {
				if test.Labels[items[k]] == class && q.R > 0 {
					of, queries = of+q.APAtR, queries+1
				}
			}
			return r.Retrieval.RPrecision, of / max(1, queries), queries > 0
		}
		precision, a, ok := judge(z)
		precisions = append(precisions, precision)
		if _, b, _ := judge(untrained); ok {
			changes = append(changes, a-b)
		}
	}
	one, other := rep.Details.Of[0], rep.Details.Of[1]
	want, err := stats.SubsampleInterval(one.RPrecision, precisions, .5, 0, .8)
	if err != nil || !labtest.Near(one.Low.RPrecision, want.Low, 2e-6) ||
		!labtest.Near(one.High.RPrecision, want.High, 2e-6) {
		t.Errorf("R-Precision %v to %v, want %+v, %v", one.Low.RPrecision, one.High.RPrecision, want, err)
	}
	place := slices.IndexFunc(one.Classes, func(c report.ClassDetail) bool { return c.Class == class })
	got := one.Classes[place].Change
	want, err = stats.SubsampleInterval(got.Value, changes, .5, -1, .8)
	if err != nil || !labtest.Near(got.Low, want.Low, 1e-6) || !labtest.Near(got.High, want.High, 1e-6) ||
		!labtest.Near(got.Value, one.Classes[place].MAPAtR-other.Classes[place].MAPAtR, 1e-12) {
		t.Errorf("%s changes by %+v, want %+v, %v", class, got, want, err)
	}
}

// Intervals by subsamples of many items, which are a fifth of them, are about as wide as those of the first order.
func TestSubsampleOf(t *testing.T) {
	for n, want := range map[int]int{4: 2, 36: 18, 1000: 500, 1001: 500, 2500: 500, 20000: 4000} {
		if got := subsampleOf(n); got != want {
			t.Errorf("%d of %d items, want %d", got, n, want)
		}
	}
	backend := devicetest.Go(t)
	// a subsample is not half of so many
	val, test := labtest.PositiveToy("v", 3, 8, 1), labtest.PositiveToy("e", 6, 168, 2)
	m := toymodel.Identity(val.Columns)
	defer m.Close()
	report, err := itemsOf(t.Context(), backend, m, "many", val, test, Options{Details: true})
	if err != nil {
		t.Fatal(err)
	}
	one, ci := report.Details.Of[0], report.Trained.Intervals
	width := one.High.Macro.MAPAtR - one.Low.Macro.MAPAtR // classes are of one size: MAP@R is the mean of the classes'
	if want := ci.Estimates[stats.MAPAtR].High - ci.Estimates[stats.MAPAtR].Low; !labtest.Near(one.Macro.MAPAtR,
		report.Trained.Values[stats.MAPAtR], 1e-9) || width < want/2 || width > want*1.5 {
		t.Errorf("MAP@R %v to %v by subsamples, %v to %v by influence", one.Low.Macro.MAPAtR, one.High.Macro.MAPAtR,
			ci.Estimates[stats.MAPAtR].Low, ci.Estimates[stats.MAPAtR].High)
	}
}
