package evaluate

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/forensic"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// labelledPairs returns a small trained model, a frame of 80 items without labels, pairs of its first 40 for validation
// and pairs of the others, labelled by classes that the frame does not have.
func labelledPairs(t *testing.T) (m *siamese.Model, f *data.Frame, val, test pairs.Pairs) {
	t.Helper()
	m, _ = toymodel.Trained(t)
	f = labtest.Toy("p", 4, 20, 9, 0.5, 7)
	classes := f.Labels
	f.Labels = nil
	rng := rand.New(rand.NewPCG(1, 1))
	for l := range int32(f.N()) {
		for r := range l {
			p := &val
			switch {
			case l%2 != r%2: // across the sides
				continue
			case l%2 == 1:
				p = &test
			}
			label := float32(0)
			if classes[l] == classes[r] {
				label = 1
			}
			p.Left, p.Right, p.Label = append(p.Left, l), append(p.Right, r), append(p.Label, label)
		}
	}
	rng.Shuffle(test.Len(), func(i, j int) {
		test.Left[i], test.Left[j] = test.Left[j], test.Left[i]
		test.Right[i], test.Right[j] = test.Right[j], test.Right[i]
		test.Label[i], test.Label[j] = test.Label[j], test.Label[i]
	})
	return m, f, val, test
}

