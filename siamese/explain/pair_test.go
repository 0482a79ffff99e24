package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/encodertest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/stats"
)

// oracleMixture is v(own) of a pair, by every ordered pair of background rows in turn; encode embeds an interpolated
// row.
func oracleMixture(background [][]float64, left, right, own []float64, encode func([]float64) []float64) float64 {
	mixed := func(item, other []float64) []float64 {
		out := make([]float64, len(item))
		for k := range out {
			out[k] = own[k]*item[k] + (1-own[k])*other[k]
		}
		return encode(out)
	}
	var sum float64
	count := 0
	for p := range background {
		for q := range background {
			if p != q {
				sum += labtest.OracleCosine(mixed(left, background[p]), mixed(right, background[q]))
				count++
			}
		}
	}
	return sum / float64(count)
}

// oracleMoved returns the rows of f that an explainer of m interpolates, and what embeds such a row.
func oracleMoved(t *testing.T, m *siamese.Model, f *data.Frame) (rows [][]float64, encode func([]float64) []float64) {
	t.Helper()
	columns := columnsOf(m.Transform)
	z, err := embedding.TransformedRows(t.Context(), columns, f)
	if err != nil {
		t.Fatal(err)
	}
	for i := range z.N {
		rows = append(rows, labtest.Widen(z.Row(i)))
	}
	layers := encodertest.OracleLayers(m.Layers)
	return rows, func(x []float64) []float64 {
		if k := len(m.Transform.Variance); k > 0 {
			out := make([]float64, k)
			for c := range out {
				for j := range x {
					out[c] += (x[j] - float64(m.Transform.Mean[j])) * float64(m.Transform.Loadings[j*k+c])
				}
				if m.Transform.Spec.Whiten {
					out[c] /= math.Sqrt(float64(m.Transform.Variance[c]))
				}
			}
			x = out
		}
		return labtest.OracleEncode(x, layers, nil)
	}
}

