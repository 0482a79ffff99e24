package preprocess

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/internal/numeric"
	"github.com/go-siamese/lab/data/internal/selection"
)

func fit(t testing.TB, f *data.Frame, items []int, p Options) *Transform {
	t.Helper()
	tr, err := Fit(t.Context(), f, items, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Validate(); err != nil {
		t.Fatal(err)
	}
	return tr
}

func transformed(t testing.TB, tr *Transform, f *data.Frame) *data.Frame {
	t.Helper()
	out, err := tr.Frame(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// spread returns a table of columns of different place and width, in three blocks, with missing values at a
// share of the places.
func spread(n, width int, missing float64) *data.Frame {
	rng := rand.New(rand.NewPCG(4, 4))
	f := datatest.Table(n, width)
	f.Blocks = []data.Block{{Name: "a", Start: 0, End: width / 2}, {Name: "b", Start: width / 2, End: width - 1},
		{Name: "c", Start: width - 1, End: width}}
	for k := range f.X {
		j := k % width
		f.X[k] = f.X[k]*float32(math.Pow(10, float64(j%9-4))) + float32(j%5)
		if rng.Float64() < missing {
			f.X[k] = float32(math.NaN())
		}
	}
	return f
}

func TestStandardAgainstOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	f := spread(500, 3*numeric.GatherTile+7, 0)
	items := rng.Perm(f.N())[:300]
	s := fit(t, f, items, Options{})
	for j := range f.F() {
		var mean, square float64
		for _, i := range items {
			mean += float64(f.Row(i)[j]) / 300
		}
		for _, i := range items {
			square += math.Pow(float64(f.Row(i)[j])-mean, 2) / 300
		}
		closeTo(t, fmt.Sprintf("mean of column %d", j), float64(s.Centre[j]), mean, math.Sqrt(square))
		closeTo(t, fmt.Sprintf("factor of column %d", j), float64(s.Factor[j])*math.Sqrt(square), 1, 1)
	}
	out := transformed(t, s, f.Select(items))
	for j := range f.F() {
		var mean, square float64
		for i := range out.N() {
			v := float64(out.Row(i)[j])
			mean += v / 300
			square += v * v / 300
		}
		// The mean is kept in float32; in a narrow column far from 0 its rounding shows.
		rounding := math.Abs(float64(s.Centre[j])) / (1 << 24) * float64(s.Factor[j])
		if math.Abs(mean) > 1e-5+rounding || math.Abs(square-mean*mean-1) > 1e-5+rounding {
			t.Errorf("column %d has mean %g and variance %g after scaling", j, mean, square-mean*mean)
		}
	}
}

func closeTo(t *testing.T, what string, got, want, unit float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6*(unit+math.Abs(want)) {
		t.Errorf("%s: %g, want %g", what, got, want)
	}
}

// everything is a spec with all stages.
func everything() Options {
	return Options{Impute: ImputeMedian, SignedSqrt: true, Scale: ScaleRobust, EqualBlocks: true,
		BlockWeights: map[string]float64{"b": 2}, Components: 5, Whiten: true}
}

// Whatever happens to the other items, the transform is that of the training items.
func TestFitSeesTrainingItemsOnly(t *testing.T) {
	for _, p := range []Options{{}, {Scale: ScaleRobust}, {EqualBlocks: true}, {Components: 4}, everything()} {
		f := spread(60, 12, 0)
		f.Domains = slices.Repeat([]string{"x", "y"}, 30)
		before := fit(t, f, selection.All(40), p)
		for i := 40; i < 60; i++ {
			f.Domains[i] = "new"
			for j := range f.F() {
				f.Row(i)[j] = float32(math.NaN())
			}
		}
		after, err := Fit(t.Context(), f, selection.All(40), p)
		if err != nil || !cmp.Equal(before, after) {
			t.Errorf("%+v: test items change the transform: %v", p, err)
		}
	}
}

func TestSameBitsOnAnyCores(t *testing.T) {
	f := spread(1200, 150, 0.02)
	few := f.Select(selection.All(60)) // fewer than columns
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, p := range []Options{{Impute: ImputeMean}, everything(), {Impute: ImputeMean, Components: 40}} {
		for _, g := range []*data.Frame{f, few} {
			runtime.GOMAXPROCS(1)
			one := fit(t, g, selection.All(g.N()), p)
			alone := transformed(t, one, f)
			runtime.GOMAXPROCS(4)
			if !cmp.Equal(one, fit(t, g, selection.All(g.N()), p)) {
				t.Errorf("%+v: the fit depends on the number of cores", p)
			}
			if transformed(t, one, f).Hash() != alone.Hash() {
				t.Errorf("%+v: values depend on the number of cores", p)
			}
			for _, i := range []int{0, 7, 1199} { // and not on the rows beside it
				if lone := transformed(t, one, f.Select([]int{i})); !cmp.Equal(lone.X, alone.Row(i)) {
					t.Errorf("%+v: item %d alone becomes %v, among others %v", p, i, lone.X[:3], alone.Row(i)[:3])
				}
			}
		}
	}
}

func TestConstantColumns(t *testing.T) {
	columns := map[string][]float32{
		"zero":       {0, 0, 0, 0},
		"constant":   {.1, .1, .1, .1},
		"large":      {1e30, 1e30, 1e30, 1e30},
		"rounding":   {1, 1, 1, math.Nextafter32(1, 2)},
		"vanishing":  {0, 1e-38, 0, 0},
		"small":      {1e-9, 2e-9, 1e-9, 2e-9}, // small, but not constant
		"far":        {1000, 1000.01, 1000, 1000.01},
		"wide":       {-3e38, 3e38, -3e38, 3e38},
		"one item":   {0, 0, 0, 1e-3},
		"ordinary":   {1, 2, 3, 4},
		"subnormals": {1e-44, 2e-44, 3e-44, 0},
	}
	constant := []string{"constant", "large", "rounding", "subnormals", "vanishing", "zero"}
	for _, scale := range []string{ScaleStandard, ScaleRobust} {
		var got []string
		for name, values := range columns {
			f := &data.Frame{X: values, Columns: []string{name}, Blocks: []data.Block{{Name: "b", Start: 0, End: 1}},
				IDs: []string{"a", "b", "c", "d"}}
			s := fit(t, f, selection.All(4), Options{Scale: scale})
			out := transformed(t, s, f)
			if err := out.Validate(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if s.Factor[0] == 0 {
				got = append(got, name)
				if !cmp.Equal(out.X, make([]float32, 4)) {
					t.Errorf("%s becomes %v, want zeros", name, out.X)
				}
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(constant, got); diff != "" {
			t.Errorf("%s: constant columns: %s", scale, diff)
		}
	}
	// Of a column that is mostly one value, the deviation stands in for the quartiles.
	f := &data.Frame{X: []float32{0, 0, 0, 0, 0, 0, 0, 5}, Columns: []string{"x"},
		Blocks: []data.Block{{Name: "b", Start: 0, End: 1}}, IDs: strings.Split("abcdefgh", "")}
	s := fit(t, f, selection.All(8), Options{Scale: ScaleRobust})
	closeTo(t, "factor", float64(s.Factor[0]), 1/(1.3489795*5*math.Sqrt(7)/8), 1)
	closeTo(t, "centre", float64(s.Centre[0]), 0, 1)
}

func TestOneItem(t *testing.T) {
	f := datatest.Small()
	for _, p := range []Options{{}, {Scale: ScaleRobust}, {EqualBlocks: true}, {Scale: ScaleNone, EqualBlocks: true},
		{Impute: ImputeMedian, SignedSqrt: true}} {
		out := transformed(t, fit(t, f, []int{2}, p), f)
		if err := out.Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
		if p.Scale != ScaleNone && !cmp.Equal(out.X, make([]float32, 20)) {
			t.Errorf("%+v: one item gives %v", p, out.X)
		}
	}
	_, err := Fit(t.Context(), f, []int{2}, Options{Components: 1})
	wantError(t, err, "components", "do not vary")
}

func TestImpute(t *testing.T) {
	nan := float32(math.NaN())
	f := &data.Frame{
		X:       []float32{1, nan, 2, nan, 9, 4, nan, 8},
		Columns: []string{"a", "b"}, Blocks: []data.Block{{Name: "x", Start: 0, End: 2}},
		IDs: []string{"1", "2", "3", "new"},
	}
	for impute, want := range map[string][]float32{ImputeMean: {4, 4}, ImputeMedian: {2, 4}} {
		tr := fit(t, f, selection.All(3), Options{Impute: impute, Scale: ScaleNone})
		if !cmp.Equal(tr.Fill, want) {
			t.Errorf("%s: %v, want %v", impute, tr.Fill, want)
		}
		out := transformed(t, tr, f)
		if !cmp.Equal(out.X, []float32{1, want[1], 2, want[1], 9, 4, want[0], 8}) {
			t.Errorf("%s: %v", impute, out.X)
		}
	}
	f.X[5] = nan
	wantError(t, labtest.Second(Fit(t.Context(), f, selection.All(3), Options{Impute: ImputeMean})), "", `column "b"`)
}

func TestSignedSqrt(t *testing.T) {
	f := &data.Frame{X: []float32{-9, 4, 0, 2, 1e-20, -3e38}, Columns: []string{"a", "b"},
		Blocks: []data.Block{{Name: "x", Start: 0, End: 2}}, IDs: []string{"1", "2", "3"}}
	out := transformed(t, fit(t, f, selection.All(3), Options{SignedSqrt: true, Scale: ScaleNone}), f)
	for k, v := range f.X {
		want := float32(math.Copysign(math.Sqrt(math.Abs(float64(v))), float64(v)))
		if out.X[k] != want {
			t.Errorf("%g becomes %g, want %g", v, out.X[k], want)
		}
	}
}

func TestTransformMatchesByName(t *testing.T) {
	f := datatest.Small()
	order := []string{"glcm/1", "hog/2", "glcm/0", "hog/0", "hog/1"}
	mixed := &data.Frame{Columns: order, Blocks: []data.Block{{Name: "all", Start: 0, End: 5}}, IDs: f.IDs,
		Labels: f.Labels, Domains: f.Domains}
	for i := range f.N() {
		row := f.Row(i)
		mixed.X = append(mixed.X, row[4], row[2], row[3], row[0], row[1])
	}
	for _, p := range []Options{{}, {EqualBlocks: true}, {Scale: ScaleNone}} {
		s := fit(t, f, selection.All(4), p)
		match, err := s.Match(order)
		if err != nil || !cmp.Equal(match, []int{3, 4, 1, 2, 0}) {
			t.Errorf("match %v, %v", match, err)
		}
		// Blocks, too, are those of the fit.
		if transformed(t, s, mixed).Hash() != transformed(t, s, f).Hash() {
			t.Error("columns in another order give other values")
		}
		_, err = s.Match([]string{"hog/0", "hog/1", "glcm/0", "glcm/1", "lbp/0", "lbp/0"})
		wantError(t, err, "", "5 columns", "6", `missing: "hog/2"`, `extra: "lbp/0"`, `repeated: "lbp/0"`)
		_, err = s.Frame(t.Context(), labtest.Must(f.SelectBlocks("hog")))
		wantError(t, err, "", `missing: "glcm/0", "glcm/1"`)
	}
}

// Empty arrays mean the same as none, as in a file that says [] where another has null.
func TestEmptyArraysAreNone(t *testing.T) {
	f := datatest.Small()
	none := []float32{}
	for _, p := range []Options{{}, {Scale: ScaleNone}, {Impute: ImputeMean, Scale: ScaleNone}} {
		tr := fit(t, f, selection.All(4), p)
		want := transformed(t, tr, f)
		for _, a := range []*[]float32{&tr.Fill, &tr.Centre, &tr.Factor, &tr.Mean, &tr.Loadings, &tr.Variance} {
			if *a == nil {
				*a = none
			}
		}
		if err := tr.Validate(); err != nil {
			t.Error(err)
		}
		if got := transformed(t, tr, f); got.Hash() != want.Hash() {
			t.Errorf("%+v: empty arrays give other values", p)
		}
	}
	bare := *f
	bare.Domains = make([]string, 4)
	if unseen := fit(t, &bare, selection.All(4), Options{}).Unseen(f); unseen != nil {
		t.Errorf("without any domain in training %q are unseen", unseen)
	}
}

func TestUnseenDomains(t *testing.T) {
	f := datatest.Small()
	tr := fit(t, f, []int{0, 1}, Options{})
	if diff := cmp.Diff([]string{"x"}, tr.Domains); diff != "" {
		t.Error(diff)
	}
	f.Domains = []string{"z", "x", "", "y"}
	if diff := cmp.Diff([]string{"y", "z"}, tr.Unseen(f)); diff != "" {
		t.Error(diff)
	}
	f.Domains = nil
	if tr.Unseen(f) != nil || fit(t, f, selection.All(4), Options{}).Unseen(datatest.Small()) != nil {
		t.Error("without domains there is nothing to compare")
	}
}

func TestTransformJSON(t *testing.T) {
	f := spread(40, 12, 0.05)
	for _, p := range []Options{{Impute: ImputeMean}, everything()} {
		want := fit(t, f, selection.All(40), p)
		var got Transform
		if err := json.Unmarshal(labtest.Must(json.Marshal(want)), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, &got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTransformText(t *testing.T) {
	f := spread(40, 12, 0)
	for want, p := range map[string]Options{
		"12 features: standard scaling": {},
		"12 features: unchanged":        {Scale: ScaleNone},
		"12 features: median for missing values, signed square root, robust scaling, 3 blocks made equal, " +
			"5 principal components with ": everything(),
	} {
		if got := fit(t, f, selection.All(40), p).String(); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTransformErrors(t *testing.T) {
	f := datatest.Small()
	s := fit(t, f, selection.All(4), Options{})
	fitError := func(f *data.Frame, items []int, p Options) error {
		return labtest.Second(Fit(t.Context(), f, items, p))
	}
	spoiled, missing := datatest.Small(), datatest.Small()
	spoiled.X[7], missing.X[7] = float32(math.Inf(1)), float32(math.NaN())
	short := datatest.Small()
	short.X = short.X[1:]
	nan := float32(math.NaN())
	blocks := []data.Block{{Name: "b", Start: 0, End: 1}}
	one := func(change func(t *Transform)) *Transform {
		t := &Transform{Columns: []string{"a"}, Blocks: blocks, Centre: []float32{1}, Factor: []float32{1}}
		change(t)
		return t
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		err           error
		setting, want string
	}{
		{fitError(nil, []int{0}, Options{}), "", "nil"},
		{fitError(short, []int{0}, Options{}), "", "X has 19"},
		{fitError(f, nil, Options{}), "", "no items"},
		{fitError(f, []int{4}, Options{}), "", "item 4"},
		{fitError(f, []int{-1}, Options{}), "", "item -1"},
		{fitError(f, selection.All(4), Options{Scale: "odd"}), "scale", `"odd"`},
		{fitError(spoiled, selection.All(4), Options{}), "", `item "b" column "hog/2" is +Inf`},
		{fitError(spoiled, selection.All(4), Options{Impute: ImputeMean}), "",
			`item "b" column "hog/2" is +Inf`},
		{fitError(missing, selection.All(4), Options{}), "", `item "b" column "hog/2" is NaN`},
		{fitError(f, selection.All(4), Options{EqualBlocks: true, BlockWeights: map[string]float64{"hag": 1}}),
			"block_weights", `nearest: "hog"`},
		{fitError(f, selection.All(4), Options{Components: 5}), "components", "1 directions"},
		{labtest.Second(Fit(cancelled, f, selection.All(4), Options{})), "", context.Canceled.Error()},
		{labtest.Second(s.Frame(cancelled, f)), "", context.Canceled.Error()},
		{labtest.Second(s.Frame(t.Context(), missing)), "", `item "b" column "hog/2"`},
		{s.Apply(make([]float32, 5), make([]float32, 10)), "", "dst 5"},
		{s.Apply(make([]float32, 4), make([]float32, 4)), "", "of 5 and of 5"},
		{s.Apply(make([]float32, 20), missing.X), "", `row 1 column "hog/2" is NaN`},
		{s.Apply(missing.X, missing.X), "", `row 1 column "hog/2" is NaN`},
		{s.Apply(make([]float32, 20), spoiled.X), "", `row 1 column "hog/2" is +Inf`},
		{one(func(t *Transform) { t.Factor[0] = 1e10 }).Apply([]float32{0}, []float32{3e38}), "",
			`row 0 column "a" becomes +Inf`},
		{(&Transform{}).Apply(nil, nil), "", "rows, of 0"},
		{one(func(t *Transform) { t.Centre = nil }).Apply([]float32{1}, []float32{1}), "", "centre has 0"},
		{one(func(t *Transform) { t.Spec.Components = 1 }).Apply(nil, []float32{1}), "", "mean has 0"},
		{(*Transform)(nil).Validate(), "", "nil"},
		{(&Transform{}).Validate(), "", "no columns"},
		{one(func(t *Transform) { t.Spec.Scale = "odd" }).Validate(), "scale", `"odd"`},
		{one(func(t *Transform) { t.Spec.Scale = ScaleNone }).Validate(), "", "centre has 1"},
		{one(func(t *Transform) { t.Columns = []string{"a", "a"} }).Validate(), "", `repeated: "a"`},
		{one(func(t *Transform) { t.Blocks = nil }).Validate(), "", "[0, 1)"},
		{one(func(t *Transform) { t.Domains = []string{"b", "a"} }).Validate(), "", "domains"},
		{one(func(t *Transform) { t.Domains = []string{"a", "a"} }).Validate(), "", "domains"},
		{one(func(t *Transform) { t.Centre[0] = nan }).Validate(), "", "centre[0] is NaN"},
		{one(func(t *Transform) { t.Spec.Components = 2 }).Validate(), "", "0 components"},
		{one(func(t *Transform) { t.Spec.Variance, t.Variance = 1, []float32{0} }).Validate(), "", "variance[0] is 0"},
		{one(func(t *Transform) { t.VarianceKept = math.NaN() }).Validate(), "", "VarianceKept is NaN"},
	} {
		wantError(t, test.err, test.setting, test.want)
	}
	if !errors.Is(labtest.Second(Fit(cancelled, f, selection.All(4), everything())), context.Canceled) {
		t.Error("a cancelled fit has another error")
	}
}

// Rows gives what Frame gives, in any portion.
func TestRows(t *testing.T) {
	f := spread(3000, 11, 0.05)
	order := slices.Clone(f.Columns)
	slices.Reverse(order)
	turned := labtest.Must(f.SelectColumns(order))
	for _, p := range []Options{{Impute: ImputeMean}, everything()} {
		tr := fit(t, f, selection.All(2000), p)
		want, width := transformed(t, tr, f), tr.Width()
		for _, g := range []*data.Frame{f, turned} {
			rows, err := tr.Rows(g)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range [][2]int{{0, 3000}, {7, 8}, {2999, 3000}, {10, 10}, {100, 1900}} {
				got := make([]float32, (part[1]-part[0])*width)
				if err := rows.Read(got, part[0]); err != nil {
					t.Fatal(err)
				}
				if !cmp.Equal(got, want.X[part[0]*width:part[1]*width:part[1]*width]) {
					t.Errorf("items %v differ", part)
				}
			}
			for _, bad := range []struct{ start, values int }{{-1, width}, {3000, width}, {0, width + 1}} {
				wantError(t, rows.Read(make([]float32, bad.values), bad.start), "", fmt.Sprint(bad.start),
					fmt.Sprint(bad.values))
			}
		}
	}
	none := labtest.Must(fit(t, f, selection.All(3000), Options{Impute: ImputeMean}).Rows(f.Select(nil)))
	if err := none.Read(nil, 0); err != nil {
		t.Error(err)
	}
	far := f.Select(selection.All(5))
	far.Row(3)[10] = 3e38
	tr := fit(t, f, selection.All(3000), Options{Impute: ImputeMean})
	tr.Factor[10] = 1e9
	_, err := tr.Frame(t.Context(), far)
	wantError(t, err, "", `item "i3" column "f/10" becomes +Inf`)
}

// A value that is not finite is found wherever it stands, and no other value is taken for one.
func TestFinite(t *testing.T) {
	for n := range 12 {
		row := make([]float32, n)
		for k := range row {
			row[k] = []float32{math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 0,
				float32(math.Copysign(0, -1))}[k%5]
		}
		if !finite(row) {
			t.Errorf("%v is taken for not finite", row)
		}
		for k := range row {
			for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				bad := slices.Clone(row)
				bad[k] = float32(v)
				if finite(bad) {
					t.Errorf("%g at %d of %d is not found", v, k, n)
				}
			}
		}
	}
}
