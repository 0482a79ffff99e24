package duplicates

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/internal/numeric"
	"github.com/go-siamese/lab/data/option"
)

// slowDuplicates is Find as it is defined.
func slowDuplicates(f *data.Frame, threshold float64) *Duplicates {
	n := f.N()
	z := make([][]float64, n)
	blank := make([]bool, n)
	for i := range z {
		z[i], blank[i] = make([]float64, f.F()), true
	}
	for j := range f.F() {
		var values []float64
		for i := range n {
			if v := float64(f.Row(i)[j]); !math.IsNaN(v) && !math.IsInf(v, 0) {
				values = append(values, v)
			}
		}
		var mean, square, largest float64
		for _, v := range values {
			mean += v / float64(len(values))
			largest = max(largest, math.Abs(v))
		}
		for _, v := range values {
			square += (v - mean) * (v - mean) / float64(len(values))
		}
		if std := math.Sqrt(square); std > numeric.ConstantBelow*largest {
			for i := range n {
				if v := float64(f.Row(i)[j]); !math.IsNaN(v) && !math.IsInf(v, 0) {
					z[i][j], blank[i] = (v-mean)/std, false
				}
			}
		}
	}
	d := &Duplicates{Threshold: threshold, Exact: [][]int{}, Near: [][]int{}}
	reach := make([][]bool, n) // transitive closure by Warshall
	for i := range reach {
		reach[i] = make([]bool, n)
		reach[i][i] = true
	}
	first := make([]int, n)
	for i := range n {
		first[i] = i
		for j := range i {
			if slices.EqualFunc(f.Row(i), f.Row(j), func(a, b float32) bool { return a == b || a != a && b != b }) {
				first[i], reach[i][j], reach[j][i] = j, true, true
				break
			}
		}
	}
	for i := range n {
		if blank[i] {
			d.Blank = append(d.Blank, i)
		}
		for j := i + 1; threshold > 0 && j < n; j++ {
			if blank[i] || blank[j] || first[i] != i || first[j] != j {
				continue
			}
			var dot, a, b float64
			for k := range f.F() {
				dot, a, b = dot+z[i][k]*z[j][k], a+z[i][k]*z[i][k], b+z[j][k]*z[j][k]
			}
			s := 1.0
			if a+b > 0 {
				s = 2 * dot / (a + b)
			}
			if s >= threshold {
				reach[i][j], reach[j][i] = true, true
				d.Pairs = append(d.Pairs, NearPair{i, j, s})
			}
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
			}
		}
	}
	for i := range n {
		exact, near := []int{i}, []int{i}
		for j := i + 1; j < n; j++ {
			if first[j] == i {
				exact = append(exact, j)
			}
			if reach[i][j] {
				near = append(near, j)
			}
		}
		if len(exact) > 1 {
			d.Exact = append(d.Exact, exact)
		}
		if len(near) > 1 && !slices.Contains(reach[i][:i], true) {
			d.Near = append(d.Near, near)
		}
	}
	d.PairCount = len(d.Pairs)
	slices.SortFunc(d.Pairs, func(a, b NearPair) int { return cmp.Compare(b.Similarity, a.Similarity) })
	return d
}

func TestFindAgainstOracle(t *testing.T) {
	found := 0
	for seed := range uint64(6) {
		f := datatest.Crowded(150, []int{6, 70, 300}[seed%3], seed)
		if seed == 4 {
			for j := range f.F() {
				f.Row(7)[j], f.Row(9)[j], f.Row(11)[j] = float32(math.NaN()), float32(math.NaN()), float32(math.Inf(1))
			}
		}
		for _, threshold := range []float64{0, 0.3, 0.8, 0.95, 0.999, 0.99999, 1} {
			got, err := Find(t.Context(), f, Options{Near: threshold > 0, Threshold: threshold, MaxPairs: 1e6})
			if err != nil {
				t.Fatal(err)
			}
			want := slowDuplicates(f, threshold)
			if threshold == 0 {
				want.Blank = nil // not looked for
			}
			if diff := gocmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("seed %d, threshold %g: %s", seed, threshold, diff)
			}
			found += got.PairCount
		}
	}
	if found < 1000 {
		t.Errorf("only %d pairs: the frames try nothing", found)
	}
}

