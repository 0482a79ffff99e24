package siamese

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

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
)

// inThreeBlocks returns toy items with a block that tells classes apart, one of noise and one that is constant.
func inThreeBlocks(prefix string, perClass int, seed uint64) *data.Frame {
	f := toy(prefix, 4, perClass, 9, 0.5, seed)
	columns := []int{0, 3, 6, 1, 2, 4, 5, 7, 8} // every third of them has a class mean
	x := make([]float32, 0, len(f.X))
	for i := range f.N() {
		for _, c := range columns {
			x = append(x, f.Row(i)[c])
		}
		x[len(x)-1], x[len(x)-2] = 7, -3
	}
	f.X = x
	f.Blocks = []data.Block{{Name: "signal", Start: 0, End: 3}, {Name: "noise", Start: 3, End: 7}, {Name: "constant", Start: 7, End: 9}}
	return f
}

// threeBlocks returns a trained model with training and test items of these blocks.
func threeBlocks(t *testing.T, p data.Preprocess) (m *Model, train, test *data.Frame) {
	t.Helper()
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, test = inThreeBlocks("t", 20, 1), inThreeBlocks("s", 8, 3)
	cfg := toyConfig()
	cfg.Preprocess, cfg.Layers = p, []int{24, 32} // few units are often all 0, where cosines jump
	result, err := Train(t.Context(), backend, cfg, train, inThreeBlocks("v", 10, 2), TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = result.Model.Close() })
	return result.Model, train, test
}

// The block with the signal carries, noise carries little, and what is constant nothing: without it nothing changes, to the
// bit, and alone it is no better than chance. Parts add up to how far apart same and different pairs are.
func TestExplainBlocks(t *testing.T) {
	for _, p := range []data.Preprocess{{}, {Scale: data.ScaleRobust}, {Components: 5, EqualBlocks: true}} {
		m, train, test := threeBlocks(t, p)
		onBackends(t, func(t *testing.T, backend *Backend) {
			var done []float64
			opt := BlocksOptions{Explain: ExplainOptions{Background: train, Items: 16, Features: 3, Steps: 64}, Pairs: 40, Progress: func(d float64) { done = append(done, d) }}
			x, err := ExplainBlocks(t.Context(), backend, m, test, opt)
			if err != nil {
				t.Fatal(err)
			}
			if x.Items != 32 || x.Classes != 4 || x.Pairs != 40 || x.Background != 16 || len(x.Similarities) != 2 {
				t.Fatalf("%+v", x)
			}
			for _, s := range x.Similarities {
				signal, noise, constant := s.Blocks[0], s.Blocks[1], s.Blocks[2]
				if constant.Without != s.Whole || constant.Same != 0 || constant.Different != 0 || constant.Magnitude != 0 || constant.ApartError != 0 {
					t.Errorf("%s: the constant block does something: %+v", s.Name, constant)
				}
				if c := signal.Change.MAPAtR; !near(c.Value, signal.Without.MAPAtR-s.Whole.MAPAtR, 1e-9) || !(c.Low < c.Value && c.Value < c.High && c.High < 0) {
					t.Errorf("%s: without the signal MAP@R changes by %+v", s.Name, c)
				}
				if c := constant.Change; c.MAPAtR.Value != 0 || c.ROCAUC.Value != 0 {
					t.Errorf("%s: without the constant block there is a change: %s", s.Name, c)
				}
				if !(signal.Apart() > noise.Apart()+0.1 && signal.Alone.MAPAtR > noise.Alone.MAPAtR+0.3 && signal.Without.MAPAtR < s.Whole.MAPAtR-0.3 && signal.ApartError > 0) {
					t.Errorf("%s: the signal is not seen: %s", s.Name, x)
				}
				var apart float64
				for _, b := range s.Blocks {
					apart += b.Apart()
				}
				if !near(apart, s.Same-s.Different, 1e-6) || s.BlocksResidual > 1e-9 || s.FeaturesResidual > 0.03 {
					t.Errorf("%s: parts of %v in %v, residuals %v and %v", s.Name, apart, s.Same-s.Different, s.BlocksResidual, s.FeaturesResidual)
				}
				for _, f := range s.Features {
					if f.Block != "signal" && s.Name == trainedName {
						t.Errorf("%s: %+v is among the first features", s.Name, f)
					}
				}
				if len(s.Features) != 3 || !slices.IsSortedFunc(s.Features, func(a, b FeatureEffect) int { return int(math.Copysign(1, b.Magnitude-a.Magnitude)) }) {
					t.Errorf("%s: features %+v", s.Name, s.Features)
				}
			}
			if len(done) == 0 || done[len(done)-1] != 1 || !slices.IsSorted(done) {
				t.Errorf("progress %v", done)
			}
			if p.IsStandard() == (backend.Name() == "xla") { // each of the two once
				return
			}
			again, err := ExplainBlocks(t.Context(), backend, m, test, opt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(x, again, cmp.AllowUnexported(Carried{})); diff != "" {
				t.Error("the same seed gives another explanation", diff)
			}
			opt.Explain.Seed = 8
			if other, err := ExplainBlocks(t.Context(), backend, m, test, opt); err != nil || cmp.Equal(x, other, cmp.AllowUnexported(Carried{})) {
				t.Errorf("another seed gives the same explanation, %v", err)
			}
		})
	}
}

// Figures are those of frames whose blocks were flattened one value at a time, and means over pairs those of the pairs, also
// for test items with their columns in another order.
func TestExplainBlocksOracle(t *testing.T) {
	m, train, test := threeBlocks(t, data.Preprocess{SignedSqrt: true})
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	turned := slices.Clone(test.Columns)
	slices.Reverse(turned)
	shuffled, err := test.SelectColumns(turned)
	if err != nil {
		t.Fatal(err)
	}
	opt := BlocksOptions{Explain: ExplainOptions{Background: train, Items: 8, NoFeatures: true}, Pairs: 10, NoIntervals: true}
	x, err := ExplainBlocks(t.Context(), backend, m, shuffled, opt)
	if err != nil {
		t.Fatal(err)
	}
	flat := test.Select(allItems(test))
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
	_, labels := classNumbers(test)
	result, err := metric.AllPairs(t.Context(), z.Values, labels, metric.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := x.Similarities[1]
	if got := s.Blocks[0].Without; !near(got.MAPAtR, result.Retrieval.MAPAtR, 1e-6) || !near(got.ROCAUC, result.Verification.ROCAUC, 1e-6) {
		t.Errorf("without the signal %+v, want %v and %v", got, result.Retrieval.MAPAtR, result.Verification.ROCAUC)
	}
	e, err := NewExplainer(t.Context(), backend, m, opt.Explain)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	sampler, err := NewPairSampler(test, m.Config.WithinDomain)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]Carried, 3)
	pairs := sampler.Draw(10, 0)
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
		want[k].ApartError = b.ApartError
		if diff := cmp.Diff(want[k], b.Carried, cmpopts.EquateApprox(0, 1e-6), cmpopts.IgnoreUnexported(Carried{})); diff != "" {
			t.Errorf("%s (-want +got) %s", b.Name, diff)
		}
	}
	if s.Blocks[0].Change != nil || len(s.Features) != 0 || s.FeaturesResidual != 0 {
		t.Errorf("what was to be left out is there: %+v", s)
	}
}