// untrainedModel returns a model with the first weights of a small encoder.
func untrainedModel(t *testing.T, p preprocess.Options, train *data.Frame) *siamese.Model {
	t.Helper()
	cfg := toymodel.Config()
	cfg.Preprocess = p
	m, err := siamese.Untrained(t.Context(), cfg, train)
	if err != nil {
		t.Fatal(err)
	}
	// Without biases embeddings near 0 are as frequent as others, and their cosine is anything.
	for l := range m.Layers {
		for k := range m.Layers[l].Biases {
			m.Layers[l].Biases[k] = 0.1 * float32(k%5)
		}
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// For every kind of preprocessing the values of all sets of blocks are the oracle's, the cosine is the model's, and the
// parts of blocks and of features both add up to what there is to explain.
func TestPairAgainstOracle(t *testing.T) {
	train := labtest.InBlocks("t", 12, 1)
	test := labtest.InBlocks("v", 3, 2)
	for _, p := range []preprocess.Options{
		{}, {Scale: preprocess.ScaleNone, SignedSqrt: true},
		{Scale: preprocess.ScaleRobust, EqualBlocks: true, Impute: preprocess.ImputeMedian},
		{Components: 4}, {Components: 3, Whiten: true, EqualBlocks: true,
			BlockWeights: map[string]float64{"narrow": 2}}, {SignedSqrt: true, Variance: 0.9},
	} {
		// one with components
		devicetest.OnOneOfMany(t, p.Whiten || p.Components == 0 && p.Variance == 0,
			func(t *testing.T, backend *device.Backend) {
				m := untrainedModel(t, p, train)
				background := train.Select([]int{0, 13, 20, 40})
				opt := Options{Background: background, Features: 99, Steps: 400}
				x, err := Pair(t.Context(), backend, m, test, 1, 7, opt)
				if err != nil {
					t.Fatal(err)
				}
				others, encode := oracleMoved(t, m, background)
				rows, _ := oracleMoved(t, m, test)
				v := func(wide, narrow float64) float64 {
					return oracleMixture(others, rows[1], rows[7],
						[]float64{wide, wide, wide, wide, wide, wide, wide, narrow, narrow}, encode)
				}
				for what, pair := range map[string][2]float64{
					"cosine": {x.Cosine, v(1, 1)}, "baseline": {x.Baseline, v(0, 0)},
					"wide":   {x.Blocks[0].Part, (v(1, 0) - v(0, 0) + v(1, 1) - v(0, 1)) / 2},
					"narrow": {x.Blocks[1].Part, (v(0, 1) - v(0, 0) + v(1, 1) - v(1, 0)) / 2},
				} {
					if !labtest.Near(pair[0], pair[1], 1e-5) {
						t.Errorf("%+v: %s is %v, want %v", p, what, pair[0], pair[1])
					}
				}
				score, err := m.Score(t.Context(), backend, test, 1, test, 7)
				if err != nil || !labtest.Near(x.Cosine, score.Cosine, 1e-5) {
					t.Errorf("%+v: cosine %v, the model has %v, %v", p, x.Cosine, score.Cosine, err)
				}
				if math.Abs(x.BlocksResidual) > 1e-9 || math.Abs(x.FeaturesResidual) > 2e-3 || len(x.Features) != 9 ||
					math.Abs(x.Others) > 1e-12 {
					t.Errorf("%+v: not complete: %+v", p, x)
				}
				var sum float64
				for _, f := range x.Features {
					sum += f.Part
				}
				if !labtest.Near(sum+x.FeaturesResidual, x.Cosine-x.Baseline, 1e-12) {
					t.Errorf("%+v: parts of source add up to %v and leave %v of %v", p, sum, x.FeaturesResidual,
						x.Cosine-x.Baseline)
				}
			})
	}
}

// Slopes of the mixture are the oracle's central differences.
func TestPairSlopes(t *testing.T) {
	train, test := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 3, 2)
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		for _, p := range []preprocess.Options{{}, {Components: 4, Whiten: true}} {
			m := untrainedModel(t, p, train)
			background := train.Select([]int{0, 13, 40})
			e, err := New(t.Context(), backend, m, Options{Background: background})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			others, encode := oracleMoved(t, m, background)
			rows, _ := oracleMoved(t, m, test)
			z, err := embedding.TransformedRows(t.Context(), e.columns, test)
			if err != nil {
				t.Fatal(err)
			}
			pair, err := e.mix.upload(z.Row(2), z.Row(5))
			if err != nil {
				t.Fatal(err)
			}
			own := []float64{0.1, 0.9, 0.4, 0.3, 0.25, 0.6, 0.7, 0.8, 0.35}
			own32 := make([]float32, len(own))
			for k, v := range own {
				own32[k] = float32(v)
			}
			got, err := e.mix.slopeAt(pair, own32)
			if err != nil {
				t.Fatal(err)
			}
			want := make([]float64, len(own))
			for k, at := range own {
				const h = 1e-6
				own[k] = at + h
				up := oracleMixture(others, rows[2], rows[5], own, encode)
				own[k] = at - h
				want[k] = (up - oracleMixture(others, rows[2], rows[5], own, encode)) / (2 * h)
				own[k] = at
			}
			labtest.WantNear(t, fmt.Sprintf("slope of %+v", p), got, want, 1e-4)
			if err := device.Finalize(pair[:]...); err != nil {
				t.Error(err)
			}
		}
	})
}

// byHand is a model that embeds its two features, blocks "x" and "y", unchanged where they are positive.
func byHand(weights ...float32) *siamese.Model {
	columns := []string{"x/0", "y/0"}
	blocks := []data.Block{{Name: "x", Start: 0, End: 1}, {Name: "y", Start: 1, End: 2}}
	standard := &preprocess.Transform{Columns: columns, Blocks: blocks, Centre: []float32{0, 0},
		Factor: []float32{1, 1}}
	raw := &preprocess.Transform{Spec: preprocess.Options{Scale: preprocess.ScaleNone}, Columns: columns,
		Blocks: blocks}
	return &siamese.Model{Config: siamese.Config{Preprocess: raw.Spec}, Transform: raw, Standard: standard,
		Layers: []encoder.Layer{{In: 2, Out: 2, Weights: weights, Biases: []float32{0, 0}}}}
}

