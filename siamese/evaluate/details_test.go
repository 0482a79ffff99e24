package evaluate

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// detailed returns an evaluation with details of an encoder that does not look at the first feature, with one item
// without a label and one that is alone in its class.
func detailed(t *testing.T, opt Options) (*report.Report, *embedding.Embeddings, *data.Frame) {
	t.Helper()
	backend := devicetest.Go(t)
	val, test := labtest.PositiveToy("v", 3, 8, 1), labtest.PositiveToy("e", 4, 9, 2)
	test.Labels[4], test.Labels[5] = "", "alone"
	m := toymodel.Identity(val.Columns, []float32{0})
	defer m.Close()
	m.Threshold = 0.6
	opt.Details = true
	report, err := itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	return report, toymodel.Embed(t, m, backend, test), test
}

func TestDetailsAgainstNaive(t *testing.T) {
	rep, z, test := detailed(t, Options{})
	d := rep.Details
	if d == nil || len(d.Of) != 2 || d.Of[0].Name != report.TrainedName || len(d.Shown) != test.N() {
		t.Fatalf("%+v", d)
	}
	if err := rep.Check(); err != nil {
		t.Error(err)
	}
	one := d.Of[0]

	// Every pair stands in the histogram and the curve ends at its corners.
	var positives, negatives float64
	for k := range one.Histogram.Positives {
		positives, negatives = positives+one.Histogram.Positives[k], negatives+one.Histogram.Negatives[k]
	}
	if int64(positives+negatives) != rep.Pairs || !labtest.Near(positives/(positives+negatives), rep.Positive, 1e-12) {
		t.Errorf("%v same and %v different pairs in the histogram, want %d, %v of them same", positives, negatives,
			rep.Pairs, rep.Positive)
	}
	if a, b := one.Curve[0], one.Curve[len(one.Curve)-1]; a.FPR != 0 || a.FNR != 1 || b.FPR != 1 || b.FNR != 0 {
		t.Errorf("the curve goes from %+v to %+v", a, b)
	}
	if len(one.FNRAtFPR) != 4 || one.RecallAt[0].Value != rep.Trained.Values[stats.RecallAt1] {
		t.Errorf("%+v %+v", one.FNRAtFPR, one.RecallAt)
	}

	// Classes, and what they are taken for.
	items, right, taken := map[string]int{}, map[string]int{}, map[report.Confusion]int{}
	for i, label := range test.Labels {
		if label == "" {
			continue
		}
		nearest, best := -1, math.Inf(-1)
		for j := range z.N {
			if c := z.Cosine(i, j); j != i && c > best {
				nearest, best = j, c
			}
		}
		items[label]++
		if test.Labels[nearest] == label {
			right[label]++
		} else {
			taken[report.Confusion{Class: label, Nearest: test.Labels[nearest]}]++
		}
	}
	if len(one.Classes) != len(items) || len(one.Classes) != rep.Classes {
		t.Fatalf("%d classes, want %d", len(one.Classes), len(items))
	}
	for _, c := range one.Classes {
		if c.Items != items[c.Class] || c.Right != right[c.Class] || !c.Lone() &&
			!labtest.Near(c.RecallAt1, float64(c.Right)/float64(c.Items), 1e-12) {
			t.Errorf("%+v, want %d items, %d right", c, items[c.Class], right[c.Class])
		}
		if fresh := c.Class == "class 3" || c.Class == "alone"; c.New != fresh {
			t.Errorf("%+v: new, want %v", c, fresh)
		}
	}
	for k, c := range one.Confusions {
		if taken[report.Confusion{Class: c.Class, Nearest: c.Nearest}] != c.Items || k > 0 &&
			c.Items > one.Confusions[k-1].Items {
			t.Errorf("%+v", c)
		}
	}
	if len(one.Confusions) != len(taken) {
		t.Errorf("%d confusions, want %d", len(one.Confusions), len(taken))
	}

	// Domains.
	if len(one.Domains) != 4 || one.Domains[1].Query != "photo" || one.Domains[1].Reference != "scan" ||
		one.Domains[1].Queries+one.Domains[1].References != test.N() {
		t.Errorf("%+v", one.Domains)
	}
	if one.Clusters.Items != test.N()-1 || one.Clusters.K != rep.Classes || !(one.Clusters.NMI > 0) {
		t.Errorf("%+v", one.Clusters)
	}

	// The hardest pairs are the hardest, with no item more than three times.
	at := map[string]int{}
	for i, id := range test.IDs {
		at[id] = i
	}
	for _, kind := range []struct {
		pairs []report.HardPair
		same  bool
		sign  float64
	}{{one.Same, true, 1}, {one.Different, false, -1}} {
		times := map[string]int{}
		for k, p := range kind.pairs {
			i, j := at[p.Left], at[p.Right]
			same := test.Labels[i] != "" && test.Labels[i] == test.Labels[j]
			if same != kind.same || p.LeftClass != test.Labels[i] || p.RightClass != test.Labels[j] ||
				!labtest.Near(p.Cosine, z.Cosine(i, j), 1e-6) {
				t.Errorf("%+v, cosine %v", p, z.Cosine(i, j))
			}
			if k > 0 && kind.sign*(p.Cosine-kind.pairs[k-1].Cosine) < 0 {
				t.Errorf("pair %d is harder than the one before it", k)
			}
			times[p.Left]++
			times[p.Right]++
			if times[p.Left] > pairsOfItem || times[p.Right] > pairsOfItem {
				t.Errorf("%+v: an item stands in too many", p)
			}
		}
		worst := math.Inf(1)
		for i := range z.N {
			for j := range i {
				if (test.Labels[i] != "" && test.Labels[i] == test.Labels[j]) == kind.same {
					worst = min(worst, kind.sign*z.Cosine(i, j))
				}
			}
		}
		if len(kind.pairs) == 0 || !labtest.Near(kind.sign*kind.pairs[0].Cosine, worst, 1e-6) {
			t.Errorf("the hardest pair is %+v, want %v", kind.pairs, kind.sign*worst)
		}
	}

	// The two directions of a map are uncorrelated, and the first has more of the variance.
	m := one.Map
	var xx, yy, xy float64
	for i := range m.X {
		xx, yy, xy = xx+m.X[i]*m.X[i], yy+m.Y[i]*m.Y[i], xy+m.X[i]*m.Y[i]
	}
	if len(m.X) != test.N() || math.Abs(xy) > 1e-4*xx || xx < yy || !labtest.Near(xx/yy, m.Share[0]/m.Share[1], 1e-3) ||
		m.Share[0]+m.Share[1] > 1 {
		t.Errorf("sums of products %v, %v, %v, shares %v", xx, xy, yy, m.Share)
	}
}

