package pairs_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/pairs"
)

// itemsFrame returns n items without labels.
func itemsFrame(n int) *data.Frame { return labtest.Labelled(make([]string, n), nil) }

// randomPairs returns count pairs of n items, a share of them positive; repeated ones included.
func randomPairs(rng *rand.Rand, n, count int, positive float64) pairs.Pairs {
	var p pairs.Pairs
	for range count {
		l, r := rng.IntN(n), rng.IntN(n-1)
		if r >= l {
			r++
		}
		label := float32(0)
		if rng.Float64() < positive {
			label = 1
		}
		p.Left, p.Right, p.Label = append(p.Left, int32(l)), append(p.Right, int32(r)), append(p.Label, label)
		p.Weight = append(p.Weight, rng.Float32())
	}
	return p
}

// checkPairSplit fails where a split breaks a promise: no item, and no group, on two sides; exactly the pairs with
// both items on a side on it; all others counted as lost.
func checkPairSplit(t *testing.T, given pairs.Pairs, f *data.Frame, s *pairs.Split, groups []string) {
	t.Helper()
	if err := s.Items.Check(f); err != nil {
		t.Fatal(err)
	}
	if groups != nil {
		if err := s.Items.CheckGroups(groups); err != nil {
			t.Fatal(err)
		}
	}
	on := map[int32]string{}
	for _, side := range s.Sides() {
		for _, i := range side.Items {
			on[int32(i)] = side.Name
		}
	}
	var lost pairs.Lost
	want := map[string]pairs.Pairs{}
	for k := range given.Label {
		l, r := on[given.Left[k]], on[given.Right[k]]
		switch {
		case l == r && l != "":
			p := want[l]
			p.Left, p.Right = append(p.Left, given.Left[k]), append(p.Right, given.Right[k])
			p.Label, p.Weight = append(p.Label, given.Label[k]), append(p.Weight, given.Weight[k])
			want[l] = p
		case given.Label[k] >= 0.5:
			lost.Same++
		default:
			lost.Different++
		}
	}
	for _, side := range s.Sides() {
		w := want[side.Name]
		if !slices.Equal(w.Left, side.Pairs.Left) || !slices.Equal(w.Right, side.Pairs.Right) ||
			!slices.Equal(w.Label, side.Pairs.Label) || !slices.Equal(w.Weight, side.Pairs.Weight) {
			t.Fatalf("%s has other pairs than those whose items are both there", side.Name)
		}
	}
	if lost != s.Lost {
		t.Fatalf("lost %+v, counted %+v", lost, s.Lost)
	}
}

func TestNewSplitProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	made := 0
	for range 200 {
		n := 6 + rng.IntN(120)
		f := itemsFrame(n)
		given := randomPairs(rng, n, 4+rng.IntN(4*n), rng.Float64())
		opt := pairs.SplitOptions{Val: 0.3 * rng.Float64(), Test: 0.05 + 0.4*rng.Float64(), Seed: rng.Uint64()}
		if rng.IntN(2) == 0 {
			opt.Groups = make([]string, n)
			for i := range opt.Groups {
				if g := rng.IntN(n); g > 0 {
					opt.Groups[i] = fmt.Sprint(g)
				}
			}
		}
		s, err := pairs.NewSplit(given, f, opt)
		if err != nil {
			// Few items may leave a side without an item or a pair; nothing else may fail.
			if !errors.Is(err, pairs.ErrNoPairs) && option.Names(err) == nil {
				t.Fatal(err)
			}
			continue
		}
		made++
		checkPairSplit(t, given, f, s, opt.Groups)
		again, err := pairs.NewSplit(given, f, opt)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Fatalf("one seed gave different splits: %s", diff)
		}
		if opt.Groups == nil {
			used := float64(len(given.Items(n)))
			for _, side := range []struct {
				name  string
				items int
				share float64
			}{{"test", len(s.Items.Test), opt.Test}, {"validation", len(s.Items.Val), opt.Val}} {
				if want := math.Round(side.share * used); math.Abs(float64(side.items)-want) > max(1, 0.11*want)+1 {
					t.Errorf("%s has %d of %.0f items, want about %.0f", side.name, side.items, used, want)
				}
			}
		}
	}
	if made < 100 {
		t.Errorf("only %d of 200 random tables could be split", made)
	}
}

