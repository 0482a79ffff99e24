package explore

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table"
)

// odd are ids that a careless writer would spoil.
var odd = []string{"plain", "<b>bold</b>", "a,b", "say \"x\"", "=1+2", "007", "two\nlines", "é ü", " blank ", "#9"}

// TestJudged: a judgement is kept at once, in a table that reads back; a changed mind replaces it, whichever item came
// first; what nobody is sure of is elsewhere; taken back, it is gone.
func TestJudged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "judged.csv")
	g := &Gallery{IDs: odd, Labels: []string{"x", "x", "y", "y", "", "x", "x", "x", "x", "x"}}
	open := func() *judged {
		t.Helper()
		j, err := openJudged(t.Context(), path, "judged.csv", g)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	j, other := open(), open()
	set := func(j *judged, l, r int, verdict string) {
		t.Helper()
		if err := j.set(t.Context(), l, r, verdict); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want ...pair) {
		t.Helper()
		if diff := cmp.Diff(want, open().list(), cmp.AllowUnexported(pair{})); diff != "" {
			t.Error(diff)
		}
	}
	check()
	for i := range len(odd) - 1 {
		set(j, i, i+1, same)
		set(other, i+1, i, different) // of another explorer, the other way round
	}
	var want []pair
	for i := range len(odd) - 1 {
		want = append(want, pair{int32(i + 1), int32(i), 0, false})
	}
	check(want...)
	all, _, err := table.OpenPairs(t.Context(), path, j.frame, table.PairOptions{})
	if err != nil || len(all.Label) != len(odd)-1 || !slices.Equal(all.Left, []int32{1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Fatalf("%v: %+v", err, all)
	}
	set(j, 0, 1, unsure)
	check(append([]pair{{0, 1, .5, true}}, want[1:]...)...)
	set(j, 1, 0, same)
	check(append(slices.Clone(want[1:]), pair{1, 0, 1, false})...)
	set(j, 2, 3, unsure)
	for i := range len(odd) - 1 {
		set(other, i, i+1, "")
	}
	check()
	for _, p := range []string{path, j.unsure.path} {
		if _, err := os.Stat(p); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a table without pairs is there: %v", err)
		}
	}
	set(j, 0, 1, "") // what was never judged
	if err := j.set(t.Context(), 0, 1, "maybe"); err == nil {
		t.Error("an unknown judgement is kept")
	}
	if !strings.Contains(j.notice, "run 1 id as a formula") {
		t.Errorf("of a formula: %q", j.notice)
	}
}

// TestJudgedOfOthers: pairs of a table that was there stay as they are, with grades and weights; one that would lose
// something is refused, by the option's name, and stays.
func TestJudgedOfOthers(t *testing.T) {
	g := &Gallery{IDs: odd}
	dir := t.TempDir()
	path := filepath.Join(dir, "judged.csv")
	for _, c := range []struct {
		name, content, want string
	}{
		{"graded", "left,right,label\nplain,007,0.25\n",
			"left,right,label\n\"plain\",\"007\",0.25\n\"a,b\",\"é ü\",1\n"},
		{"weights", "left,right,label,weight\nplain,007,0,2\n",
			"left,right,label,weight\n\"plain\",\"007\",0,2\n\"a,b\",\"é ü\",1,1\n"},
		{"other columns", "left,right,label,who\nplain,007,1,me\n", ""},
		{"other order", "right,left,label\nplain,007,1\n", ""},
		{"no header", "1 plain 007\n", ""},
		{"an unknown item", "left,right,label\nplain,008,1\n", ""},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			j, err := openJudged(t.Context(), path, "judged.csv", g)
			want := c.want
			if want == "" {
				want = c.content
				if names := option.Names(err); !slices.Contains(names, "Judged") ||
					slices.Contains(names, "PairOptions.AllowUnknown") {
					t.Errorf("the error is %v", err)
				}
			} else if err != nil {
				t.Error(err)
			} else if err := j.set(t.Context(), 2, 7, same); err != nil {
				t.Error(err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != want {
				t.Errorf("%v: the table is\n%s\nnot\n%s", err, got, want)
			}
		})
	}
	if _, err := openJudged(t.Context(), filepath.Join(dir, "judged.parquet"), "judged.parquet", g); !slices.Equal(
		option.Names(err), []string{"Judged"}) {
		t.Errorf("another format: %v", err)
	}
	// It was spoilt while the explorer was open: nothing is written.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	j, err := openJudged(t.Context(), path, "judged.csv", g)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := j.set(t.Context(), 0, 1, same); err == nil {
		t.Error("a table of somebody else is written")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "mine\n" {
		t.Errorf("%q %v", got, err)
	}
}

// TestCode: the Go that the page shows reads the table, also where the judgements contradict the labels or items have no
// ids.
func TestCode(t *testing.T) {
	g := &Gallery{IDs: []string{"0", "1", "2", "3", "4", "5"}, Labels: []string{"a", "a", "a", "b", "b", "b"}}
	judge := func(numbered bool, swap bool) string {
		g.Numbered = numbered
		j, err := openJudged(t.Context(), filepath.Join(t.TempDir(), "judged.csv"), `my "judged".csv`, g)
		if err != nil {
			t.Fatal(err)
		}
		for l := range 6 {
			for r := range l {
				verdict := map[bool]string{true: same, false: different}[(g.Labels[l] == g.Labels[r]) != swap]
				if err := j.set(t.Context(), l, r, verdict); err != nil {
					t.Fatal(err)
				}
			}
		}
		return j.code(t.Context())
	}
	for _, c := range []struct {
		numbered, swap bool
		options        string
	}{{false, false, ""}, {true, false, ", func(o *session.PairOptions) { o.ByRow = true }"},
		{false, true, `, func(o *session.PairOptions) { o.Same = "1" }`},
		{true, true, `, func(o *session.PairOptions) { o.ByRow = true; o.Same = "1" }`}} {
		want := `items.Pairs("my \"judged\".csv"` + c.options + ").Train()"
		if got := judge(c.numbered, c.swap); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