// Rows in another order, columns in another order and constant columns change nothing but the
// last digits.
func TestFindProperties(t *testing.T) {
	f := datatest.Crowded(400, 90, 5)
	opt := Options{Near: true, Threshold: 0.9, MaxPairs: 1e6}
	want, err := Find(t.Context(), f, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Exact) == 0 || len(want.Near) < 5 || want.PairCount < 50 {
		t.Fatalf("too little to see: %d, %d, %d", len(want.Exact), len(want.Near), want.PairCount)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	approx := cmpopts.EquateApprox(0, 1e-9)

	names := slices.Clone(f.Columns)
	rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	other := *f
	other.Blocks = []data.Block{{Name: "all", Start: 0, End: f.F()}}
	shuffled, err := other.SelectColumns(names)
	if err != nil {
		t.Fatal(err)
	}
	wide := datatest.Table(f.N(), f.F()+40)
	for i := range f.N() {
		row := wide.Row(i)
		copy(row[20:], f.Row(i))
		for k := range 20 {
			row[k], row[f.F()+20+k] = 7, float32(math.NaN())
		}
	}
	for name, g := range map[string]*data.Frame{"columns": shuffled, "constant columns": wide} {
		got, err := Find(t.Context(), g, opt)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got, approx); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}

	order := rng.Perm(f.N())
	got, err := Find(t.Context(), f.Select(order), opt)
	if err != nil {
		t.Fatal(err)
	}
	back := func(groups [][]int) [][]int {
		out := make([][]int, len(groups))
		for k, g := range groups {
			out[k] = pick2(order, g)
			slices.Sort(out[k])
		}
		slices.SortFunc(out, slices.Compare)
		return out
	}
	if diff := gocmp.Diff([][][]int{want.Exact, want.Near}, [][][]int{back(got.Exact), back(got.Near)}); diff != "" {
		t.Errorf("rows: %s", diff)
	}
	// Another item may stand for a group of exact ones, which are alike.
	for k, p := range got.Pairs {
		if math.Abs(p.Similarity-want.Pairs[k].Similarity) > 1e-9 || got.PairCount != want.PairCount {
			t.Fatalf("rows: pair %d is %v, want %v", k, p, want.Pairs[k])
		}
	}
}

func pick2(all, items []int) []int {
	out := make([]int, len(items))
	for k, i := range items {
		out[k] = all[i]
	}
	return out
}

func TestFindOnAnyNumberOfCores(t *testing.T) {
	f := datatest.Crowded(500, 64, 8)
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	var want *Duplicates
	for _, cores := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(cores)
		got, err := Find(t.Context(), f, Options{Near: true, Threshold: 0.4, MaxPairs: 100})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if diff := gocmp.Diff(want, got); diff != "" { // bit for bit
			t.Errorf("%d cores: %s", cores, diff)
		}
	}
	if want.PairCount < 1<<12 || len(want.Pairs) != 100 {
		t.Errorf("%d pairs, %d listed: too few to hand over early", want.PairCount, len(want.Pairs))
	}
}