// inXY returns a frame of the features of byHand.
func inXY(prefix string, rows ...[]float32) *data.Frame {
	f := labtest.FrameOf(prefix, nil, rows...)
	f.Columns, f.Blocks = []string{"x/0", "y/0"},
		[]data.Block{{Name: "x", Start: 0, End: 1}, {Name: "y", Start: 1, End: 2}}
	return f
}

// The background is (1, 0) and (0, 1), whose cosine is 0, and the pair is (3, 3) twice, whose cosine is 1. With x of
// the pair and y of the background the two orders are (3, 0)·(3, 1) and (3, 1)·(3, 0): cosine 3/√10; with y it is the
// same. So x gains 3/√10 when it comes first and 1 - 3/√10 when it comes last, and both have 1/2.
//
// With (3, 0) and (0, 3) for a pair the cosine stays 0. With x alone it is (3, 0)·(0, 1) and (3, 1)·(0, 0): 0; with y
// alone it is (1, 0)·(0, 3) and (0, 0)·(1, 3): 0. With (1, 1) and (1, 0), cosine 1/√2: x alone is (1, 0)·(1, 1) and (1,
// 1)·(1, 0): 1/√2; y alone is (1, 1)·(0, 0) and (0, 1)·(1, 0): 0.
func TestPairByHand(t *testing.T) {
	m := byHand(1, 0, 0, 1)
	defer m.Close()
	background := inXY("b", []float32{1, 0}, []float32{0, 1})
	r := math.Sqrt2 / 2
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		for _, c := range []struct {
			left, right  []float32
			cosine, x, y float64
		}{
			{[]float32{3, 3}, []float32{3, 3}, 1, 0.5, 0.5},
			{[]float32{3, 0}, []float32{0, 3}, 0, 0, 0},
			{[]float32{1, 1}, []float32{1, 0}, r, r, 0},
		} {
			x, err := Pair(t.Context(), backend, m, inXY("i", c.left, c.right), 0, 1,
				Options{Background: background, NoFeatures: true})
			if err != nil {
				t.Fatal(err)
			}
			want := &explained.Pair{Left: "i0", Right: "i1", Cosine: c.cosine, Background: 2,
				// one pair shows no spread
				BaselineInterval: stats.Estimate{Interval: stats.Interval{Low: -1, High: 1, Confidence: 0.95,
					Method: "undefined"}},
				Blocks: []explained.BlockPart{{Name: "x", Columns: 1, Part: c.x}, {Name: "y", Columns: 1, Part: c.y}}}
			if diff := cmp.Diff(want, x, cmpopts.EquateApprox(0, 1e-6),
				cmpopts.IgnoreUnexported(explained.FeaturePart{})); diff != "" {
				t.Errorf("%v and %v (-want +got) %s", c.left, c.right, diff)
			}
		}
	})
}

// What the encoder does not look at has no part, to the bit, in blocks and in features, and neither has what the pair
// and all background items have in common.
func TestPairIgnoredFeatures(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		m := byHand(1, 2, 0, 0)
		defer m.Close()
		pair, background := inXY("i", []float32{1, 5}, []float32{2, -3}),
			inXY("b", []float32{-1, 0}, []float32{4, 1}, []float32{1, 9})
		x, err := Pair(t.Context(), backend, m, pair, 0, 1, Options{Background: background})
		if err != nil {
			t.Fatal(err)
		}
		if y := x.Features[1]; x.Blocks[1].Part != 0 || y.Name != "y/0" || y.Block != "y" || y.Part != 0 ||
			y.Left != 5 || y.Right != -3 || x.Blocks[0].Part < 0.1 {
			t.Errorf("%+v", x)
		}
		m = byHand(1, 0.5, 0.25, 1)
		defer m.Close()
		pair, background = inXY("i", []float32{1, 5}, []float32{2, 5}), inXY("b", []float32{-1, 5}, []float32{4, 5})
		if x, err = Pair(t.Context(), backend, m, pair, 0, 1, Options{Background: background}); err != nil {
			t.Fatal(err)
		}
		if math.Abs(x.Blocks[1].Part) > 1e-6 || math.Abs(x.Features[1].Part) > 1e-6 ||
			math.Abs(x.Blocks[0].Part) < 1e-3 {
			t.Errorf("%+v", x)
		}
	})
}