// Details change no metric, are the same bits again, and survive JSON.
func TestDetailsAreAdded(t *testing.T) {
	rep, _, _ := detailed(t, Options{})
	again, _, test := detailed(t, Options{})
	if diff := cmp.Diff(rep, again); diff != "" {
		t.Error(diff)
	}
	finiteJSON(t, rep)
	if rep.ItemsHash != report.ItemsHash(test) {
		t.Errorf("hash of items %q", rep.ItemsHash)
	}
	backend := devicetest.Go(t)
	val := labtest.PositiveToy("v", 3, 8, 1)
	m := toymodel.Identity(val.Columns, []float32{0})
	defer m.Close()
	m.Threshold = 0.6
	plain, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{})
	if err != nil || plain.Details != nil {
		t.Fatal(plain.Details, err)
	}
	plain.Details = rep.Details
	if diff := cmp.Diff(plain.Rows(), rep.Rows()); diff != "" {
		t.Error(diff)
	}
	trained, _, _ := detailed(t, Options{NoIntervals: true, Train: labtest.PositiveToy("t", 4, 20, 7)})
	if slices.ContainsFunc(trained.Details.Of[0].Classes,
		func(c report.ClassDetail) bool { return c.New != (c.Class == "alone") }) {
		t.Errorf("a class of training items is new: %+v", trained.Details.Of[0].Classes)
	}
	ids, err := json.Marshal(rep.Details.Shown)
	if err != nil || !strings.Contains(string(ids), `{"id":"e4"}`) {
		t.Errorf("%s, %v", ids, err)
	}
}

