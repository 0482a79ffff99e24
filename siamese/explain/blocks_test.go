package explain

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/stat"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// inThreeBlocks returns toy items with a block that tells classes apart, one of noise and one that is constant.
func inThreeBlocks(prefix string, perClass int, seed uint64) *data.Frame {
	f := labtest.Toy(prefix, 4, perClass, 9, 0.5, seed)
	columns := []int{0, 3, 6, 1, 2, 4, 5, 7, 8} // every third of them has a class mean
	x := make([]float32, 0, len(f.X))
	for i := range f.N() {
		for _, c := range columns {
			x = append(x, f.Row(i)[c])
		}
		x[len(x)-1], x[len(x)-2] = 7, -3
	}
	f.X = x
	f.Blocks = []data.Block{{Name: "signal", Start: 0, End: 3}, {Name: "noise", Start: 3, End: 7},
		{Name: "constant", Start: 7, End: 9}}
	return f
}

// threeBlocks returns a trained model with training and test items of these blocks.
func threeBlocks(t *testing.T, p preprocess.Options) (m *siamese.Model, train, test *data.Frame) {
	t.Helper()
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, test = inThreeBlocks("t", 20, 1), inThreeBlocks("s", 8, 3)
	cfg := toymodel.Config()
	cfg.Preprocess, cfg.Layers = p, []int{24, 32} // few units are often all 0, where cosines jump
	result, err := siamese.Train(t.Context(), backend, cfg, train, inThreeBlocks("v", 10, 2), siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = result.Model.Close() })
	return result.Model, train, test
}

// The block with the signal has the largest part, noise a small one, and what is constant none: without it nothing
// changes, to the bit, and alone it is no better than chance. Parts add up to how far apart same and different pairs
// are.
func TestBlocks(t *testing.T) {
	for _, p := range []preprocess.Options{{}, {Scale: preprocess.ScaleRobust}, {Components: 5, EqualBlocks: true}} {
		m, train, test := threeBlocks(t, p)
		devicetest.OnOneOfMany(t, !p.IsStandard() && p.Components > 0, func(t *testing.T, backend *device.Backend) {
			var done []float64
			opt := BlocksOptions{Explain: Options{Background: train, Items: 16, Features: 3, Steps: 64}, Pairs: 40,
				Progress: func(d float64) { done = append(done, d) }}
			x, err := Blocks(t.Context(), backend, m, test, opt)
			if err != nil {
				t.Fatal(err)
			}
			if x.Items != 32 || x.Classes != 4 || x.Pairs != 40 || x.Background != 16 || len(x.Similarities) != 2 {
				t.Fatalf("%+v", x)
			}
			for _, s := range x.Similarities {
				signal, noise, constant := s.Blocks[0], s.Blocks[1], s.Blocks[2]
				if !cmp.Equal(constant.LeaveOneOut, s.Full) || constant.Same != 0 || constant.Different != 0 ||
					constant.Magnitude != 0 || constant.Intervals.Apart.StandardError != 0 {
					t.Errorf("%s: the constant block does something: %+v", s.Name, constant)
				}
				if c := signal.Change.MAPAtR; !labtest.Near(c.Value, signal.LeaveOneOut.MAPAtR-s.Full.MAPAtR, 1e-9) ||
					!(c.Low < c.Value && c.Value < c.High && c.High < 0) {
					t.Errorf("%s: without the signal MAP@R changes by %+v", s.Name, c)
				}
				wantIntervals(t, s)
				if c := constant.Change; c.MAPAtR.Value != 0 || c.ROCAUC.Value != 0 {
					t.Errorf("%s: without the constant block there is a change: %s", s.Name, c)
				}
				if !(signal.Apart() > noise.Apart()+0.1 && signal.Only.MAPAtR > noise.Only.MAPAtR+0.3 &&
					signal.LeaveOneOut.MAPAtR < s.Full.MAPAtR-0.3 &&
					signal.Intervals.Apart.Low > noise.Intervals.Apart.High) {
					t.Errorf("%s: the signal is not seen: %s", s.Name, x)
				}
				var apart float64
				for _, b := range s.Blocks {
					apart += b.Apart()
				}
				if !labtest.Near(apart, s.Same-s.Different, 1e-6) || s.BlocksResidual > 1e-9 ||
					s.FeaturesResidual > 0.03 {
					t.Errorf("%s: parts of %v in %v, residuals %v and %v", s.Name, apart, s.Same-s.Different,
						s.BlocksResidual, s.FeaturesResidual)
				}
				for _, f := range s.Features {
					if f.Block != "signal" && s.Name == report.TrainedName {
						t.Errorf("%s: %+v is among the first features", s.Name, f)
					}
				}
				if len(s.Features) != 3 || !slices.IsSortedFunc(s.Features,
					func(a, b explained.FeatureEffect) int { return int(math.Copysign(1, b.Magnitude-a.Magnitude)) }) {
					t.Errorf("%s: features %+v", s.Name, s.Features)
				}
			}
			if len(done) == 0 || done[len(done)-1] != 1 || !slices.IsSorted(done) {
				t.Errorf("progress %v", done)
			}
			if p.IsStandard() == (backend.Name() == "xla") { // each of the two once
				return
			}
			opt.Explain.Items, opt.Explain.Steps, opt.Pairs, opt.Progress = 8, 8, 10, nil // enough for a draw
			var same []*explained.Blocks
			for _, seed := range []uint64{0, 0, 8} {
				opt.Explain.Seed = seed
				x, err := Blocks(t.Context(), backend, m, test, opt)
				if err != nil {
					t.Fatal(err)
				}
				same = append(same, x)
			}
			if diff := cmp.Diff(same[0], same[1]); diff != "" {
				t.Error("the same seed gives another explanation", diff)
			}
			if cmp.Equal(same[0], same[2]) {
				t.Error("another seed gives the same explanation")
			}
		})
	}
}