// What hangs together in small components loses no pair, and every side gets its share of each label.
func TestNewSplitKeepsComponents(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	var given pairs.Pairs
	const blocks, per = 300, 5
	for b := range blocks {
		p := randomPairs(rng, per, 8, []float64{0.1, 0.5}[b%2])
		for k := range p.Label {
			given.Left, given.Right = append(given.Left, p.Left[k]+int32(b*per)),
				append(given.Right, p.Right[k]+int32(b*per))
			given.Label, given.Weight = append(given.Label, p.Label[k]), append(given.Weight, p.Weight[k])
		}
	}
	f := itemsFrame(blocks * per)
	s, err := pairs.NewSplit(given, f, pairs.SplitOptions{Val: 0.1, Test: 0.2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	checkPairSplit(t, given, f, s, nil)
	if s.Lost.Len() != 0 || s.Cut != 0 ||
		len(s.Items.Train)+len(s.Items.Val)+len(s.Items.Test) != len(given.Items(f.N())) {
		t.Errorf("lost %+v of %d pairs, cut %d components: want none", s.Lost, given.Len(), s.Cut)
	}
	all := float64(pairs.CountSame(given)) / float64(given.Len())
	for _, side := range s.Sides() {
		if own := float64(pairs.CountSame(side.Pairs)) / float64(side.Pairs.Len()); math.Abs(own-all) > 0.02 {
			t.Errorf("%s: share of positive pairs %.3f, of all %.3f", side.Name, own, all)
		}
	}
	for _, w := range s.Warnings {
		if !strings.Contains(w, "occur again") {
			t.Errorf("warning %q", w)
		}
	}
}

// One component of dense communities is cut between them: far fewer pairs are lost than by assigning items at random.
func TestNewSplitCutsGiantComponent(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var given pairs.Pairs
	const communities, per = 20, 30
	n := communities * per
	add := func(l, r int, label float32) {
		given.Left, given.Right = append(given.Left, int32(l)), append(given.Right, int32(r))
		given.Label, given.Weight = append(given.Label, label), append(given.Weight, 1)
	}
	mixed := rng.Perm(n)
	for c := range communities {
		for i := range per {
			for range 5 {
				add(mixed[c*per+i], mixed[c*per+(i+1+rng.IntN(per-1))%per], float32(rng.IntN(2)))
			}
		}
		add(mixed[c*per], mixed[(c+1)%communities*per+1], 0)
	}
	f := itemsFrame(n)
	s, err := pairs.NewSplit(given, f, pairs.SplitOptions{Val: 0.1, Test: 0.1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	checkPairSplit(t, given, f, s, nil)
	random, err := split.Items(f, split.ItemOptions{Val: 0.1, Test: 0.1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	atRandom, err := pairs.ApplySplit(given, f, random)
	if err != nil {
		t.Fatal(err)
	}
	checkPairSplit(t, given, f, atRandom, nil)
	t.Logf("%d of %d pairs lost, %d by random assignment", s.Lost.Len(), given.Len(), atRandom.Lost.Len())
	if s.Cut != 1 || s.Lost.Len() > 100 || atRandom.Lost.Len() < 800 {
		t.Errorf("%d of %d pairs lost, %d by random assignment, %d components cut", s.Lost.Len(), given.Len(),
			atRandom.Lost.Len(), s.Cut)
	}
}

// 3 positive pairs among 10,000 negative ones, all in one component: no side that could have one goes without.
func TestNewSplitImbalance(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	const n = 400
	given := randomPairs(rng, n, 10_000, 0)
	for k := range 3 {
		given.Label[k*1000] = 1
	}
	f := itemsFrame(n)
	s, err := pairs.NewSplit(given, f, pairs.SplitOptions{Val: 0.2, Test: 0.2, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	checkPairSplit(t, given, f, s, nil)
	if s.Lost.Same != 0 {
		t.Errorf("%d of 3 positive pairs are lost", s.Lost.Same)
	}
}

func TestFolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	const n, k = 200, 5
	f := itemsFrame(n + 7)
	given := randomPairs(rng, n, 1500, 0.4)
	folds, err := pairs.Folds(given, f, k, pairs.SplitOptions{Val: 0.1, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	tested := make([]int, f.N())
	for _, s := range folds {
		checkPairSplit(t, given, f, s, nil)
		for _, i := range s.Items.Test {
			tested[i]++
		}
		if len(s.Items.Test) < n/k-5 || len(s.Items.Test) > n/k+5 || len(s.Items.Val) < 17 || len(s.Items.Val) > 23 {
			t.Errorf("%v", s.Items)
		}
	}
	for i, times := range tested {
		if i < n && times != 1 || i >= n && times != 0 { // the last seven are in no pair
			t.Errorf("item %d is tested on %d times", i, times)
		}
	}
}

func TestPairSplitIsSaved(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	f := itemsFrame(100)
	given := randomPairs(rng, 100, 400, 0.5)
	groups := make([]string, 100)
	for i := range 40 {
		groups[i] = fmt.Sprint("crops of ", i/2)
	}
	s, err := pairs.NewSplit(given, f, pairs.SplitOptions{Val: 0.2, Test: 0.2, Seed: 5, Groups: groups})
	if err != nil {
		t.Fatal(err)
	}
	if o := s.Items.Origin; o.Kind != split.ByItem || o.Val != 0.2 || o.Test != 0.2 ||
		!slices.Equal(s.Items.Groups, groups) {
		t.Errorf("the manifest will not say how the split was made: %+v", o)
	}
	path := filepath.Join(t.TempDir(), "split.json")
	if err := s.Items.Save(path, f); err != nil {
		t.Fatal(err)
	}
	loaded, err := split.Load(path, f)
	if err != nil {
		t.Fatal(err)
	}
	again, err := pairs.ApplySplit(given, f, loaded)
	if err != nil {
		t.Fatal(err)
	}
	again.Cut = s.Cut // what the split had to cut is not in the file
	if diff := cmp.Diff(s, again); diff != "" {
		t.Error(diff)
	}
	if _, err := pairs.ApplySplit(given, f, nil); err == nil {
		t.Error("a nil split was accepted")
	}
}

func TestNewSplitErrors(t *testing.T) {
	f := itemsFrame(8)
	given := pairstest.TableOf(2, 2)
	tests := []struct {
		name   string
		pairs  pairs.Pairs
		frame  *data.Frame
		opt    pairs.SplitOptions
		option string // that the error is about
		want   string // in the error
	}{
		{"nil frame", given, nil, pairs.SplitOptions{Test: 0.2}, "", "nil"},
		{"no pairs", pairs.Pairs{}, f, pairs.SplitOptions{Test: 0.2}, "", "no pairs"},
		{"invalid", pairstest.TableOf(9, 9), f, pairs.SplitOptions{Test: 0.2}, "", "[0, 8)"},
		{"groups", given, f, pairs.SplitOptions{Test: 0.2, Groups: []string{"a"}}, "", "1 groups"},
		{"no test", given, f, pairs.SplitOptions{}, "Test", "0 gives no"},
		{"negative", given, f, pairs.SplitOptions{Test: -1}, "Test", "-1"},
		{"NaN", given, f, pairs.SplitOptions{Test: math.NaN()}, "Test", "NaN"},
		{"fraction", given, f, pairs.SplitOptions{Test: 2.5}, "Test", "2.5"},
		{"less than one", given, f, pairs.SplitOptions{Test: 0.25, Val: 0.01}, "Val", "0.01"},
		{"all", given, f, pairs.SplitOptions{Test: 4, Val: 4}, "Val", "4 for test"},
		{"no pair fits", given, f, pairs.SplitOptions{Test: 1}, "", "test side (1 items)"},
		{"one group", given, f, pairs.SplitOptions{Test: 2, Groups: labtest.RepeatLabel("g", 8)}, "",
			"test side (0 items)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := pairs.NewSplit(test.pairs, test.frame, test.opt)
			labtest.WantError(t, err, "split pairs: ", test.want)
			wantOption(t, err, test.option)
			if strings.Contains(test.want, " side ") && !errors.Is(err, pairs.ErrNoPairs) {
				t.Errorf("error %v is not ErrNoPairs", err)
			}
		})
	}
	_, err := pairs.Folds(given, f, 9, pairs.SplitOptions{})
	labtest.WantError(t, err, "9 folds", "8 items")
	_, err = pairs.Folds(given, f, 2, pairs.SplitOptions{Val: 4})
	labtest.WantError(t, err, "fold 1: ", "4 of the 4 items")
	wantOption(t, err, "Val")
}

// wantOption fails unless the error is about this option and no other; "" = about none.
func wantOption(t *testing.T, err error, want string) {
	t.Helper()
	if got := strings.Join(option.Names(err), " "); got != want {
		t.Errorf("error %v is about option %q, want %q", err, got, want)
	}
}
