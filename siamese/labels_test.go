package siamese

import (
	stdcmp "cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/metric"
)

// tagged returns n items of one or two of eight classes each, "a|c" for instance, the features of which are the sum of what
// those of its classes are and noise; two of three features are noise alone. Every tenth label is not known. Domains alternate.
func tagged(prefix string, n, features int, noise float64, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 1))
	var rows [][]float32
	var labels, domains []string
	for i := range n {
		row, names := normals(rng, features, noise), []string(nil)
		tags := rng.Perm(8)[:1+rng.IntN(2)]
		for _, c := range tags {
			mean := normals(rand.New(rand.NewPCG(uint64(c), 2)), features, 1)
			for k := 0; k < features; k += 3 {
				row[k] += mean[k]
			}
			names = append(names, string(rune('a'+c)))
		}
		label := strings.Join(names, "|")
		if i%10 == 9 {
			label = ""
		}
		rows, labels = append(rows, row), append(labels, label)
		domains = append(domains, []string{"photo", "scan"}[i%2])
	}
	f := frameOf(prefix, labels, rows...)
	f.Domains = domains
	return f
}

func TestLabelling(t *testing.T) {
	l := labellingOf(labelled([]string{"b|a", "", " a ", "||", "c|b|c| ", "d"}, nil), "|")
	want := &labelling{names: []string{"a", "b", "c", "d"}, of: [][]int32{{0, 1}, nil, {0}, nil, {1, 2}, {3}}, most: 2}
	if diff := cmp.Diff(want, l, cmp.AllowUnexported(labelling{})); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		i, j        int
		same, known bool
	}{{0, 2, true, true}, {0, 4, true, true}, {2, 4, false, true}, {0, 5, false, true}, {0, 1, false, false}, {3, 1, false, false}} {
		for _, pair := range [][2]int{{test.i, test.j}, {test.j, test.i}} {
			if same, known := l.relation(pair[0], pair[1]); same != test.same || known != test.known {
				t.Errorf("items %d: same %v, known %v", pair, same, known)
			}
		}
	}
	if diff := cmp.Diff([]float32{1, 2, 0, 1, -1, -1, 3, -1}, l.numbers([]int32{4, 0, 1, 5})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]int32{{0, 1}, nil, {0}, nil, {1, 2}, {3}}, l.asTheyCome()); diff != "" {
		t.Error(diff)
	}
	one := labellingOf(labelled([]string{"b|a", "", "b|a"}, nil), "")
	if diff := cmp.Diff([][]int32{{0}, nil, {0}}, one.of); diff != "" || one.most != 1 {
		t.Errorf("without a separator: %s", diff)
	}
}

// A separator that stands in no label is told of; one that stands in a single label is not.
func TestSeparatorWarnings(t *testing.T) {
	f := labelled([]string{"", "b|a", "c"}, nil)
	if got := separatorWarnings(f, ","); len(got) != 1 || !strings.Contains(got[0], `"," is in no label`) || !strings.Contains(got[0], `"b|a"`) {
		t.Errorf("%q", got)
	}
	for _, separator := range []string{"|", ""} {
		if got := separatorWarnings(f, separator); got != nil {
			t.Errorf("%q: %q", separator, got)
		}
	}
	train, val := toy("t", 4, 20, 9, 0.5, 1), toy("v", 4, 10, 9, 0.5, 2)
	task, err := classTask(taggedConfig("mse"), train, val, nil)
	if err != nil || len(task.warnings) != 1 {
		t.Errorf("%v, %q", err, task.warnings)
	}
}

// randomLabels returns a frame with lists of labels, some of them unknown.
func randomLabels(rng *rand.Rand) *data.Frame {
	n, classes, most, places := 4+rng.IntN(40), 2+rng.IntN(6), 1+rng.IntN(4), 1+rng.IntN(3)
	labels, domains := make([]string, n), make([]string, n)
	for i := range n {
		var names []string
		for range rng.IntN(most + 1) {
			names = append(names, fmt.Sprint(rng.IntN(classes)))
		}
		labels[i], domains[i] = strings.Join(names, "|"), fmt.Sprint(rng.IntN(places))
	}
	return labelled(labels, domains)
}