func evaluated(t *testing.T, m *siamese.Model, f *data.Frame, val, test pairs.Pairs) *report.Report {
	t.Helper()
	backend := devicetest.Go(t)
	report, err := pairsOf(t.Context(), backend, m, "pairs", f, val, test, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// The pairs are all pairs of the test items: the metrics are those of Items, which knows the classes.
func TestPairsAgreesWithItems(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	rep := evaluated(t, m, f, val, test)
	labelled := *f
	labelled.Labels = labtest.Toy("p", 4, 20, 9, 0.5, 7).Labels
	backend := devicetest.Go(t)
	var odd, even []int
	for i := range f.N() {
		if i%2 == 1 {
			odd = append(odd, i)
		} else {
			even = append(even, i)
		}
	}
	want, err := itemsOf(t.Context(), backend, m, "items", labelled.Select(even), labelled.Select(odd), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Items != 40 || rep.Pairs != 780 || rep.Pairs != want.Pairs ||
		!labtest.Near(rep.Positive, want.Positive, 1e-12) {
		t.Errorf("%d items, %d pairs, %v positive; want %d, %d, %v", rep.Items, rep.Pairs, rep.Positive, want.Items,
			want.Pairs, want.Positive)
	}
	for _, side := range []struct {
		got  report.Metrics
		want report.Metrics
	}{{rep.Trained, want.Trained}, {rep.Baseline, want.Baseline}} {
		if side.got.Name != side.want.Name ||
			!labtest.Near(side.got.Values[stats.ROCAUC], side.want.Values[stats.ROCAUC], 1e-4) ||
			!labtest.Near(side.got.Values[stats.EER], side.want.Values[stats.EER], 1e-3) {
			t.Errorf("%+v, Evaluate gives %+v", side.got, side.want)
		}
	}
	if got := rep.Trained; got.Threshold != m.Threshold ||
		!labtest.Near(got.Values[stats.Accuracy], want.Trained.Values[stats.Accuracy], 1e-3) ||
		!labtest.Near(got.Values[stats.FPR], want.Trained.Values[stats.FPR], 1e-3) ||
		!labtest.Near(got.Values[stats.FNR], want.Trained.Values[stats.FNR], 1e-3) {
		t.Errorf("at the threshold %+v, Evaluate gives %+v", got, want.Trained)
	}
}

// Weights and graded labels against loops over all pairs of pairs.
func TestPairsOracle(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	rng := rand.New(rand.NewPCG(2, 2))
	for range test.Label {
		test.Weight = append(test.Weight, float32(rng.IntN(4)))
	}
	for k := range 100 {
		test.Label[k] = float32(rng.IntN(9)) / 8
	}
	report := evaluated(t, m, f, val, test)
	backend := devicetest.Go(t)
	z, err := m.Embed(t.Context(), backend, f)
	if err != nil {
		t.Fatal(err)
	}
	var wins, pos, neg, ap, fp, fn float64
	for a := range test.Label {
		score := z.Cosine(int(test.Left[a]), int(test.Right[a]))
		p, n := float64(test.Label[a]*test.Weight[a]), float64((1-test.Label[a])*test.Weight[a])
		pos, neg = pos+p, neg+n
		if score >= m.Threshold {
			fp += n
		} else {
			fn += p
		}
		var abovePos, aboveNeg float64 // weight of pairs that score at least as high
		for b := range test.Label {
			other := z.Cosine(int(test.Left[b]), int(test.Right[b]))
			n := float64((1 - test.Label[b]) * test.Weight[b])
			switch {
			case score > other:
				wins += p * n
			case score == other:
				wins += p * n / 2
			}
			if other >= score {
				abovePos, aboveNeg = abovePos+float64(test.Label[b]*test.Weight[b]), aboveNeg+n
			}
		}
		if p > 0 {
			ap += p * abovePos / (abovePos + aboveNeg)
		}
	}
	got := report.Trained
	for _, m := range []struct {
		name      string
		got, want float64
	}{
		{"ROC-AUC", got.Values[stats.ROCAUC], wins / pos / neg}, {"AP", got.Values[stats.AveragePrecision], ap / pos},
		{"FPR", got.Values[stats.FPR], fp / neg}, {"FNR", got.Values[stats.FNR], fn / pos},
		{"positive", report.Positive, pos / (pos + neg)},
	} {
		if !labtest.Near(m.got, m.want, 1e-9) {
			t.Errorf("%s %v, want %v", m.name, m.got, m.want)
		}
	}
	if report.Graded == 0 {
		t.Error("no pair is counted as graded")
	}
}

func TestPairsWeightIsRepetition(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	weighted := func(p pairs.Pairs, seed uint64) (weighted, repeated pairs.Pairs) {
		rng := rand.New(rand.NewPCG(seed, 3))
		weighted = p
		for k := range p.Label {
			w := rng.IntN(4)
			weighted.Weight = append(weighted.Weight, float32(w))
			for range w {
				repeated.Left, repeated.Right = append(repeated.Left, p.Left[k]), append(repeated.Right, p.Right[k])
				repeated.Label = append(repeated.Label, p.Label[k])
			}
		}
		return weighted, repeated
	}
	val, manyVal := weighted(val, 1)
	test, manyTest := weighted(test, 2)
	one, other := evaluated(t, m, f, val, test), evaluated(t, m, f, manyVal, manyTest)
	if diff := cmp.Diff(one, other, cmpopts.IgnoreFields(report.Report{}, "Pairs", "PairsHash", "Warnings",
		"Probabilities"), cmpopts.IgnoreFields(forensic.Evidence{}, "Pairs", "Guarantees"), // are of listings, and drawn
		cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Error(diff)
	}
	// the interval of a bin depends on its listings
	if a, b := one.Probabilities, other.Probabilities; !labtest.Near(a.Brier, b.Brier, 1e-9) ||
		!labtest.Near(a.ECE, b.ECE, 1e-9) {
		t.Errorf("%+v and %+v", a, b)
	}
	if len(one.Warnings) != 0 || !strings.Contains(strings.Join(other.Warnings, " "), "occur again") {
		t.Errorf("warnings %q and %q", one.Warnings, other.Warnings)
	}
}

// Every metric of pairs has the interval of package stats on the pairs' cosines, and the verdict is about the
// difference from the better of the untrained features.
func TestPairsIntervals(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	rep := evaluated(t, m, f, val, test)
	backend := devicetest.Go(t)
	z, err := m.Embed(t.Context(), backend, f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := embedding.UnitRows(t.Context(), m.Standard, f)
	if err != nil {
		t.Fatal(err)
	}
	system := func(name string, z *embedding.Embeddings, threshold float64) stats.PairSystem {
		s := stats.PairSystem{Name: name, Threshold: threshold}
		for k := range test.Label {
			s.Scores = append(s.Scores, z.Cosine(int(test.Left[k]), int(test.Right[k])))
		}
		return s
	}
	given := stats.LabelledPairs{Left: test.Left, Right: test.Right, Label: test.Label}
	trained, untrained := system(report.TrainedName, z, m.Threshold),
		system(report.StandardisedName, raw, rep.Baseline.Threshold)
	intervals, err := stats.PairIntervals(t.Context(), trained, given, stats.PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	comparisons, err := stats.ComparePairs(t.Context(), untrained, []stats.PairSystem{trained}, given,
		stats.PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	comparison := comparisons[0]
	approximately := cmpopts.EquateApprox(0, 1e-6) // embeddings of other batches
	if diff := cmp.Diff(intervals, rep.Trained.Intervals, approximately); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(comparison, rep.Comparison, approximately); diff != "" {
		t.Error(diff)
	}
	before := stats.PairSystem{Name: report.TrainedName, Threshold: m.Threshold, Scores: pairs.Cosines(z, val)}
	onVal, err := stats.PairIntervals(t.Context(), before, pairs.ForStats(val), stats.PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	was := onVal.AtThreshold()
	was.Threshold = m.Threshold
	if diff := cmp.Diff(&was, rep.Trained.ValidationIntervals, approximately); diff != "" {
		t.Error(diff)
	}
	for _, f := range rep.Rows() {
		if s := f.ValidationIntervals; s.Threshold != f.Threshold ||
			!labtest.Near(s.FPR.Value, f.Validation.FPR, 1e-9) || !labtest.Near(s.FNR.Value, f.Validation.FNR, 1e-9) ||
			!(s.FNR.Low < s.FNR.Value) {
			t.Errorf("%+v has on validation pairs %+v", f.Validation, s)
		}
		if s := f.Intervals; s.Items != 40 ||
			!labtest.Near(s.Estimates[stats.ROCAUC].Value, f.Values[stats.ROCAUC], 1e-9) ||
			!labtest.Near(s.Estimates[stats.EER].Value, f.Values[stats.EER], 1e-9) ||
			!labtest.Near(s.Estimates[stats.AveragePrecision].Value, f.Values[stats.AveragePrecision], 1e-9) ||
			!labtest.Near(s.Estimates[stats.Accuracy].Value, f.Values[stats.Accuracy], 1e-9) {
			t.Errorf("%+v has the intervals %+v", f, s)
		}
	}
	text := rep.String()
	labtest.WantText(t, text, report.Ends(rep.Trained.Intervals.Estimates[stats.ROCAUC]),
		"for pairs of other items", report.Change(comparison.Differences[stats.ROCAUC]),
		"(95 % intervals by items, one run)",
		fmt.Sprintf("accuracy %.3f [%.3f, %.3f] to %.3f [", was.Accuracy.Value, was.Accuracy.Low, was.Accuracy.High,
			rep.Trained.Values[stats.Accuracy]))
	labtest.WantJSON(t, rep)
}

func TestPairsOneLabel(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	for k := range val.Label {
		val.Label[k] = 1
	}
	for k := range test.Label {
		test.Label[k] = 0
	}
	report := evaluated(t, m, f, val, test)
	text := report.String()
	labtest.WantText(t, text, "validation pairs are of one label only", "trained encoder: no positive pair",
		"nothing can be said: no pair is positive", "MAP@R and Recall@K are not defined")
	if report.Trained.Values[stats.ROCAUC] != 0 || report.Trained.Values[stats.EER] != 1 ||
		report.Trained.Values[stats.FNR] != 1 || report.Baseline.Threshold != 0 {
		t.Errorf("undefined metrics are not at their worst: %+v", report)
	}
	if _, err := json.Marshal(report); err != nil {
		t.Error(err)
	}
}

func TestPairsErrors(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	backend := devicetest.Go(t)
	missing := f.Select(upTo(f.N()))
	missing.X[f.F()] = float32(math.NaN()) // item 1 is on the test side
	beyond := test
	beyond.Left = append([]int32{500}, test.Left[1:]...)
	tests := []struct {
		name      string
		frame     *data.Frame
		val, test pairs.Pairs
		want      string
	}{
		{"nil frame", nil, val, test, "frame is nil"},
		{"no validation pairs", f, pairs.Pairs{}, test, "validation pairs: there are none"},
		{"no test pairs", f, val, pairs.Pairs{}, "test pairs: there are none"},
		{"out of range", f, val, beyond, "test pairs: pairs: items out of range [0, 80): pair 0 (500"},
		{"shared items", f, test, test, "in both validation pairs and test pairs"},
		{"missing values", missing, val, test, `item "p1"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := pairsOf(t.Context(), backend, m, "x", test.frame, test.val, test.test, Options{})
			labtest.WantError(t, err, "evaluate x: ", test.want)
		})
	}
}

func upTo(n int) []int {
	items := make([]int, n)
	for i := range items {
		items[i] = i
	}
	return items
}

// With training items the report holds all that can be made of the features without classes, fitted on them alone, and
// training is compared with the best.
func TestPairsOptions(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	backend := devicetest.Go(t)
	train := labtest.Toy("t", 4, 20, 9, 0.5, 1)
	for _, frame := range []*data.Frame{f, train} {
		frame.Blocks = []data.Block{{Name: "x", Start: 0, End: 6}, {Name: "y", Start: 6, End: 9}}
	}
	m.Calibration = &stats.Calibration{Method: stats.Platt, Slope: 4, Offset: -2, Prevalence: .5, Fitted: .5,
		Pairs: 100}
	opt := Options{Train: train, Bootstrap: true, Resamples: 40, Confidence: .9, Details: true}
	rep, err := pairsOf(t.Context(), backend, m, "pairs", f, val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	best := rep.Baseline
	for _, o := range rep.Rows() {
		names = append(names, o.Name)
		if s := o.Intervals; s == nil || s.Resamples != 40 || s.Estimates[stats.ROCAUC].Confidence != .9 ||
			!labtest.Near(s.Estimates[stats.FNR].Value, o.Values[stats.FNR], 1e-9) ||
			!labtest.Near(s.Estimates[stats.FPR].Value, o.Values[stats.FPR], 1e-9) || o.Validation.Accuracy == 0 {
			t.Errorf("%+v", o)
		}
		if o.Name != report.TrainedName && o.OnValidation > best.OnValidation {
			best = o
		}
	}
	if want := []string{report.StandardisedName, report.RawName, report.BlocksName, report.PCAName, report.WhitenedName,
		report.RandomName, report.TrainedName}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	if c := rep.Comparison; c.A != best.Name ||
		!labtest.Near(c.Differences[stats.ROCAUC].A, best.Values[stats.ROCAUC], 1e-9) ||
		rep.Untrained().Name != best.Name || !strings.Contains(rep.Verdict(), report.Against(best.Name)) {
		t.Errorf("compared with %q (%v), the best is %q (%v): %s", c.A, c.Differences[stats.ROCAUC].A, best.Name,
			best.Values[stats.ROCAUC], rep.Verdict())
	}
	if p := rep.Probabilities; p == nil || p.Pairs != 780 || !labtest.Near(p.Prevalence, .5, 1e-9) ||
		!(p.Brier > 0 && p.Brier < 1) {
		t.Errorf("probabilities %+v", p)
	}
	for _, c := range []struct {
		value float64
		i     *stats.Interval
	}{{rep.Probabilities.Brier, rep.Probabilities.BrierInterval},
		{rep.Probabilities.ECE, rep.Probabilities.ECEInterval}} {
		if c.i == nil || c.i.Value != c.value || c.i.Confidence != .9 ||
			!(0 < c.i.Low && c.i.Low < c.value && c.value < c.i.High && c.i.High < 1) ||
			!strings.Contains(rep.String(), fmt.Sprintf("%.4f [%.4f, %.4f]", c.value, c.i.Low, c.i.High)) {
			t.Errorf("%v has the interval %+v: %s", c.value, c.i, rep)
		}
	}
	labtest.WantText(t, rep.String(), "from validation to test",
		report.Ends(rep.Trained.Intervals.Estimates[stats.FNR]),
		"Brier", "block-scaled")
	checkPairDetails(t, rep, m, f, test)
	bare, err := pairsOf(t.Context(), backend, m, "pairs", f, val, test, Options{NoIntervals: true})
	if err != nil {
		t.Fatal(err)
	}
	if bare.Probabilities.BrierInterval != nil || bare.Comparison != nil || bare.Trained.Intervals != nil ||
		bare.Trained.ValidationIntervals != nil || bare.Others != nil || bare.Details != nil ||
		bare.Trained.Validation != rep.Trained.Validation || !strings.Contains(bare.String(), "no interval") {
		t.Errorf("%+v", bare)
	}
	for want, opt := range map[string]Options{
		"Resamples is 3": {Bootstrap: true, Resamples: 3},
		"Resamples: 40":  {Resamples: 40}, "in both training and": {Train: f},
		"training items: data: the features are not": {Train: labtest.FrameOf("t", []string{"a"}, []float32{1})},
	} {
		_, err := pairsOf(t.Context(), backend, m, "pairs", f, val, test, opt)
		labtest.WantError(t, err, "evaluate pairs: ", want)
	}
	_, err = pairsOf(t.Context(), backend, &siamese.Model{}, "pairs", f, val, test, Options{})
	labtest.WantError(t, err, "the model is empty")
}

// checkPairDetails looks at the details of pairs of weight 1: every pair is in the histogram, the curve goes from
// corner to corner, and the hardest pairs are those that a loop over all finds.
func checkPairDetails(t *testing.T, rep *report.Report, m *siamese.Model, f *data.Frame, test pairs.Pairs) {
	t.Helper()
	d := rep.Details
	if d == nil || len(d.Of) != 2 || d.Of[0].Name != report.TrainedName || d.Of[1].Name != rep.Untrained().Name {
		t.Fatalf("%+v", d)
	}
	if err := rep.Check(); err != nil {
		t.Error(err)
	}
	one := d.Of[0]
	pairs := 0.0
	for k := range one.Histogram.Positives {
		pairs += one.Histogram.Positives[k] + one.Histogram.Negatives[k]
	}
	if a, b := one.Curve[0], one.Curve[len(one.Curve)-1]; pairs != 780 || a.FPR != 0 || b.FNR != 0 {
		t.Errorf("%v pairs in the histogram; the curve goes from %+v to %+v", pairs, a, b)
	}
	backend := devicetest.Go(t)
	z := toymodel.Embed(t, m, backend, f)
	least, most := 2.0, -2.0
	for k, label := range test.Label {
		c := z.Cosine(int(test.Left[k]), int(test.Right[k]))
		if label == 1 {
			least = min(least, c)
		} else {
			most = max(most, c)
		}
	}
	if a, b := one.Same[0], one.Different[0]; !labtest.Near(a.Cosine, least, 1e-6) ||
		!labtest.Near(b.Cosine, most, 1e-6) || !slices.Contains(f.IDs, a.Left) || a.LeftClass != "" {
		t.Errorf("the hardest are %+v and %+v, want %v and %v", a, b, least, most)
	}
	text, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(r *report.Report){
		"fnr is 3":             func(r *report.Report) { r.Others[2].Values[stats.FNR] = 3 },
		"method 2 is missing":  func(r *report.Report) { r.Details.Of[1] = nil },
		"the threshold is 9":   func(r *report.Report) { r.Trained.Threshold = 9 },
		"point 1 of the curve": func(r *report.Report) { r.Details.Of[0].Curve[0].FPR = -1 },
		"labels: x: map_at_r is 7": func(r *report.Report) {
			r.Labels = []report.LabelMetrics{{Name: "x", Values: map[string]float64{stats.MAPAtR: 7}}}
		},
		"probabilities: bin": func(r *report.Report) { r.Probabilities.EqualWidth[0].Mean = 2 },
	} {
		var back report.Report
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		spoil(&back)
		labtest.WantError(t, back.Check(), want, `report "pairs"`)
	}
}
