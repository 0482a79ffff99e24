package siamese

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
	"github.com/go-siamese/lab/siamese/stats"
)

// judge returns a small trained model, a frame of 80 items without labels, pairs of its first 40 for validation and
// pairs of the others, labelled by classes that the frame does not tell.
func judge(t *testing.T) (m *Model, f *data.Frame, val, test Pairs) {
	t.Helper()
	m, _ = trained(t)
	f = toy("p", 4, 20, 9, 0.5, 7)
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

func evaluated(t *testing.T, m *Model, f *data.Frame, val, test Pairs) *PairReport {
	t.Helper()
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	report, err := EvaluatePairs(t.Context(), backend, m, "pairs", f, val, test)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// The pairs are all pairs of the test items: the figures are those of Evaluate, which knows the classes.
func TestEvaluatePairsAgreesWithEvaluate(t *testing.T) {
	m, f, val, test := judge(t)
	report := evaluated(t, m, f, val, test)
	labelled := *f
	labelled.Labels = toy("p", 4, 20, 9, 0.5, 7).Labels
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	var odd, even []int
	for i := range f.N() {
		if i%2 == 1 {
			odd = append(odd, i)
		} else {
			even = append(even, i)
		}
	}
	want, err := Evaluate(t.Context(), backend, m, "items", labelled.Select(even), labelled.Select(odd))
	if err != nil {
		t.Fatal(err)
	}
	if report.Items != 40 || report.Pairs != 780 || int64(report.Pairs) != want.Pairs || !near(report.Positive, want.Positive, 1e-12) {
		t.Errorf("%d items, %d pairs, %v positive; want %d, %d, %v", report.Items, report.Pairs, report.Positive, want.Items, want.Pairs, want.Positive)
	}
	for _, side := range []struct {
		got  PairFigures
		want Figures
	}{{report.Trained, want.Trained}, {report.Baseline, want.Baseline}} {
		if side.got.Name != side.want.Name || !near(side.got.ROCAUC, side.want.ROCAUC, 1e-4) || !near(side.got.EER, side.want.EER, 1e-3) {
			t.Errorf("%+v, Evaluate gives %+v", side.got, side.want)
		}
	}
	if got := report.Trained; got.Threshold != m.Threshold || !near(got.Accuracy, want.Trained.Accuracy, 1e-3) || !near(got.FPR, want.Trained.FPR, 1e-3) || !near(got.FNR, want.Trained.FNR, 1e-3) {
		t.Errorf("at the threshold %+v, Evaluate gives %+v", got, want.Trained)
	}
}

// Weights and graded labels against loops over all pairs of pairs.
func TestEvaluatePairsOracle(t *testing.T) {
	m, f, val, test := judge(t)
	rng := rand.New(rand.NewPCG(2, 2))
	for range test.Label {
		test.Weight = append(test.Weight, float32(rng.IntN(4)))
	}
	for k := range 100 {
		test.Label[k] = float32(rng.IntN(9)) / 8
	}
	report := evaluated(t, m, f, val, test)
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
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
	for _, figure := range []struct {
		name      string
		got, want float64
	}{
		{"ROC-AUC", got.ROCAUC, wins / pos / neg}, {"AP", got.AveragePrecision, ap / pos},
		{"FPR", got.FPR, fp / neg}, {"FNR", got.FNR, fn / pos}, {"positive", report.Positive, pos / (pos + neg)},
	} {
		if !near(figure.got, figure.want, 1e-9) {
			t.Errorf("%s %v, want %v", figure.name, figure.got, figure.want)
		}
	}
	if report.Graded == 0 {
		t.Error("no pair is counted as graded")
	}
}

func TestEvaluatePairsWeightIsRepetition(t *testing.T) {
	m, f, val, test := judge(t)
	weighted := func(p Pairs, seed uint64) (weighted, repeated Pairs) {
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
	if diff := cmp.Diff(one, other, cmpopts.IgnoreFields(PairReport{}, "Pairs", "PairsHash", "Warnings", "Probabilities"), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Error(diff)
	}
	if a, b := one.Probabilities, other.Probabilities; !near(a.Brier, b.Brier, 1e-9) || !near(a.ECE, b.ECE, 1e-9) { // how sure a bin is depends on its listings
		t.Errorf("%+v and %+v", a, b)
	}
	if len(one.Warnings) != 0 || !strings.Contains(strings.Join(other.Warnings, " "), "occur again") {
		t.Errorf("warnings %q and %q", one.Warnings, other.Warnings)
	}
}

// Every figure of pairs has the interval of package stats on the pairs' cosines, and the verdict is about the difference from
// the better of the untrained features.
func TestEvaluatePairsSureness(t *testing.T) {
	m, f, val, test := judge(t)
	report := evaluated(t, m, f, val, test)
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	z, err := m.Embed(t.Context(), backend, f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := unitRows(t.Context(), m.Standard, f)
	if err != nil {
		t.Fatal(err)
	}
	system := func(name string, z *Embeddings, threshold float64) stats.PairSystem {
		s := stats.PairSystem{Name: name, Threshold: threshold}
		for k := range test.Label {
			s.Scores = append(s.Scores, z.Cosine(int(test.Left[k]), int(test.Right[k])))
		}
		return s
	}
	pairs := stats.LabelledPairs{Left: test.Left, Right: test.Right, Label: test.Label}
	trained, untrained := system(trainedName, z, m.Threshold), system(standardisedName, raw, report.Baseline.Threshold)
	intervals, err := stats.PairIntervals(t.Context(), trained, pairs, stats.PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	comparisons, err := stats.ComparePairs(t.Context(), untrained, []stats.PairSystem{trained}, pairs, stats.PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	comparison := comparisons[0]
	approximately := cmpopts.EquateApprox(0, 1e-6) // embeddings of other batches
	if diff := cmp.Diff(intervals, report.Trained.Intervals, approximately); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(comparison, report.Comparison, approximately); diff != "" {
		t.Error(diff)
	}
	before := stats.PairSystem{Name: trainedName, Threshold: m.Threshold, Scores: cosinesOf(z, val)}
	onVal, err := stats.PairIntervals(t.Context(), before, judgedPairsOf(val), stats.PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	was := onVal.AtThreshold()
	was.Threshold = m.Threshold
	if diff := cmp.Diff(&was, report.Trained.ValidationIntervals, approximately); diff != "" {
		t.Error(diff)
	}
	for _, f := range report.Rows() {
		if s := f.ValidationIntervals; s.Threshold != f.Threshold || !near(s.FPR.Value, f.Validation.FPR, 1e-9) || !near(s.FNR.Value, f.Validation.FNR, 1e-9) || !(s.FNR.Low < s.FNR.Value) {
			t.Errorf("%+v has on validation pairs %+v", f.Validation, s)
		}
		if s := f.Intervals; s.Items != 40 || !near(s.ROCAUC.Value, f.ROCAUC, 1e-9) || !near(s.EER.Value, f.EER, 1e-9) || !near(s.AveragePrecision.Value, f.AveragePrecision, 1e-9) || !near(s.Accuracy.Value, f.Accuracy, 1e-9) {
			t.Errorf("%+v has the intervals %+v", f, s)
		}
	}
	text := report.String()
	for _, part := range []string{ends(report.Trained.Intervals.ROCAUC), "for pairs of other items", change(comparison.ROCAUC), "(95 % intervals by items, one run)",
		fmt.Sprintf("accuracy %.3f [%.3f, %.3f] to %.3f [", was.Accuracy.Value, was.Accuracy.Low, was.Accuracy.High, report.Trained.Accuracy)} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
	content, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var back PairReport
	if err := json.Unmarshal(content, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report, &back); diff != "" {
		t.Error(diff)
	}
}

func TestEvaluatePairsOneLabel(t *testing.T) {
	m, f, val, test := judge(t)
	for k := range val.Label {
		val.Label[k] = 1
	}
	for k := range test.Label {
		test.Label[k] = 0
	}
	report := evaluated(t, m, f, val, test)
	text := report.String()
	for _, want := range []string{"validation pairs are of one label only", "trained encoder: no positive pair", "nothing can be said: no pair is positive", "MAP@R and Recall@K are not defined"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
	if report.Trained.ROCAUC != 0 || report.Trained.EER != 1 || report.Trained.FNR != 1 || report.Baseline.Threshold != 0 {
		t.Errorf("undefined figures are not at their worst: %+v", report)
	}
	if _, err := json.Marshal(report); err != nil {
		t.Error(err)
	}
}

func TestPairVerdict(t *testing.T) {
	tests := []struct {
		auc, ap float64
		want    string
	}{
		{0.1, 0.1, "training helps:"},
		{0, 0, "no difference"},
		{-0.1, 0, "does NOT help"},
		{0.1, -0.1, "hurts by the other"},
	}
	for _, test := range tests {
		r := &PairReport{Positive: 0.5, Trained: PairFigures{ROCAUC: 0.5 + test.auc, AveragePrecision: 0.5 + test.ap}, Baseline: PairFigures{ROCAUC: 0.5, AveragePrecision: 0.5}}
		if got := r.Verdict(); !strings.Contains(got, test.want) {
			t.Errorf("%+v: %q, want %q", test, got, test.want)
		}
	}
	if got := (&PairReport{Positive: 1}).Verdict(); !strings.Contains(got, "all pairs are positive") {
		t.Errorf("%q", got)
	}
}

func TestEvaluatePairsErrors(t *testing.T) {
	m, f, val, test := judge(t)
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	missing := f.Select(upTo(f.N()))
	missing.X[f.F()] = float32(math.NaN()) // item 1 is on the test side
	beyond := test
	beyond.Left = append([]int32{500}, test.Left[1:]...)
	tests := []struct {
		name      string
		frame     *data.Frame
		val, test Pairs
		want      string
	}{
		{"nil frame", nil, val, test, "frame is nil"},
		{"no validation pairs", f, Pairs{}, test, "validation pairs: there are none"},
		{"no test pairs", f, val, Pairs{}, "test pairs: there are none"},
		{"out of range", f, val, beyond, "test pairs: pairs: items out of range [0, 80): pair 0 (500"},
		{"shared items", f, test, test, "in both validation pairs and test pairs"},
		{"missing values", missing, val, test, `item "p1"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := EvaluatePairs(t.Context(), backend, m, "x", test.frame, test.val, test.test)
			wantError(t, err, "evaluate x: ", test.want)
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

// With training items the report holds all that can be made of the features without classes, fitted on them alone, and training
// is held against the best.
func TestEvaluatePairsWith(t *testing.T) {
	m, f, val, test := judge(t)
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train := toy("t", 4, 20, 9, 0.5, 1)
	for _, frame := range []*data.Frame{f, train} {
		frame.Blocks = []data.Block{{Name: "x", Start: 0, End: 6}, {Name: "y", Start: 6, End: 9}}
	}
	m.Calibration = &stats.Calibration{Method: stats.Platt, Slope: 4, Offset: -2, Prevalence: .5, Fitted: .5, Pairs: 100}
	opt := EvaluateOptions{Train: train, Rounds: 40, Level: .9, Details: true}
	report, err := EvaluatePairsWith(t.Context(), backend, m, "pairs", f, val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	best := report.Baseline
	for _, o := range report.Rows() {
		names = append(names, o.Name)
		if s := o.Intervals; s == nil || s.Resamples != 40 || s.ROCAUC.Confidence != .9 || !near(s.FNR.Value, o.FNR, 1e-9) || !near(s.FPR.Value, o.FPR, 1e-9) || o.Validation.Accuracy == 0 {
			t.Errorf("%+v", o)
		}
		if o.Name != trainedName && o.ROCAUC > best.ROCAUC {
			best = o
		}
	}
	if want := []string{standardisedName, rawName, blocksName, pcaName, whitenedName, randomName, trainedName}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	if c := report.Comparison; c.A != best.Name || !near(c.ROCAUC.A, best.ROCAUC, 1e-9) || report.Untrained().Name != best.Name || !strings.Contains(report.Verdict(), against(best.Name, 2)) {
		t.Errorf("compared with %q (%v), the best is %q (%v): %s", c.A, c.ROCAUC.A, best.Name, best.ROCAUC, report.Verdict())
	}
	if p := report.Probabilities; p == nil || p.Pairs != 780 || !near(p.Prevalence, .5, 1e-9) || !(p.Brier > 0 && p.Brier < 1) {
		t.Errorf("probabilities %+v", p)
	}
	for _, c := range []struct {
		value float64
		i     *stats.Interval
	}{{report.Probabilities.Brier, report.Probabilities.BrierInterval}, {report.Probabilities.ECE, report.Probabilities.ECEInterval}} {
		if c.i == nil || c.i.Value != c.value || c.i.Confidence != .9 || !(0 < c.i.Low && c.i.Low < c.value && c.value < c.i.High && c.i.High < 1) || !strings.Contains(report.String(), fmt.Sprintf("%.4f [%.4f, %.4f]", c.value, c.i.Low, c.i.High)) {
			t.Errorf("%v has the interval %+v: %s", c.value, c.i, report)
		}
	}
	for _, part := range []string{"from validation to test", ends(report.Trained.Intervals.FNR), "Brier", "block-scaled"} {
		if !strings.Contains(report.String(), part) {
			t.Errorf("%q is not in\n%s", part, report)
		}
	}
	checkPairDetails(t, report, m, f, test)
	bare, err := EvaluatePairsWith(t.Context(), backend, m, "pairs", f, val, test, EvaluateOptions{NoIntervals: true})
	if err != nil {
		t.Fatal(err)
	}
	if bare.Probabilities.BrierInterval != nil || bare.Comparison != nil || bare.Trained.Intervals != nil || bare.Trained.ValidationIntervals != nil || bare.Others != nil || bare.Details != nil || bare.Trained.Validation != report.Trained.Validation || !strings.Contains(bare.String(), "no interval") {
		t.Errorf("%+v", bare)
	}
	for want, opt := range map[string]EvaluateOptions{
		"Resamples is 3": {Rounds: 3}, "in both training and": {Train: f}, "training items: data: the features are not": {Train: frameOf("t", []string{"a"}, []float32{1})},
	} {
		_, err := EvaluatePairsWith(t.Context(), backend, m, "pairs", f, val, test, opt)
		wantError(t, err, "evaluate pairs: ", want)
	}
	_, err = EvaluatePairs(t.Context(), backend, &Model{}, "pairs", f, val, test)
	wantError(t, err, "the model is empty")
}

// checkPairDetails looks at the details of pairs of weight 1: every pair is in the histogram, the curve goes from corner to
// corner, and the hardest pairs are those that a loop over all finds.
func checkPairDetails(t *testing.T, report *PairReport, m *Model, f *data.Frame, test Pairs) {
	t.Helper()
	d := report.Details
	if d == nil || len(d.Of) != 2 || d.Of[0].Name != trainedName || d.Of[1].Name != report.Untrained().Name {
		t.Fatalf("%+v", d)
	}
	if err := report.Check(); err != nil {
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
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	z := embed(t, m, backend, f)
	least, most := 2.0, -2.0
	for k, label := range test.Label {
		c := z.Cosine(int(test.Left[k]), int(test.Right[k]))
		if label == 1 {
			least = min(least, c)
		} else {
			most = max(most, c)
		}
	}
	if a, b := one.Same[0], one.Different[0]; !near(a.Cosine, least, 1e-6) || !near(b.Cosine, most, 1e-6) || !slices.Contains(f.IDs, a.Left) || a.LeftClass != "" {
		t.Errorf("the hardest are %+v and %+v, want %v and %v", a, b, least, most)
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(r *PairReport){
		"a figure is 3": func(r *PairReport) { r.Others[2].FNR = 3 }, "kind 2 is missing": func(r *PairReport) { r.Details.Of[1] = nil },
		"the threshold is 9": func(r *PairReport) { r.Trained.Threshold = 9 }, "point 1 of the curve": func(r *PairReport) { r.Details.Of[0].Curve[0].FPR = -1 },
		"labels: x: a figure is 7": func(r *PairReport) { r.Labels = []LabelFigures{{Name: "x", MAPAtR: 7}} },
		"probabilities: bin":       func(r *PairReport) { r.Probabilities.EqualWidth[0].Mean = 2 },
	} {
		var back PairReport
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		spoil(&back)
		wantError(t, back.Check(), want, `report "pairs"`)
	}
}