// Whatever the test items are, there are details that hold together.
func TestDetailsDegenerate(t *testing.T) {
	backend := devicetest.Go(t)
	val := labtest.PositiveToy("v", 3, 8, 1)
	m := toymodel.Identity(val.Columns)
	defer m.Close()
	zero, same := labtest.PositiveToy("e", 2, 4, 2), labtest.PositiveToy("e", 2, 4, 2)
	clear(zero.X)
	for i := range same.X {
		same.X[i] = 1
	}
	many := labtest.PositiveToy("e", 2, 40, 2)
	for i := range many.Domains {
		many.Domains[i] = many.IDs[i]
	}
	for name, test := range map[string]*data.Frame{
		"one class": labtest.PositiveToy("e", 1, 6, 2), "lone classes": labtest.PositiveToy("e", 5, 1, 2),
		"one item":    labtest.PositiveToy("e", 1, 1, 2),
		"equal items": same, "zero items": zero, "a domain for every item": many,
	} {
		t.Run(name, func(t *testing.T) {
			report, err := itemsOf(t.Context(), backend, m, name, val, test, Options{Details: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := report.Check(); err != nil {
				t.Error(err)
			}
			finiteJSON(t, report)
			if report.Details.Of[0].Map == nil &&
				!strings.Contains(strings.Join(report.Warnings, "\n"), "no map of the embeddings") {
				t.Errorf("there is no map, and no warning: %q", report.Warnings)
			}
			if n := len(report.Details.Of[0].Domains); n > 0 && test == many {
				t.Errorf("%d pairs of domains", n)
			}
		})
	}
}

// A report stays under a megabyte whatever the number of items and classes.
func TestDetailsAreBounded(t *testing.T) {
	backend := devicetest.Go(t)
	// more items than are shown, more classes than tables have
	val, test := labtest.PositiveToy("v", 3, 8, 1), labtest.PositiveToy("e", 205, 10, 2)
	m := toymodel.Identity(val.Columns)
	defer m.Close()
	// The subsamples of intervals take ten times as long as all else; their ends have the shape of the metrics.
	report, err := itemsOf(t.Context(), backend, m, "many classes", val, test, Options{Details: true, NoIntervals: true})
	if err != nil {
		t.Fatal(err)
	}
	d := report.Details
	for _, one := range d.Of {
		one.Low, one.High = one.MetricsOnly(), one.MetricsOnly()
	}
	for k := range d.Of[0].Classes {
		d.Of[0].Classes[k].Change = &stats.Interval{Value: 1. / 3, Low: -1. / 3, High: 2. / 3, Confidence: .95,
			Method: "subsamples"}
	}
	if len(d.Shown) != shownItems || len(d.Of[0].Classes) != detailClasses || d.ClassesLeftOut != 5 ||
		len(d.Of[0].Confusions) != detailConfusions || len(d.Of[0].Same) != detailPairs {
		t.Errorf("%d items shown, %d classes and %d left out, %d confusions", len(d.Shown), len(d.Of[0].Classes),
			d.ClassesLeftOut, len(d.Of[0].Confusions))
	}
	if err := report.Check(); err != nil {
		t.Error(err)
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil || len(text) > 1<<20 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

func TestReportCheck(t *testing.T) {
	good, _, _ := detailed(t, Options{})
	text, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	labtest.WantError(t, (*report.Report)(nil).Check(), "missing")
	for want, spoil := range map[string]func(r *report.Report){
		"ROC":                     nil,
		"eer is 1.5":              func(r *report.Report) { r.Baseline.Values[stats.EER] = 1.5 },
		"the threshold is 1e+300": func(r *report.Report) { r.Trained.Threshold = 1e300 },
		"of 1 methods":            func(r *report.Report) { r.Details.Of = r.Details.Of[:1] },
		"method 2 is missing":     func(r *report.Report) { r.Details.Of[1] = nil },
		"knn_at has 3 entries":    func(r *report.Report) { r.Details.Of[1].KNNAt = nil },
		"classes has 5 entries": func(r *report.Report) {
			r.Details.Of[1].Classes = r.Details.Of[1].Classes[1:]
		},
		"only one of the two has clusters": func(r *report.Report) { r.Details.Of[0].Clusters = nil },
		"point 2 of the curve":             func(r *report.Report) { r.Details.Of[0].Curve[1].FNR = -1 },
		"the histogram has 60 and 0 bins":  func(r *report.Report) { r.Details.Of[0].Histogram.Negatives = nil },
		"coordinates for 36 items shown":   func(r *report.Report) { r.Details.Of[0].Map.Y = nil },
		`class "alone" has 0 items`:        func(r *report.Report) { r.Details.Of[0].Classes[0].Items = 0 },
		`"x" is confused with "y"`: func(r *report.Report) {
			r.Details.Of[0].Confusions = []report.Confusion{{Class: "x", Nearest: "y", Items: 1}}
		},
		"intervals have one end only":   func(r *report.Report) { r.Details.Of[1].High = nil },
		"intervals: Recall@1 ends at 2": func(r *report.Report) { r.Details.Of[1].Low.RecallAt[0].Value = 2 },
		"and there are":                 func(r *report.Report) { r.Details.Of[0].Low.Domains = nil },
	} {
		var r report.Report
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		if spoil == nil {
			if err := r.Check(); err != nil || !reflect.DeepEqual(&r, good) {
				t.Errorf("a sound report: %v", err)
			}
			continue
		}
		spoil(&r)
		labtest.WantError(t, r.Check(), want, `report "new items"`)
	}
}