// Pairs drawn as the same share a class, those drawn as different share none, and no item is of unknown classes; where such
// pairs exist they are drawn.
func TestPairsOfSeveralLabels(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	drawn, none := 0, 0
	for range 400 {
		f := randomLabels(rng)
		l := labellingOf(f, "|")
		var possible [2]bool
		for i := range f.N() {
			for j := range i {
				if same, known := l.relation(i, j); known && same {
					possible[1] = true
				} else if known {
					possible[0] = true
				}
			}
		}
		s, err := NewPairSampler(f, SamplerOptions{LabelSeparator: "|", WithinDomain: rng.Float64()})
		if (err == nil) != (possible[0] && possible[1]) {
			t.Fatalf("labels %q: possible %v, error %v", f.Labels, possible, err)
		}
		if err != nil {
			none++
			continue
		}
		drawn++
		s.acrossDomains = rng.Float64()
		n := 60
		for _, p := range []Pairs{s.Draw(n, rng.Uint64()), s.Mine(rng, randomEmbeddings(rng, f.N(), 3), n)} {
			positive := 0
			for k := range p.Label {
				same, known := l.relation(int(p.Left[k]), int(p.Right[k]))
				if !known || p.Left[k] == p.Right[k] || same != (p.Label[k] == 1) {
					t.Fatalf("%q and %q with label %v", f.Labels[p.Left[k]], f.Labels[p.Right[k]], p.Label[k])
				}
				positive += int(p.Label[k])
			}
			if positive != n/2 {
				t.Fatalf("%d of %d pairs are positive", positive, n)
			}
		}
	}
	if drawn < 100 || none < 10 {
		t.Errorf("%d random frames had pairs to draw and %d none: the test looks at too few", drawn, none)
	}
}

// Negative pairs keep to the share of domains also where many items of a domain have a class in common.
func TestPairsOfSeveralLabelsWithinDomain(t *testing.T) {
	f := tagged("i", 300, 3, 1, 1)
	const n = 20_000
	for _, share := range []float64{0, 0.25, 1} {
		s, err := NewPairSampler(f, SamplerOptions{LabelSeparator: "|", WithinDomain: share})
		if err != nil {
			t.Fatal(err)
		}
		p, within := s.Draw(n, 1), 0.0
		for k := range n {
			if p.Label[k] == 0 && f.Domains[p.Left[k]] == f.Domains[p.Right[k]] {
				within++
			}
		}
		wantShare(t, fmt.Sprintf("negative pairs within a domain, asked for %v", share), within, n/2, share)
	}
}

// Batches have no item twice and none that is unknown, are full, and go through all items of a class before one of them
// comes again on account of it.
func TestClassSamplerOfSeveralLabels(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	made := 0
	for range 150 {
		f := randomLabels(rng)
		l := labellingOf(f, "|")
		known := 0
		for _, list := range l.of {
			known += min(1, len(list))
		}
		size := 2 * (1 + rng.IntN(8))
		s, err := newClassSampler(f, "|", 2+rng.IntN(3), size)
		if err != nil {
			if known >= size && len(l.names) > 1 && !strings.Contains(err.Error(), "two items") {
				t.Fatalf("%q: %v", f.Labels, err)
			}
			continue
		}
		made++
		const draws, batches = 5, 40
		count := make([]int, f.N())
		for epoch := range draws {
			b, err := s.draw(batches, streams.Rand(uint64(epoch), 7), nil)
			if err != nil || len(b.items) != batches*size {
				t.Fatalf("%v: %d items", err, len(b.items))
			}
			for k, item := range b.items {
				count[item]++
				if first := k / size * size; slices.Contains(b.items[first:k], item) {
					t.Fatalf("item %d is twice in a batch", item)
				}
				for at := range l.most {
					want := float32(-1)
					if at < len(l.of[item]) {
						want = float32(l.of[item][at])
					}
					if got := b.labels[k*l.most+at]; got != want {
						t.Fatalf("item %d has class %v, want %v", item, got, want)
					}
				}
			}
		}
		for i, n := range count {
			if (n == 0) != (len(l.of[i]) == 0) {
				t.Fatalf("item %d with label %q came %d times", i, f.Labels[i], n)
			}
		}
	}
	if made < 40 {
		t.Errorf("only %d of 150 random frames had batches", made)
	}
}