// Which item is left changes nothing but the names.
func TestPairSymmetric(t *testing.T) {
	m, val := toymodel.Trained(t)
	defer m.Close()
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		x, err := Pair(t.Context(), backend, m, val, 3, 17, Options{Items: 9})
		if err != nil {
			t.Fatal(err)
		}
		y, err := Pair(t.Context(), backend, m, val, 17, 3, Options{Items: 9})
		if err != nil {
			t.Fatal(err)
		}
		y.Left, y.Right = y.Right, y.Left
		for k := range y.Features {
			y.Features[k].Left, y.Features[k].Right = y.Features[k].Right, y.Features[k].Left
		}
		if diff := cmp.Diff(x, y, cmpopts.EquateApprox(0, 1e-6), cmpopts.IgnoreUnexported(explained.FeaturePart{})); diff != "" {
			t.Error("(-left +right)", diff)
		}
	})
}

// inManyBlocks returns toy items whose features are blocks of their own.
func inManyBlocks(prefix string, perClass, features int, seed uint64) *data.Frame {
	f := labtest.Toy(prefix, 3, perClass, features, 0.5, seed)
	f.Blocks = nil
	for k, name := range f.Columns {
		f.Blocks = append(f.Blocks, data.Block{Name: name, Start: k, End: k + 1})
	}
	return f
}

// Of more blocks than have exact parts, parts still add up, lie within some standard errors of the exact ones,
// and are the same for the same seed.
func TestPairSampledOrders(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, test := inManyBlocks("t", 8, exactBlocks+1, 1), inManyBlocks("v", 3, exactBlocks+1, 2)
	m := untrainedModel(t, preprocess.Options{}, train)
	opt := Options{Background: train, Items: 4, NoFeatures: true, Orders: 60}
	e, err := New(t.Context(), backend, m, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	x, err := e.Pair(t.Context(), test, 0, test, 1)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := embedding.TransformedRows(t.Context(), e.columns, test)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := e.mix.upload(rows.Row(0), rows.Row(1))
	if err != nil {
		t.Fatal(err)
	}
	values := &blockValues{mix: e.mix, pair: pair, blocks: e.columns.Blocks, present: make([]float32, e.mix.f),
		baseline: e.baseline.Value}
	exact, err := values.exact(t.Context(), x.Cosine)
	if err != nil {
		t.Fatal(err)
	}
	for k, b := range x.Blocks {
		if b.StandardError <= 0 || b.StandardError > 0.02 || math.Abs(b.Part-exact[k]) > 4*b.StandardError {
			t.Errorf("%s: %v ± %v, exactly %v", b.Name, b.Part, b.StandardError, exact[k])
		}
	}
	if math.Abs(x.BlocksResidual) > 1e-12 {
		t.Errorf("%v is left", x.BlocksResidual)
	}
	again, err := e.Pair(t.Context(), test, 0, test, 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(x, again, cmp.AllowUnexported(explained.FeaturePart{})); diff != "" {
		t.Error("the same seed gives another explanation", diff)
	}
	if err := device.Finalize(pair[:]...); err != nil {
		t.Error(err)
	}
}

// Shapley values are the mean gains over all orders.
func TestShapley(t *testing.T) {
	values := []float64{0.1, 0.5, -0.2, 0.9, 0.3, 0.3, 0.8, 1} // of {}, a, b, ab, c, ac, bc, abc
	want := make([]float64, 3)
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		set := 0
		for _, k := range order {
			want[k] += (values[set|1<<k] - values[set]) / 6
			set |= 1 << k
		}
	}
	if diff := cmp.Diff(want, shapley(values, 3), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Error("(-want +got)", diff)
	}
	if got := shapley([]float64{0.25, 1}, 1); got[0] != 0.75 {
		t.Errorf("one player has %v", got)
	}
}

// A zero embedding has cosine 0 with a warning, and nothing is NaN.
func TestPairZeroEmbedding(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		m := byHand(1, 0, 0, 1)
		defer m.Close()
		pair := inXY("i", []float32{-1, -1}, []float32{1, 2})
		x, err := Pair(t.Context(), backend, m, pair, 0, 1,
			Options{Background: inXY("b", []float32{-1, -2}, []float32{1, 1}, []float32{2, 1})})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"1 of 3 background items", "an item of the pair", fmt.Sprintf("%.4f", x.FeaturesResidual)}
		if !slices.EqualFunc(x.Warnings, want, strings.Contains) || x.Cosine != 0 {
			t.Errorf("cosine %v, warnings %q, want ones with %q", x.Cosine, x.Warnings, want)
		}
		if _, err := json.Marshal(x); err != nil {
			t.Error(err)
		}
		dead := byHand(0, 0, 0, 0)
		defer dead.Close()
		if x, err = Pair(t.Context(), backend, dead, pair, 0, 1,
			Options{Background: inXY("b", []float32{1, 2}, []float32{1, 1})}); err != nil {
			t.Fatal(err)
		}
		if x.Cosine != 0 || x.Baseline != 0 || x.Blocks[0].Part != 0 || x.Features[1].Part != 0 {
			t.Errorf("an encoder of zeros: %+v", x)
		}
	})
}

