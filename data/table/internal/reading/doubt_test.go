package reading

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/go-siamese/lab/data"
)

// TestPlainWholes: numpy.savetxt(FILE, [107, 1.5, -3, 0, 2**53]) writes these texts; ids that people write stay.
func TestPlainWholes(t *testing.T) {
	texts := []string{"1.070000000000000000e+02", "1.500000000000000000e+00", "-3.000000000000000000e+00",
		"0.000000000000000000e+00", "9.007199254740992000e+15", "9.007199254740994000e+15", "1e5", "1.07e+02", "5.0", ""}
	want := []string{"107", "1.500000000000000000e+00", "-3", "0", "9007199254740992", "9.007199254740994000e+15", "1e5",
		"1.07e+02", "5.0", ""}
	if n := plainWholes(texts); n != 4 || !slices.Equal(texts, want) {
		t.Errorf("%d: %q", n, texts)
	}
}

// TestDoubtfulClasses: words that may mean that a class is not known are told, and numbers that are classes are not.
func TestDoubtfulClasses(t *testing.T) {
	for _, c := range []struct{ labels, want []string }{
		{[]string{"cat", "unknown", "dog", "unknown", "-"}, []string{"unknown", "-"}},
		{[]string{" ", "a", "\t", " "}, []string{" ", "\t"}},
		{[]string{"Missing", "a"}, []string{"Missing"}},
		{[]string{"0", "1", "-1", "2"}, []string{"-1"}}, // sklearn.cluster.DBSCAN
		{[]string{"1", "-1"}, nil},
		{[]string{"0", "-1", "-2"}, nil},
		{[]string{"0", "-1", "a"}, nil},
		{[]string{"", "a", "b"}, nil},
		{[]string{"0", "-999"}, []string{"-999"}},
	} {
		if got := doubtfulClasses(c.labels); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q", c.labels, got)
		}
	}
}

// TestRoundedIDs: Excel shows 123457000000 as 1.23457E+11, in Germany as 1,23457E+11.
func TestRoundedIDs(t *testing.T) {
	if n, first := roundedIDs([]string{"a", "1.23457E+11", "1,23457E+11", "1e5", "E+1", "XE+11", "2E+10"}); n != 3 ||
		first != "1.23457E+11" {
		t.Error(n, first)
	}
}

// TestAlike: what Unicode writes in two ways, or without showing it, is one label for who reads it.
func TestAlike(t *testing.T) {
	for _, c := range [][2]string{{"caf\u00e9", "cafe\u0301"}, {"a\u200bb", "ab"}, {"\ufeffcat", "cat"},
		{"a\u00a0b", "a b"},
		{"ﬁn", "fin"}, {"5", "5.0"}, {"Cat", "cat "}} {
		if got := alike([]string{c[0], c[1], "dog"}); len(got) != 1 || got[0] != c {
			t.Errorf("%q: %q", c, got)
		}
	}
	if a, b := asciiIfAlike([2]string{"caf\u00e9", "cafe\u0301"}); a == b || a != `"caf\u00e9"` {
		t.Error(a, b)
	}
}

// frameOf returns a frame with the columns, each of n values.
func frameOf(n int, columns ...func(i int) float64) *data.Frame {
	f := &data.Frame{}
	for i := range n {
		f.IDs = append(f.IDs, strconv.Itoa(i))
		for _, column := range columns {
			f.X = append(f.X, float32(column(i)))
		}
	}
	for j := range columns {
		f.Columns = append(f.Columns, strconv.Itoa(j))
	}
	return f
}

// noise is a fixed sequence without order, between -1 and 1.
func noise(i int) float64 { return math.Sin(float64(i * i)) }

// TestMissingCodes: a number that stands for a missing value is told with how often it occurs and what the others are.
func TestMissingCodes(t *testing.T) {
	every := func(k int, code float64) func(int) float64 {
		return func(i int) float64 {
			if i%k == 0 {
				return code
			}
			return noise(i)
		}
	}
	f := frameOf(60, noise, every(5, -999), every(60, -999), every(7, 9.96921e36), every(9, 9999),
		func(i int) float64 { return -999 + float64(i) }, // -999 is one of many
		func(int) float64 { return -999 }, every(6, -1), every(10, -math.MaxFloat32))
	got := map[string]int{}
	for _, c := range missingCodes(f) {
		got[c.column] = c.count
		if !(c.low >= -1 && c.low < c.high && c.high <= 1) {
			t.Errorf("%+v", c)
		}
	}
	want := map[string]int{"1": 12, "3": 9, "4": 7, "8": 6}
	if len(got) != len(want) {
		t.Fatal(got)
	}
	for column, count := range want {
		if got[column] != count {
			t.Errorf("column %s: %d, want %d", column, got[column], count)
		}
	}
}