// judge is what package metric says of items with one class each, and what the definitions say where they have several.
func TestLabellingJudge(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	f := toy("i", 5, 30, 3, 1, 1)
	z := randomEmbeddings(rng, f.N(), 4)
	auc, mapAtR, err := labellingOf(f, "").judge(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	_, classes := classNumbers(f)
	want, err := metric.AllPairs(t.Context(), z.Values, classes, metric.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !near(auc, want.Verification.ROCAUC, 1e-4) || !near(mapAtR, want.Retrieval.MAPAtR, 1e-4) {
		t.Errorf("%v and %v, package metric says %v and %v", auc, mapAtR, want.Verification.ROCAUC, want.Retrieval.MAPAtR)
	}
	for range 30 {
		f := randomLabels(rng)
		l, z := labellingOf(f, "|"), randomEmbeddings(rng, f.N(), 2)
		if f.N() > 6 {
			copy(z.Row(5), z.Row(2)) // equal scores
		}
		auc, mapAtR, err := l.judge(t.Context(), z)
		if err != nil {
			t.Fatal(err)
		}
		wantAUC, wantMAP := judgeNaively(t, l, z)
		if !near(auc, wantAUC, 1e-9) || !near(mapAtR, wantMAP, 1e-9) {
			t.Errorf("%q: %v and %v, want %v and %v", f.Labels, auc, mapAtR, wantAUC, wantMAP)
		}
	}
}

// judgeNaively spells the definitions out, on the same cosines.
func judgeNaively(t *testing.T, l *labelling, z *Embeddings) (auc, mapAtR float64) {
	t.Helper()
	scores, err := ScoreAll(z, z)
	if err != nil {
		t.Fatal(err)
	}
	var same, different []float32
	queries := 0.0
	for i := range z.N {
		var order []int
		r := 0.0
		for j := range z.N {
			is, known := l.relation(i, j)
			if i == j || !known {
				continue
			}
			order = append(order, j)
			if is {
				r++
			}
			if i < j && is {
				same = append(same, scores[i*z.N+j])
			} else if i < j {
				different = append(different, scores[i*z.N+j])
			}
		}
		if r == 0 {
			continue
		}
		queries++
		slices.SortStableFunc(order, func(a, b int) int {
			return stdcmp.Compare(scores[i*z.N+b], scores[i*z.N+a])
		})
		hits, total := 0.0, 0.0
		for k := range int(r) {
			if is, _ := l.relation(i, order[k]); is {
				hits++
				total += hits / float64(k+1)
			}
		}
		mapAtR += total / r
	}
	won := 0.0
	for _, s := range same {
		for _, d := range different {
			switch {
			case s > d:
				won++
			case s == d:
				won += 0.5
			}
		}
	}
	if n := float64(len(same) * len(different)); n > 0 {
		auc = won / n
	}
	return auc, mapAtR / max(1, queries)
}

func TestLabelPairs(t *testing.T) {
	f := tagged("i", 40, 3, 1, 1)
	l := labellingOf(f, "|")
	all, err := LabelPairs(f, "|", 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	const known = 36
	if all.Len() != known*(known-1)/2 {
		t.Errorf("%d pairs of %d items", all.Len(), known)
	}
	some, err := LabelPairs(f, "|", 100, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Pairs{all, some} {
		if warnings, err := p.Validate(f.N()); err != nil || len(warnings) > 0 {
			t.Errorf("%v, %q", err, warnings)
		}
		for k := range p.Label {
			if same, ok := l.relation(int(p.Left[k]), int(p.Right[k])); !ok || same != p.same(k) {
				t.Fatalf("%q and %q have label %v", f.Labels[p.Left[k]], f.Labels[p.Right[k]], p.Label[k])
			}
		}
	}
	again, _ := LabelPairs(f, "|", 100, 1)
	other, _ := LabelPairs(f, "|", 100, 2)
	if some.Len() != 100 || !cmp.Equal(some, again) || cmp.Equal(some, other) {
		t.Error("the same seed must draw the same pairs, another one others")
	}
	count := make([]float64, all.Len()) // every pair is as likely as any other
	place := map[[2]int32]int{}
	for k := range all.Left {
		place[[2]int32{all.Left[k], all.Right[k]}] = k
	}
	const draws = 2000
	for seed := range uint64(draws) {
		p, err := LabelPairs(f, "|", 63, seed)
		if err != nil {
			t.Fatal(err)
		}
		for k := range p.Left {
			count[place[[2]int32{p.Left[k], p.Right[k]}]]++
		}
	}
	for k, n := range count {
		wantShare(t, fmt.Sprintf("pair %d", k), n, draws, 0.1)
	}
	for name, test := range map[string]struct {
		frame *data.Frame
		most  int
		want  string
	}{
		"nil":       {nil, 0, "no labels"},
		"no labels": {&data.Frame{}, 0, "no labels"},
		"all same":  {labelled([]string{"a|b", "a", "a|c"}, nil), 0, "3 are the same and 0 different"},
		"unknown":   {labelled([]string{"a|b", "", "c"}, nil), 0, "0 are the same and 1 different"},
		"negative":  {f, -1, "most is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := LabelPairs(test.frame, "|", test.most, 1)
			wantError(t, err, test.want)
		})
	}
}