// Metrics are those of frames whose blocks were flattened one value at a time, and means over pairs those of the pairs,
// also for test items with their columns in another order.
func TestBlocksAgainstOracle(t *testing.T) {
	m, train, test := threeBlocks(t, preprocess.Options{SignedSqrt: true})
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	turned := slices.Clone(test.Columns)
	slices.Reverse(turned)
	shuffled, err := test.SelectColumns(turned)
	if err != nil {
		t.Fatal(err)
	}
	opt := BlocksOptions{Explain: Options{Background: train, Items: 8, NoFeatures: true}, Pairs: 10, NoIntervals: true}
	x, err := Blocks(t.Context(), backend, m, shuffled, opt)
	if err != nil {
		t.Fatal(err)
	}
	flat := test.Select(itemset.AllItems(test))
	for i := range flat.N() {
		for k := range 3 {
			var sum float64
			for j := range train.N() {
				sum += float64(train.Row(j)[k])
			}
			flat.Row(i)[k] = float32(sum / float64(train.N()))
		}
	}
	z, err := m.Embed(t.Context(), backend, flat)
	if err != nil {
		t.Fatal(err)
	}
	_, labels := itemset.ClassNumbers(test)
	result, err := metric.AllPairs(t.Context(), z.Values, labels, metric.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := x.Similarities[1]
	if got := s.Blocks[0].LeaveOneOut; !labtest.Near(got.MAPAtR, result.Retrieval.MAPAtR, 1e-6) ||
		!labtest.Near(got.ROCAUC, result.Verification.ROCAUC, 1e-6) {
		t.Errorf("without the signal %+v, want %v and %v", got, result.Retrieval.MAPAtR, result.Verification.ROCAUC)
	}
	e, err := New(t.Context(), backend, m, opt.Explain)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	sampler, err := pairs.NewSampler(test, pairs.SamplerOptions{WithinDomain: m.Config.WithinDomain})
	if err != nil {
		t.Fatal(err)
	}
	want := make([]explained.Attribution, 3)
	pairs := labtest.Must(sampler.Draw(10, 0))
	for p := range pairs.Len() {
		one, err := e.Pair(t.Context(), test, int(pairs.Left[p]), test, int(pairs.Right[p]))
		if err != nil {
			t.Fatal(err)
		}
		for k, b := range one.Blocks {
			if pairs.Label[p] == 1 {
				want[k].Same += b.Part / 5
			} else {
				want[k].Different += b.Part / 5
			}
			want[k].Magnitude += math.Abs(b.Part) / 10
		}
	}
	for k, b := range s.Blocks {
		if diff := cmp.Diff(want[k], b.Attribution, cmpopts.EquateApprox(0, 1e-6),
			cmpopts.IgnoreFields(explained.Attribution{}, "Intervals")); diff != "" {
			t.Errorf("%s (-want +got) %s", b.Name, diff)
		}
	}
	if s.Blocks[0].Change != nil || s.Full.Intervals != nil || s.Blocks[0].LeaveOneOut.Intervals != nil ||
		s.Blocks[0].Only.Intervals != nil || len(s.Features) != 0 || s.FeaturesResidual != 0 {
		t.Errorf("what was to be left out is there: %+v", s)
	}
}

// wantIntervals fails unless every value of an explanation lies in its interval, which has a width where the value can
// vary.
func wantIntervals(t *testing.T, s explained.BlocksOf) {
	t.Helper()
	check := func(what string, value float64, f stats.Estimate) {
		t.Helper()
		if f.Value != value || !(f.Low <= value && value <= f.High) || f.Confidence != 0.95 || f.Method != "delta" ||
			(f.StandardError > 0) != (f.Low < f.High) {
			t.Errorf("%s: %s: %v has the interval %+v", s.Name, what, value, f)
		}
	}
	apart := func(what string, a explained.Separation) {
		t.Helper()
		check(what+" MAP@R", a.MAPAtR, a.Intervals.MAPAtR)
		check(what+" ROC-AUC", a.ROCAUC, a.Intervals.ROCAUC)
	}
	attribution := func(what string, c explained.Attribution) {
		t.Helper()
		check(what+" same", c.Same, c.Intervals.Same)
		check(what+" different", c.Different, c.Intervals.Different)
		check(what+" magnitude", c.Magnitude, c.Intervals.Magnitude)
		check(what+" apart", c.Intervals.Apart.Value, c.Intervals.Apart)
		if !labtest.Near(c.Apart(), c.Intervals.Apart.Value, 1e-12) {
			t.Errorf("%s: %s: apart by %v, the interval is of %v", s.Name, what, c.Apart(), c.Intervals.Apart.Value)
		}
	}
	check("same", s.Same, s.Intervals.Same)
	check("different", s.Different, s.Intervals.Different)
	check("apart", s.Intervals.Apart.Value, s.Intervals.Apart)
	check("baseline", s.Baseline, s.Intervals.Baseline)
	apart("whole", s.Full)
	for _, b := range s.Blocks {
		apart("without "+b.Name, b.LeaveOneOut)
		apart("only "+b.Name, b.Only)
		attribution(b.Name, b.Attribution)
		if c := b.Change.MAPAtR; c.A != s.Full.MAPAtR || c.B != b.LeaveOneOut.MAPAtR {
			t.Errorf("%s: without %s MAP@R changes from %v to %v, want %v to %v", s.Name, b.Name, c.A, c.B,
				s.Full.MAPAtR, b.LeaveOneOut.MAPAtR)
		}
	}
	for _, f := range s.Features {
		attribution(f.Name, f.Attribution)
	}
}

// Metrics and their intervals are those of an evaluation of the same items: with all blocks, and with items whose
// blocks are flat. Changes are those between these two.
func TestBlocksAgreeWithEvaluate(t *testing.T) {
	m, train, test := threeBlocks(t, preprocess.Options{})
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	for blocks := 2; blocks <= 3; blocks++ { // of two blocks, one alone is all without the other
		if blocks == 2 {
			two := []data.Block{{Name: "signal", Start: 0, End: 3}, {Name: "rest", Start: 3, End: 9}}
			m.Transform.Blocks, m.Standard.Blocks = two, two
		} else {
			m.Transform.Blocks, m.Standard.Blocks = test.Blocks, test.Blocks
		}
		x, err := Blocks(t.Context(), backend, m, test,
			BlocksOptions{Explain: Options{Background: train, Items: 8, NoFeatures: true}, Pairs: 10})
		if err != nil {
			t.Fatal(err)
		}
		evaluated := func(flat func(column int) bool) *report.Report {
			items := test.Select(itemset.AllItems(test))
			for i := range items.N() {
				for c := range items.F() {
					if flat(c) {
						items.Row(i)[c] = m.Standard.Centre[c]
					}
				}
			}
			report, err := evaluate.Items(t.Context(), backend, evaluate.One(m), "flat", inThreeBlocks("v", 10, 2),
				items, evaluate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return report.One()
		}
		for k, s := range x.Similarities {
			same := func(what string, got explained.Separation, r *report.Report) {
				t.Helper()
				want, tolerance := r.Trained.Intervals, 0.0
				if k == 0 { // the threshold of the untrained features, at which bins begin, is another here
					want, tolerance = r.Baseline.Intervals, 2e-3
				}
				if diff := cmp.Diff(withIntervals(want), got,
					cmpopts.EquateApprox(0, tolerance)); diff != "" {
					t.Errorf("%d blocks, %s, %s (-evaluated +explained): %s", blocks, s.Name, what, diff)
				}
			}
			same("whole", s.Full, evaluated(func(int) bool { return false }))
			for i, b := range s.Blocks {
				block := m.Transform.Blocks[i]
				in := func(c int) bool { return block.Start <= c && c < block.End }
				same("without "+b.Name, b.LeaveOneOut, evaluated(in))
				same("only "+b.Name, b.Only, evaluated(func(c int) bool { return !in(c) }))
			}
		}
	}
}

// The baseline's interval comes from the mean cosine of every background item with all others, twice, since two items
// make a pair.
func TestBaselineInterval(t *testing.T) {
	m, train, _ := threeBlocks(t, preprocess.Options{})
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		e, err := New(t.Context(), backend, m, Options{Background: train, Items: 500})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		z := toymodel.Embed(t, m, backend, train)
		n := float64(z.N)
		mean := make([]float64, z.N) // of an item with all others
		for i := range z.N {
			for j := range i {
				c := z.Cosine(i, j)
				mean[i], mean[j] = mean[i]+c/(n-1), mean[j]+c/(n-1)
			}
		}
		whole, variance := stat.MeanVariance(mean, nil)
		if got, want := e.baseline.StandardError,
			2*math.Sqrt(variance/n); !labtest.Near(e.baseline.Value, whole, 1e-5) || !labtest.Near(got, want, 1e-5) ||
			!(want > 0.001) {
			t.Errorf("%+v, want %v with a standard error of %v", e.baseline, whole, want)
		}
		two, err := New(t.Context(), backend, m, Options{Background: train, Items: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer two.Close()
		if b := two.baseline; b.Low != -1 || b.High != 1 || b.Method != "undefined" {
			t.Errorf("one pair of background items gives an interval: %+v", b)
		}
	})
}

func TestBlocksErrors(t *testing.T) {
	m, train, test := threeBlocks(t, preprocess.Options{})
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	explain := func(f *data.Frame, opt BlocksOptions) error {
		_, err := Blocks(t.Context(), backend, m, f, opt)
		return err
	}
	bare := test.Select(itemset.AllItems(test))
	bare.Labels = nil
	labtest.WantError(t, explain(bare, BlocksOptions{}), "test items: ", "no labels")
	labtest.WantError(t, explain(nil, BlocksOptions{}), "explain blocks: test items")
	for name, opt := range map[string]BlocksOptions{"Pairs": {Pairs: 1}, "Steps": {Explain: Options{Steps: -3}}} {
		if err := explain(test, opt); !cmp.Equal(option.Names(err), []string{name}) {
			t.Errorf("error %v is not about option %s", err, name)
		}
	}
	labtest.WantError(t, explain(test, BlocksOptions{Explain: Options{Background: train.Select([]int{0})}}),
		"background: ")
	one := test.Select(itemset.AllItems(test))
	for i := range one.Labels {
		one.Labels[i] = "a"
	}
	labtest.WantError(t, explain(one, BlocksOptions{}), "1 class(es)")
	_, err = Blocks(t.Context(), backend, nil, test, BlocksOptions{})
	labtest.WantError(t, err, "the model is empty")
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	_, err = Blocks(ctx, backend, m, test, BlocksOptions{Pairs: 20, Progress: func(float64) {
		if steps++; steps == 10 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || steps != 10 {
		t.Errorf("cancelled after %d steps: %v", steps, err)
	}
	// Only the constant block leaves the standardised features nothing.
	x, err := Blocks(t.Context(), backend, m, test, BlocksOptions{Pairs: 4, Explain: Options{Items: 4, Steps: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if want := report.StandardisedName +
		": only constant: 32 of 32 items have a zero embedding"; !slices.ContainsFunc(x.Warnings,
		func(w string) bool { return strings.HasPrefix(w, want) }) {
		t.Errorf("warnings %q", x.Warnings)
	}
	text, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"map_at_r"`, `"attribution_same"`, `"intervals":{"attribution_same":{"value":`,
		`"leave_one_out"`} {
		if !strings.Contains(string(text), key) {
			t.Errorf("%s is not in %s", key, text)
		}
	}
	for _, part := range []string{"32 items of 4 classes; 4 pairs", "\n" + report.TrainedName + ": MAP@R ",
		"\n  mean cosine ", "\n  signal            3  MAP@R    ", "\n                       ROC-AUC  ",
		"] of background pairs", "\n  feature\n  x/", "\n" + x.IntervalsNote(), "\nwarning: "} {
		if !strings.Contains(x.String(), part) {
			t.Errorf("%q is not in\n%s", part, x)
		}
	}
}