// The listed pairs are the most similar ones, however few are asked for.
func TestMaxPairs(t *testing.T) {
	f := datatest.Crowded(600, 40, 9)
	whole, err := Find(t.Context(), f, Options{Near: true, Threshold: 0.2, MaxPairs: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{1, 7, 0} {
		got, err := Find(t.Context(), f, Options{Near: true, Threshold: 0.2, MaxPairs: most})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(whole.Pairs[:cmp.Or(most, defaultMaxPairs)], got.Pairs); diff != "" ||
			got.PairCount != whole.PairCount {
			t.Errorf("%d of %d pairs: %s", most, got.PairCount, diff)
		}
	}
}

func TestFindDegenerate(t *testing.T) {
	nan, zero := float32(math.NaN()), float32(0)
	other := math.Float32frombits(0xffc00001) // another NaN
	for _, test := range []struct {
		name  string
		x     []float32
		width int
		exact [][]int
		near  [][]int
		blank []int
	}{
		{"one item", []float32{1, 2}, 2, nil, nil, []int{0}},
		{"NaN and zeros", []float32{nan, zero, other, -zero, 1, 2}, 2, [][]int{{0, 1}}, [][]int{{0, 1}}, nil},
		{"negative zero", []float32{float32(math.Copysign(0, -1)), 0, 1}, 1, [][]int{{0, 1}}, [][]int{{0, 1}}, nil},
		{"all missing", []float32{nan, nan, nan, nan}, 2, [][]int{{0, 1}}, [][]int{{0, 1}}, []int{0, 1}},
		{"all constant", []float32{3, 4, 3, 4}, 2, [][]int{{0, 1}}, [][]int{{0, 1}}, []int{0, 1}},
		{"constant but for rounding", []float32{1, 1 + 1e-7, 1}, 1, [][]int{{0, 2}}, [][]int{{0, 2}}, []int{0, 1, 2}},
		{"infinite", []float32{float32(math.Inf(1)), 1, 2}, 1, nil, nil, []int{0}},
		{"both at the mean", []float32{1, -1, -1, 1, 0, 0, 0, nan}, 2, nil, [][]int{{2, 3}}, nil},
		{"huge", []float32{3e38, -3e38, 2.999e38, -3e38}, 1, [][]int{{1, 3}}, [][]int{{0, 2}, {1, 3}}, nil},
		{"same direction, other length", []float32{-30, -30, 10, 10, 20, 20}, 2, nil, nil, nil},
	} {
		f := datatest.Table(len(test.x)/test.width, test.width)
		f.X = test.x
		d, err := Find(t.Context(), f, Default())
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		want := &Duplicates{Threshold: Near, Exact: test.exact, Near: test.near, Blank: test.blank}
		if diff := gocmp.Diff(want, d, cmpopts.EquateEmpty(),
			cmpopts.IgnoreFields(Duplicates{}, "Pairs", "PairCount")); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestFindErrors(t *testing.T) {
	f := datatest.Crowded(80, 20, 3)
	broken := *f
	broken.IDs = broken.IDs[1:]
	ended, end := context.WithCancel(t.Context())
	end()
	for _, test := range []struct {
		name string
		ctx  context.Context
		f    *data.Frame
		opt  Options
		want string // must be in the text
		// options are those that the error is about.
		options []string
	}{
		{"both", t.Context(), f, Options{Near: true, Threshold: 1.5, MaxPairs: -7}, "1.5",
			[]string{"Threshold", "MaxPairs"}},
		{"pairs", t.Context(), f, Options{MaxPairs: -7}, "-7", []string{"MaxPairs"}},
		{"NaN", t.Context(), f, Options{Near: true, Threshold: math.NaN()}, "NaN", []string{"Threshold"}},
		{"threshold without Near", t.Context(), f, Options{Threshold: .9}, "0.9", []string{"Threshold"}},
		{"nil", t.Context(), nil, Options{}, "nil", nil},
		{"structure", t.Context(), &broken, Options{}, "1600", nil},
	} {
		_, err := Find(test.ctx, test.f, test.opt)
		if err == nil || !strings.Contains(err.Error(), test.want) ||
			!slices.Equal(option.Names(err), test.options) {
			t.Errorf("%s: got %v about options %q, want %q about %q", test.name, err, option.Names(err), test.want,
				test.options)
		}
	}
	for _, opt := range []Options{{}, Default()} {
		if _, err := Find(ended, f, opt); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: %v is not the context's error", opt, err)
		}
	}
}

func TestFindProgressAndCancel(t *testing.T) {
	f := datatest.Crowded(300, 20, 3)
	var calls, last, total int64
	opt := Default()
	opt.Progress = func(done, all int64) {
		if done < last {
			t.Errorf("progress falls from %d to %d", last, done)
		}
		calls, last, total = calls+1, done, all
	}
	if _, err := Find(t.Context(), f, opt); err != nil {
		t.Fatal(err)
	}
	if calls < 5 || last != total || total < 100*99/2 || total > 300*299/2 {
		t.Errorf("%d calls, the last (%d, %d)", calls, last, total)
	}
	ctx, cancel := context.WithCancel(t.Context())
	opt.Progress = func(_, _ int64) { cancel() }
	if d, err := Find(ctx, f, opt); !errors.Is(err, context.Canceled) || d != nil {
		t.Errorf("cancelled: %v, %v", d, err)
	}
}

func ExampleFind() {
	f := &data.Frame{
		Columns: []string{"a", "b", "c"},
		Blocks:  []data.Block{{Name: "features", Start: 0, End: 3}},
		IDs:     []string{"one", "two", "one again", "three", "almost two"},
		X:       []float32{1, 2, 3, 4, 0, 1, 1, 2, 3, -5, 1, 7, 4.01, 0, 1},
	}
	d, err := Find(context.Background(), f, Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("exact:", d.Exact, "near:", d.Near)
	for _, p := range d.Pairs {
		fmt.Printf("%q and %q: %.4f\n", f.IDs[p.I], f.IDs[p.J], p.Similarity)
	}
	fmt.Printf("%q\n", d.Groups(f.N()))
	// Output:
	// exact: [[0 2]] near: [[0 2] [1 4]]
	// "two" and "almost two": 1.0000
	// ["duplicates of item 0" "duplicates of item 1" "duplicates of item 0" "" "duplicates of item 1"]
}
