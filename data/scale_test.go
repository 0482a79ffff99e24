package data

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFitStandardAgainstOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	f := table(500, 2*fitTile+7)
	for k := range f.X { // columns of different place and width
		j := k % f.F()
		f.X[k] = f.X[k]*float32(math.Pow(10, float64(j%9-4))) + float32(j%5)
	}
	items := rng.Perm(f.N())[:300]
	s, err := FitStandard(f, items)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	for j := range f.F() {
		var mean, square float64
		for _, i := range items {
			mean += float64(f.Row(i)[j]) / 300
		}
		for _, i := range items {
			square += math.Pow(float64(f.Row(i)[j])-mean, 2) / 300
		}
		closeTo(t, fmt.Sprintf("mean of column %d", j), float64(s.Mean[j]), mean, math.Sqrt(square))
		closeTo(t, fmt.Sprintf("inverse of column %d", j), float64(s.Inverse[j])*math.Sqrt(square), 1, 1)
	}
	out, err := s.Transform(f.Select(items))
	if err != nil {
		t.Fatal(err)
	}
	for j := range f.F() {
		var mean, square float64
		for i := range out.N() {
			v := float64(out.Row(i)[j])
			mean += v / 300
			square += v * v / 300
		}
		// The mean is kept in float32; in a narrow column far from 0 its rounding shows.
		rounding := math.Abs(float64(s.Mean[j])) / (1 << 24) * float64(s.Inverse[j])
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

func TestFitStandardSeesTrainingItemsOnly(t *testing.T) {
	f := table(40, 10)
	before := must(FitStandard(f, all(30)))
	for i := 30; i < 40; i++ {
		for j := range f.F() {
			f.Row(i)[j] = float32(math.NaN())
		}
	}
	after, err := FitStandard(f, all(30))
	if err != nil || !cmp.Equal(before, after) {
		t.Errorf("test items change the scaler: %v", err)
	}
}

func TestFitStandardSameBitsOnAnyCores(t *testing.T) {
	f := table(200, 1000)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := must(FitStandard(f, all(200)))
	alone := must(one.Transform(f))
	runtime.GOMAXPROCS(4)
	if !cmp.Equal(one, must(FitStandard(f, all(200)))) {
		t.Error("the fit depends on the number of cores")
	}
	if must(one.Transform(f)).Hash() != alone.Hash() {
		t.Error("scaled values depend on the number of cores")
	}
}

func TestFitStandardConstantColumns(t *testing.T) {
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
	var got []string
	for name, values := range columns {
		f := &Frame{X: values, Columns: []string{name}, Blocks: []Block{{"b", 0, 1}}, IDs: []string{"a", "b", "c", "d"}}
		s, err := FitStandard(f, all(4))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		out := must(s.Transform(f))
		if err := out.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s.Inverse[0] == 0 {
			got = append(got, name)
			if !cmp.Equal(out.X, make([]float32, 4)) {
				t.Errorf("%s becomes %v, want zeros", name, out.X)
			}
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(constant, got); diff != "" {
		t.Errorf("constant columns: %s", diff)
	}
}

func TestScalerMatchesByName(t *testing.T) {
	f := small()
	s := must(FitStandard(f, all(4)))
	shuffled := must(f.SelectColumns([]string{"glcm/1", "glcm/0", "hog/2", "hog/0", "hog/1"}))
	match, err := s.Match(shuffled.Columns)
	if err != nil || !cmp.Equal(match, []int{3, 4, 2, 1, 0}) {
		t.Errorf("match %v, %v", match, err)
	}
	if must(s.Transform(shuffled)).Hash() != must(s.Transform(f)).Hash() {
		t.Error("columns in another order give other values")
	}
	_, err = s.Match([]string{"hog/0", "hog/1", "glcm/0", "glcm/1", "lbp/0", "lbp/0"})
	for _, want := range []string{"5 columns, these are 6", `missing: "hog/2"`, `extra: "lbp/0"`, `repeated: "lbp/0"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := s.Transform(must(f.SelectBlocks("hog"))); err == nil || !strings.Contains(err.Error(), `missing: "glcm/0", "glcm/1"`) {
		t.Errorf("fewer columns: %v", err)
	}
}

func TestNoScaling(t *testing.T) {
	f := small()
	s := NoScaling(f.Columns)
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	if must(s.Transform(f)).Hash() != f.Hash() {
		t.Error("values change")
	}
}

func TestScalerJSON(t *testing.T) {
	want := must(FitStandard(table(20, 30), all(20)))
	var got Scaler
	if err := json.Unmarshal(must(json.Marshal(want)), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, &got); diff != "" {
		t.Error(diff)
	}
}

func TestScalerErrors(t *testing.T) {
	f := small()
	s := must(FitStandard(f, all(4)))
	spoiled := small()
	spoiled.X[7] = float32(math.Inf(1))
	short := small()
	short.X = short.X[1:]
	nan := float32(math.NaN())
	for _, test := range []struct {
		err  error
		want string
	}{
		{second(FitStandard(nil, []int{0})), "nil"},
		{second(FitStandard(short, []int{0})), "lengths disagree"},
		{second(FitStandard(f, nil)), "no items"},
		{second(FitStandard(f, []int{4})), "item 4 is out of range"},
		{second(FitStandard(f, []int{-1})), "item -1 is out of range"},
		{second(FitStandard(spoiled, all(4))), `item "b" column "hog/2" is +Inf`},
		{s.Apply(make([]float32, 5), make([]float32, 10)), "dst has 5 values, src 10"},
		{s.Apply(make([]float32, 4), make([]float32, 4)), "a multiple of the 5 columns"},
		{(&Scaler{}).Apply(nil, nil), "multiple of the 0 columns"},
		{(&Scaler{Kind: "odd", Columns: []string{"a"}}).Apply([]float32{1}, []float32{1}), `kind "odd"`},
		{(&Scaler{Kind: ScaleStandard, Columns: []string{"a"}}).Apply([]float32{1}, []float32{1}), "Mean has 0 values, want 1"},
		{(*Scaler)(nil).Validate(), "nil"},
		{(&Scaler{Kind: ScaleNone}).Validate(), "no columns"},
		{(&Scaler{Kind: ScaleNone, Columns: []string{"a", "a"}, Mean: []float32{1}}).Validate(), "Mean has 1 values, want 0"},
		{(&Scaler{Kind: ScaleNone, Columns: []string{"a", "a"}}).Validate(), `repeated: "a"`},
		{(&Scaler{Kind: ScaleStandard, Columns: []string{"a"}, Mean: []float32{nan}, Inverse: []float32{1}}).Validate(), "Mean[0] is NaN"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("got %v, want %q", test.err, test.want)
		}
	}
}

func BenchmarkFitStandard(b *testing.B) {
	f := table(5_000, 2_000)
	items := all(f.N())
	b.SetBytes(int64(4 * len(f.X)))
	for b.Loop() {
		if _, err := FitStandard(f, items); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkApply(b *testing.B) {
	f := table(5_000, 2_000)
	s := must(FitStandard(f, all(f.N())))
	dst := make([]float32, len(f.X))
	b.SetBytes(int64(4 * len(f.X)))
	for b.Loop() {
		if err := s.Apply(dst, f.X); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleFitStandard() {
	f := &Frame{X: []float32{1, 7, 3, 7, 100, 7}, Columns: []string{"a", "b"}, Blocks: []Block{{"all", 0, 2}}, IDs: []string{"x", "y", "new"}}
	s, err := FitStandard(f, []int{0, 1}) // the third item is for the test
	if err != nil {
		fmt.Println(err)
		return
	}
	scaled, err := s.Transform(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Mean, s.Inverse)
	fmt.Println(scaled.X)
	// Output:
	// [2 7] [1 0]
	// [-1 0 1 0 98 0]
}

func ExampleScaler_Match() {
	s := NoScaling([]string{"hog/0", "hog/1", "glcm/0"})
	fmt.Println(s.Match([]string{"glcm/0", "hog/0", "hog/1"}))
	_, err := s.Match([]string{"hog/0", "hog/1", "lbp/0"})
	fmt.Println(err)
	// Output:
	// [1 2 0] <nil>
	// data: the features are not those the model was fitted on (3 columns, these are 3); missing: "glcm/0"; extra: "lbp/0"
}