// Several goroutines get what one gets, and a closed explainer returns an error.
func TestExplainerConcurrent(t *testing.T) {
	m, val := toymodel.Trained(t)
	defer m.Close()
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(t.Context(), backend, m, Options{Background: val, Items: 5, Steps: 4})
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Pair(t.Context(), val, 0, val, 1)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			got, err := e.Pair(t.Context(), val, 0, val, 1)
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(explained.FeaturePart{})); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
	group.Wait()
	for range 2 {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
	_, err = e.Pair(t.Context(), val, 0, val, 1)
	labtest.WantError(t, err, "closed")
}

func TestPairErrors(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	m := byHand(1, 0, 0, 1)
	defer m.Close()
	f := inXY("i", []float32{1, 2}, []float32{3, 1}, []float32{2, 2}, []float32{5, 2})
	explain := func(f *data.Frame, i, j int, opt Options) error {
		_, err := Pair(t.Context(), backend, m, f, i, j, opt)
		return err
	}
	labtest.WantError(t, explain(nil, 0, 1, Options{}), "nil")
	labtest.WantError(t, explain(f, 0, 4, Options{}), "items 0 and 4")
	labtest.WantError(t, explain(f, -1, 0, Options{}), "items -1 and 0")
	labtest.WantError(t, explain(f.Select([]int{0, 1, 2}), 0, 1, Options{}), "background: ")
	err = explain(f, 0, 1, Options{Steps: -1, Orders: -2, Items: 1})
	if diff := cmp.Diff([]string{"Steps", "Orders", "Items"}, option.Names(err)); diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
	short := f.Select([]int{0, 1})
	short.X = short.X[:3]
	labtest.WantError(t, explain(short, 0, 1, Options{Background: f}), "explain: ")
	labtest.WantError(t, explain(f, 0, 1, Options{Background: short}), "background: ")
	other := f.Select([]int{0, 1, 2, 3})
	other.Columns[1] = "z/0"
	labtest.WantError(t, explain(other, 0, 1, Options{Background: f}), `"y/0"`)
	missing := f.Select([]int{0, 1, 2, 3})
	missing.X[2] = float32(math.NaN())
	labtest.WantError(t, explain(missing, 0, 1, Options{Background: f}), "i1", "x/0")
	huge := f.Select([]int{0, 1, 2, 3})
	huge.X[2] = 3e38
	_, err = Pair(t.Context(), backend, byHand(10, 0, 0, 1), huge, 0, 1, Options{Background: f})
	labtest.WantError(t, err, "not a finite number")
	if _, err := New(t.Context(), nil, m, Options{Background: f}); err == nil {
		t.Error("no error without a backend")
	}
	var empty *siamese.Model
	_, err = Pair(t.Context(), backend, empty, f, 0, 1, Options{})
	labtest.WantError(t, err, "the model is empty")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Pair(ctx, backend, m, f, 0, 1, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
