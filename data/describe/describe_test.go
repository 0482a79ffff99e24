package describe

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/option"
)

// troubledFrame has something of everything: 60 items, blocks of 12, 5 and 3 columns.
func troubledFrame() *data.Frame {
	rng := rand.New(rand.NewPCG(3, 3))
	const n, width = 60, 20
	f := &data.Frame{X: make([]float32, n*width),
		Blocks: []data.Block{{Name: "hog", Start: 0, End: 12}, {Name: "glcm", Start: 12, End: 17},
			{Name: "rest", Start: 17, End: 20}}}
	for k := range f.X {
		f.X[k] = float32(rng.NormFloat64())
	}
	for j := range width {
		f.Columns = append(f.Columns, fmt.Sprintf("c%02d", j))
	}
	for i := range n {
		f.IDs = append(f.IDs, fmt.Sprintf("i%02d", i))
		f.Labels = append(f.Labels, []string{"coat", "shoe", "coat", ""}[i%4])
		f.Domains = append(f.Domains, []string{"shop", "street"}[i%2])
		row := f.Row(i)
		row[3] = 4                          // constant
		row[7] = row[2]                     // repeated
		row[13] = 1000 * row[13]            // wide
		row[18] = float32(math.NaN())       // all missing
		row[19] = float32(truth(i%10 == 3)) // a rare event
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	f.Row(5)[0], f.Row(6)[0], f.Row(7)[15], f.Row(8)[15] = nan, nan, inf, -inf
	f.Row(9)[4], f.Row(10)[4] = 100, -50 // outliers
	copy(f.Row(40), f.Row(20))           // exact duplicate, of the same label
	copy(f.Row(41), f.Row(22))
	f.Row(41)[1] += 1e-4 // near duplicate, of another label
	f.Labels[59] = "hat"
	return f
}

func describe(t *testing.T, f *data.Frame, opt Options) *Description {
	t.Helper()
	d, err := Frame(t.Context(), f, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// slowColumn describes column j as documented.
func slowColumn(f *data.Frame, j int, fence float64) ColumnStats {
	c := ColumnStats{Name: f.Columns[j]}
	for _, b := range f.Blocks {
		if b.Start <= j && j < b.End {
			c.Block = b.Name
		}
	}
	var finite []float64
	for i := range f.N() {
		switch v := float64(f.Row(i)[j]); {
		case math.IsNaN(v):
			c.Missing++
		case math.IsInf(v, 0):
			c.Infinite++
		default:
			finite = append(finite, v)
		}
	}
	for k := range j {
		same := true
		for i := range f.N() {
			a, b := f.Row(i)[j], f.Row(i)[k]
			same = same && (a == b || a != a && b != b)
		}
		if same {
			c.SameAs = f.Columns[k]
			break
		}
	}
	if c.Constant = true; len(finite) == 0 {
		return c
	}
	slices.Sort(finite)
	n := len(finite)
	c.Min, c.Max = finite[0], finite[n-1]
	c.Constant = c.Min == c.Max
	for _, v := range finite {
		c.Mean += v / float64(n)
	}
	for _, v := range finite {
		c.Std += (v - c.Mean) * (v - c.Mean) / float64(n)
	}
	c.Std = math.Sqrt(c.Std)
	at := func(p float64) float64 {
		low := math.Floor(p * float64(n-1))
		share := p*float64(n-1) - low
		return finite[int(low)]*(1-share) + finite[min(int(low)+1, n-1)]*share
	}
	c.Q1, c.Median, c.Q3 = at(.25), at(.5), at(.75)
	spread := max(c.Q3-c.Q1,
		(finite[int(math.Floor(.95*float64(n-1)))]-finite[int(math.Ceil(.05*float64(n-1)))])/2.4386636)
	if c.Q3 == c.Q1 {
		spread = 1.3489795004 * c.Std
	}
	if c.Constant {
		c.Std = 0
		return c
	}
	for i := range f.N() {
		v := float64(f.Row(i)[j])
		if far := max(c.Q1-v, v-c.Q3); far > fence*spread && !math.IsInf(v, 0) {
			c.Outliers++
			c.Worst = append(c.Worst, Outlier{ID: f.IDs[i], Column: c.Name, Value: v, Distance: far / spread})
		}
	}
	slices.SortStableFunc(c.Worst, func(a, b Outlier) int {
		if a.Distance > b.Distance {
			return -1
		}
		return truth(a.Distance < b.Distance)
	})
	c.Worst = c.Worst[:min(len(c.Worst), 3)]
	return c
}

func TestDescribeAgainstOracle(t *testing.T) {
	heavy := datatest.Table(500, 37) // long tails: many outliers
	for k, v := range heavy.X {
		heavy.X[k] = v * v * v * float32(math.Pow(10, float64(k%7-3)))
	}
	for name, f := range map[string]*data.Frame{"trouble": troubledFrame(), "crowd": datatest.Crowded(70, 33, 2),
		"long tails": heavy} {
		for _, fence := range []float64{0, 1, 8} {
			d := describe(t, f, Options{Fence: fence})
			outliers, byItem := 0, map[string]int{}
			for j, got := range d.Columns {
				want := slowColumn(f, j, cmpOr(fence, 3))
				scale := cmpopts.EquateApprox(1e-7, 1e-9)
				if diff := cmp.Diff(want, got, scale, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s, fence %g: %s", name, fence, diff)
				}
				outliers += want.Outliers
				for _, o := range want.Worst {
					byItem[o.ID]++
				}
			}
			if d.Outliers != outliers || name == "long tails" && fence != 8 && outliers < 100 {
				t.Errorf("%s, fence %g: %d outliers, want %d", name, fence, d.Outliers, outliers)
			}
			for _, o := range d.OddestItems {
				if o.Columns < byItem[o.ID] {
					t.Errorf("%s: item %s is odd in %d columns, want %d or more", name, o.ID, o.Columns, byItem[o.ID])
				}
			}
		}
	}
}

func cmpOr(a, b float64) float64 {
	if a != 0 {
		return a
	}
	return b
}

func TestDescribe(t *testing.T) {
	d := describe(t, troubledFrame(), Options{Duplicates: duplicates.Options{Near: true, Threshold: 0.99}})
	got := *d
	got.Columns, got.Advice, got.Duplicates, got.WorstOutliers, got.OddestItems, got.Blocks = nil, nil, nil, nil, nil,
		nil
	want := Description{
		Items: 60, Features: 20, Missing: 62, Infinite: 2, IncompleteItems: 60, ConstantColumns: 2, RepeatedColumns: 1,
		Outliers: 2, OutlierColumns: 1, OutlierItems: 2, Fence: 3,
		DuplicateIDs: [][]string{{"i20", "i40"}, {"i22", "i41"}}, Conflicts: []int{1},
		Labelled: true, Unlabelled: 14,
		Classes:   []ClassStats{{"coat", 30, 1}, {"hat", 1, 1}, {"shoe", 15, 1}},
		Domains:   []DomainStats{{"shop", 30, 1, 0}, {"street", 30, 2, 14}},
		Imbalance: 30,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for k, want := range []BlockStats{
		{Name: "hog", Columns: 12, Missing: 2, Constant: 1, Repeated: 1, Outliers: 2, Min: -50, Max: 100},
		{Name: "glcm", Columns: 5, Infinite: 2},
		{Name: "rest", Columns: 3, Missing: 60, Constant: 1},
	} {
		b := d.Blocks[k]
		if b.Std <= 0 {
			t.Errorf("block %s: std %g", b.Name, b.Std)
		}
		if k > 0 {
			want.Min, want.Max = b.Min, b.Max
		}
		want.Mean, want.Std = b.Mean, b.Std
		if diff := cmp.Diff(want, b); diff != "" {
			t.Error(diff)
		}
	}
	if w := d.WorstOutliers; len(w) != 1 || w[0].ID != "i09" || w[0].Column != "c04" || w[0].Value != 100 {
		t.Errorf("worst outliers: %+v", w)
	}
	advice := strings.Join(d.Advice, "\n")
	for _, want := range []string{
		`^2 values .*infinite.* 1 column.* "c15"\.$`,
		`^1 column has no value .* "c18"\.$`,
		`^2 values .*missing.* 1 column.* "c00"\.$`,
		`^1 column .*constant.* "c03"\.$`,
		`^1 column repeats.* "c07"\.$`,
		`^1 item exactly .*drop it`,
		`^1 item .*nearly.*0\.99`,
		`^1 group .*labels.* "i22", "i41"\.$`,
		`^14 items .*no label`,
		`^1 class .*one item.* "hat"\.$`,
		`^Class "coat" .*30 times.* "hat" \(30 and 1\)`,
		`^No class .*two domains`,
		`^2 values .*outliers \(0\.17 %\).* 1 column.*"c04" of item "i09" is 100\.$`,
		`^Standard deviations .*standardise`,
		`^Block "hog" .*12 columns, "rest" 3`,
	} {
		if !slices.ContainsFunc(d.Advice, regexp.MustCompile(want).MatchString) {
			t.Errorf("no advice matches %q:\n%s", want, advice)
		}
	}
	if len(d.Advice) != 15 {
		t.Errorf("%d sentences:\n%s", len(d.Advice), advice)
	}
}

func TestDescribeDegenerate(t *testing.T) {
	nan := float32(math.NaN())
	fill := func(n, width int, v float32) *data.Frame {
		f := datatest.Table(n, width)
		for k := range f.X {
			f.X[k] = v
		}
		return f
	}
	bare := fill(3, 2, 1)
	bare.Labels = nil
	sound := datatest.Table(40, 30)
	for _, test := range []struct {
		name   string
		f      *data.Frame
		advice []string
	}{
		{"one item", fill(1, 4, 2), []string{"4 columns are constant", "There is one class only"}},
		{"all missing", fill(5, 3, nan), []string{"3 columns have no value at all", "4 items exactly repeat"}},
		{"all infinite", fill(5, 3, float32(math.Inf(-1))), []string{"15 values are infinite in 3 columns"}},
		{"no labels", bare, []string{"No item has a label", "2 items exactly repeat"}},
		{"blank labels", func() *data.Frame { f := fill(3, 2, 1); f.Labels = make([]string, 3); return f }(),
			[]string{"No item has a label"}},
		{"sound", sound, []string{"Nothing stands out."}},
		{"largest numbers", func() *data.Frame {
			f := fill(4, 1, math.MaxFloat32)
			f.X[0], f.X[1] = -math.MaxFloat32,
				0
			return f
		}(), []string{"1 item exactly repeats"}},
	} {
		d := describe(t, test.f, Options{Duplicates: duplicates.Default()})
		for _, want := range test.advice {
			if !strings.Contains(strings.Join(d.Advice, "\n"), want) {
				t.Errorf("%s: no advice says %q: %q", test.name, want, d.Advice)
			}
		}
		if text, err := json.Marshal(d); err != nil { // no NaN anywhere
			t.Errorf("%s: %v", test.name, err)
		} else {
			var back Description
			if err := json.Unmarshal(text, &back); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			if diff := cmp.Diff(*d, back, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: JSON: %s", test.name, diff)
			}
		}
		if d.String() == "" || !strings.Contains(d.HTML(), "</div>") {
			t.Errorf("%s: nothing to see", test.name)
		}
	}
}

func TestDescribeErrors(t *testing.T) {
	f := datatest.Table(10, 3)
	gap := *f
	gap.Blocks = []data.Block{{Name: "empty", Start: 0, End: 0}, {Name: "f", Start: 0, End: 3}}
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
		{"both", t.Context(), f, Options{Fence: -1, Duplicates: duplicates.Options{MaxPairs: -7}}, "-7",
			[]string{"MaxPairs", "Fence"}},
		{"fence", t.Context(), f, Options{Fence: math.NaN()}, "NaN", []string{"Fence"}},
		{"nil", t.Context(), nil, Options{}, "nil", nil},
		{"no columns in a block", t.Context(), &gap, Options{}, `"empty" covers columns [0, 0)`, nil},
		{"no items", t.Context(), &data.Frame{Columns: []string{"a"},
			Blocks: []data.Block{{Name: "f", Start: 0, End: 1}}}, Options{}, "no items", nil},
		{"ended", ended, f, Options{}, "", nil},
	} {
		_, err := Frame(test.ctx, test.f, test.opt)
		if err == nil || !strings.Contains(err.Error(), test.want) ||
			!slices.Equal(option.Names(err), test.options) {
			t.Errorf("%s: got %v about options %q, want %q about %q", test.name, err, option.Names(err), test.want,
				test.options)
		}
	}
	if _, err := Frame(ended, f, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not the context's error", err)
	}
}

func TestDescribeProperties(t *testing.T) {
	f := datatest.Crowded(300, 50, 6)
	opt := Options{Duplicates: duplicates.Default()}
	want := describe(t, f, opt)

	before := runtime.GOMAXPROCS(1)
	for _, cores := range []int{1, 3} {
		runtime.GOMAXPROCS(cores)
		if diff := cmp.Diff(want, describe(t, f, opt)); diff != "" { // bit for bit
			t.Errorf("%d cores: %s", cores, diff)
		}
	}
	runtime.GOMAXPROCS(before)

	rng := rand.New(rand.NewPCG(1, 2))
	approx := cmpopts.EquateApprox(1e-9, 1e-9)
	got := describe(t, f.Select(rng.Perm(f.N())), opt)
	inOrder := cmp.Options{approx, cmpopts.IgnoreFields(Description{}, "Duplicates", "DuplicateIDs", "Conflicts",
		"OddestItems", "Advice")}
	if diff := cmp.Diff(want, got, inOrder); diff != "" {
		t.Errorf("rows: %s", diff)
	}
	names := slices.Clone(f.Columns)
	slices.Reverse(names)
	reversed, err := f.SelectColumns(names)
	if err != nil {
		t.Fatal(err)
	}
	got = describe(t, reversed, opt)
	slices.Reverse(got.Columns)
	for j := range got.Columns { // which of two equal columns repeats the other depends on their order
		got.Columns[j].SameAs, want.Columns[j].SameAs = "", ""
	}
	if diff := cmp.Diff(want, got, approx, cmpopts.IgnoreFields(Description{}, "Advice")); diff != "" {
		t.Errorf("columns: %s", diff)
	}
}

func TestSortKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 100, 5000} {
		var values []float32
		var keys []uint32
		for range n {
			v := float32(rng.NormFloat64() * math.Pow(10, float64(rng.IntN(70)-35)))
			if rng.IntN(9) == 0 {
				v = 0
			}
			values, keys = append(values, v), append(keys, orderedBits(v))
		}
		slices.Sort(values)
		for k, key := range sortKeys(keys, make([]uint32, n)) {
			if fromOrderedBits(key) != values[k] {
				t.Fatalf("%d values: place %d holds %g, want %g", n, k, fromOrderedBits(key), values[k])
			}
		}
	}
}

// However bad the frame and long its names, the text stays on one screen.
func TestDescribeTextFits(t *testing.T) {
	long := troubledFrame()
	for k := range long.Columns {
		long.Columns[k] = strings.Repeat("ü", 90) + fmt.Sprint(k)
	}
	for k := range long.IDs {
		long.IDs[k] = strings.Repeat("語", 90) + fmt.Sprint(k)
	}
	long.Blocks = nil
	for k := range long.F() {
		long.Blocks = append(long.Blocks, data.Block{Name: strings.Repeat("block\n", 30) + fmt.Sprint(k), Start: k,
			End: k + 1})
	}
	for _, f := range []*data.Frame{troubledFrame(), long, datatest.Table(1, 1)} {
		text := describe(t, f, Options{Duplicates: duplicates.Default()}).String()
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > 25 {
			t.Errorf("%d lines:\n%s", len(lines), text)
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > 110 {
				t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
			}
		}
	}
}

func TestDescribeHTML(t *testing.T) {
	const nasty = "<script>alert(\"1\")</script> & 'more'\x00"
	f := troubledFrame()
	for k := range f.IDs {
		f.IDs[k] += nasty
		f.Labels[k] += nasty
		f.Domains[k] += nasty
	}
	for k := range f.Columns {
		f.Columns[k] += nasty
	}
	for k := range f.Blocks {
		f.Blocks[k].Name += nasty
	}
	content := describe(t, f, Options{Duplicates: duplicates.Default()}).HTML()
	decoder := xml.NewDecoder(strings.NewReader(content)) // every tag closed, everything escaped
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, content)
		}
	}
	for _, bad := range []string{"<script", "http", "src=", "@import", "ZgotmplZ", "<no value>"} {
		if strings.Contains(content, bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
	for _, want := range []string{"60 items × 20 features", "&lt;script&gt;alert", ">Blocks<", ">Columns to look at<",
		">Outliers", ">Duplicate items<", ">Classes<", ">Domains<", "near, labels differ", "width:100%"} {
		if !strings.Contains(content, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	many := datatest.Table(200, 4)
	for k := range many.Labels {
		many.Labels[k] = fmt.Sprint("class ", k)
	}
	if content = describe(t, many, Options{}).HTML(); !strings.Contains(content, "and 176 more") ||
		strings.Contains(content, "Duplicate items") {
		t.Error("a long list is not cut, or an empty table is shown")
	}
}

func ExampleFrame() {
	f := &data.Frame{
		Columns: []string{"hog/0", "hog/1", "hog/2", "glcm/0"},
		Blocks:  []data.Block{{Name: "hog", Start: 0, End: 3}, {Name: "glcm", Start: 3, End: 4}},
		IDs:     []string{"a", "b", "c", "d"},
		Labels:  []string{"shoe", "shoe", "coat", "coat"},
		X: []float32{
			1, 0, 1, 5,
			2, 0, 2, float32(math.NaN()),
			4, 0, 4, 7,
			1, 0, 1, 5,
		},
	}
	d, err := Frame(context.Background(), f, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(d)
	// Output:
	// 4 items x 4 features in 2 blocks
	//   block  columns  constant  repeated  missing  infinite  outliers  min  max   mean     std
	//     hog        3         1         1        0         0         0    0    4  1.333   1.225
	//    glcm        1         0         0        1         0         0    5    7  5.667  0.9428
	// items: 3 complete, 1 incomplete, 0 with an outlier
	// duplicates: 1 item exactly repeats another one; near duplicates were not looked for
	// classes: 2, of 2 items each; 0 items without a label
	// - 1 value is missing in 1 column: fill them (fitted on training items) or drop the columns: "glcm/0".
	// - 1 column is constant and tells nothing: "hog/1".
	// - 1 column repeats another one and could be dropped: "hog/2".
	// - 1 item exactly repeats another one: drop it, or keep copies on one side of a split.
	// - 1 group of duplicates has different labels: look for wrong ones, first at "a", "d".
	// - Block "hog" has 3 columns, "glcm" 1: scale by block where they should weigh the same.
}