// The standard error is that of the difference of two means.
func TestCarriedError(t *testing.T) {
	var c Carried
	for _, v := range []float64{1, 2, 6} {
		c.add(v, true, 3)
	}
	for _, v := range []float64{-1, 1} {
		c.add(v, false, 2)
	}
	c = c.sure(3, 2)
	// Sample variances 7 of 3 and 2 of 2 numbers.
	if want := math.Sqrt(7./3 + 2./2); !near(c.ApartError, want, 1e-12) || c.Apart() != 3 || !near(c.Magnitude, 2, 1e-12) {
		t.Errorf("%+v, want an error of %v", c, want)
	}
}

func TestExplainBlocksProblems(t *testing.T) {
	m, train, test := threeBlocks(t, data.Preprocess{})
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	explain := func(f *data.Frame, opt BlocksOptions) error {
		_, err := ExplainBlocks(t.Context(), backend, m, f, opt)
		return err
	}
	bare := test.Select(allItems(test))
	bare.Labels = nil
	wantError(t, explain(bare, BlocksOptions{}), "explain blocks: test items: pairs: the frame has no labels")
	wantError(t, explain(nil, BlocksOptions{}), "explain blocks: test items")
	wantError(t, explain(test, BlocksOptions{Pairs: 1}), "pairs is 1")
	wantError(t, explain(test, BlocksOptions{Explain: ExplainOptions{Steps: -3}}), "steps is -3")
	wantError(t, explain(test, BlocksOptions{Explain: ExplainOptions{Background: train.Select([]int{0})}}), "two items are needed")
	one := test.Select(allItems(test))
	for i := range one.Labels {
		one.Labels[i] = "a"
	}
	wantError(t, explain(one, BlocksOptions{}), "1 class(es)")
	_, err = ExplainBlocks(t.Context(), backend, nil, test, BlocksOptions{})
	wantError(t, err, "the model is empty")
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	_, err = ExplainBlocks(ctx, backend, m, test, BlocksOptions{Pairs: 20, Progress: func(float64) {
		if steps++; steps == 10 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || steps != 10 {
		t.Errorf("cancelled after %d steps: %v", steps, err)
	}
	// Alone the constant block leaves the standardised features nothing.
	x, err := ExplainBlocks(t.Context(), backend, m, test, BlocksOptions{Pairs: 4, Explain: ExplainOptions{Items: 4, Steps: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if want := standardisedName + ": constant alone: 32 of 32 items have a zero embedding"; !slices.ContainsFunc(x.Warnings, func(w string) bool { return strings.HasPrefix(w, want) }) {
		t.Errorf("warnings %q", x.Warnings)
	}
	text, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"map_at_r"`, `"carried_same"`, `"apart_standard_error"`, `"without"`} {
		if !strings.Contains(string(text), key) {
			t.Errorf("%s is not in %s", key, text)
		}
	}
	for _, part := range []string{"32 items of 4 classes; 4 pairs", "\n" + trainedName + ": MAP@R ", "\n  signal ", "\n  without noise: MAP@R ", "\n  feature\n  x/", "\nwarning: "} {
		if !strings.Contains(x.String(), part) {
			t.Errorf("%q is not in\n%s", part, x)
		}
	}
}