// TestCrowded: numpy.float32(1e9 + x) is 1e9 for x below 32: such columns are told, and measurements are not.
func TestCrowded(t *testing.T) {
	f := frameOf(60, noise, func(i int) float64 { return 1e9 + noise(i) }, func(i int) float64 { return 1e6 + noise(i) },
		func(i int) float64 { return 1000 + noise(i) }, func(int) float64 { return 1 }, func(int) float64 { return 0 },
		func(i int) float64 { return 4.5e6 + 1000*noise(i) }, func(i int) float64 { return -3e7 - 10*noise(i) })
	few, single := crowded(f)
	if !slices.Equal(few, []string{"2", "7"}) || !slices.Equal(single, []string{"1"}) {
		t.Error(few, single)
	}
	if few, single := crowded(f.Select([]int{1, 2, 3})); few != nil || single != nil {
		t.Error("three items show nothing:", few, single)
	}
}

// TestRising: seconds of a recording, also with few digits and downwards; no measurement, and nothing too short to tell.
func TestRising(t *testing.T) {
	f := frameOf(40, func(i int) float64 { return float64(i) / 10 },
		func(i int) float64 { return math.Round(float64(i)/.3) / 100 }, noise,
		func(i int) float64 { return 5 - .01*float64(i) }, func(i int) float64 { return float64(i * i) },
		func(int) float64 { return 2 }, func(int) float64 { return math.NaN() },
		func(i int) float64 { return 1e9 + float64(i)/1000 }, func(i int) float64 { return float64(i) / 2 })
	if got := rising(f, []string{"8"}); !slices.Equal(got, []string{"0", "1", "3"}) {
		t.Error(got)
	}
	if got := rising(f.Select([]int{0, 1, 2, 3}), nil); got != nil {
		t.Error(got)
	}
}

// TestQuoted: texts in single quotes keep them, as in pandas.read_csv, and that is told.
func TestQuoted(t *testing.T) {
	for _, c := range []struct {
		texts []string
		told  bool
	}{{[]string{"'a'", "'b c'"}, true}, {[]string{"'001", "'002'"}, true}, {[]string{"'a'", "b"}, false},
		{[]string{"'"}, true}, {[]string{"'a'", ""}, false}, {nil, false}} {
		if got := quoted(c.texts); (got != "") != c.told {
			t.Errorf("%q: %q", c.texts, got)
		}
	}
}

// TestLikeClasses: columns with a usual name of classes and a few whole numbers are told, coordinates are not.
func TestLikeClasses(t *testing.T) {
	some := func(i int) float64 { return float64(i % 3) }
	f := frameOf(9, some, some, some, noise, func(i int) float64 { return float64(i) }, some, noise)
	f.Columns = []string{"Class_ID", "f_0", "y", "category", "cluster", "label-encoded", "f_1"}
	if got := likeClasses(f); !slices.Equal(got, []string{"Class_ID", "y", "label-encoded"}) {
		t.Error(got)
	}
}

// TestRounds: the levels of pandas.MultiIndex.from_product([range(6), range(10)]) are told, binary features are not.
func TestRounds(t *testing.T) {
	f := frameOf(60, func(i int) float64 { return float64(i / 10) }, func(i int) float64 { return float64(i % 10) },
		func(i int) float64 { return float64(5 + i%2) }, func(i int) float64 { return float64(i * i % 3) },
		func(int) float64 { return 1 }, func(i int) float64 { return float64(i / 30) }, noise,
		func(i int) float64 { return float64(i % 7) }, func(i int) float64 { return float64(i%7) + float64(i/59) },
		func(i int) float64 { return float64(i) })
	if got := rounds(f, []string{"2"}); !slices.Equal(got, []string{"0", "1", "7"}) {
		t.Error(got)
	}
	if got := rounds(f.Select([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), nil); got != nil {
		t.Error(got)
	}
}
