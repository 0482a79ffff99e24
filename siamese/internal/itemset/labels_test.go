package itemset

import (
	stdcmp "cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/embeddingtest"
	"github.com/go-siamese/lab/siamese/metric"
)

func TestLabelling(t *testing.T) {
	l := LabelsOf(labtest.Labelled([]string{"b|a", "", " a ", "||", "c|b|c| ", "d"}, nil), "|")
	want := &Labelling{Names: []string{"a", "b", "c", "d"}, Of: [][]int32{{0, 1}, nil, {0}, nil, {1, 2}, {3}}, Most: 2}
	if diff := cmp.Diff(want, l, cmp.AllowUnexported(Labelling{})); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		i, j        int
		same, known bool
	}{{0, 2, true, true}, {0, 4, true, true}, {2, 4, false, true}, {0, 5, false, true}, {0, 1, false, false},
		{3, 1, false, false}} {
		for _, pair := range [][2]int{{test.i, test.j}, {test.j, test.i}} {
			if same, known := l.Relation(pair[0], pair[1]); same != test.same || known != test.known {
				t.Errorf("items %d: same %v, known %v", pair, same, known)
			}
		}
	}
	if diff := cmp.Diff([]float32{1, 2, 0, 1, -1, -1, 3, -1}, l.Numbers([]int32{4, 0, 1, 5})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]int32{{0, 1}, nil, {0}, nil, {1, 2}, {3}}, l.ByFirstUse()); diff != "" {
		t.Error(diff)
	}
	one := LabelsOf(labtest.Labelled([]string{"b|a", "", "b|a"}, nil), "")
	if diff := cmp.Diff([][]int32{{0}, nil, {0}}, one.Of); diff != "" || one.Most != 1 {
		t.Errorf("without a separator: %s", diff)
	}
}

// judge is what package metric says of items with one class each, and what the definitions say where they have several.
func TestLabellingEvaluate(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	f := labtest.Toy("i", 5, 30, 3, 1, 1)
	z := embeddingtest.RandomEmbeddings(rng, f.N(), 4)
	auc, mapAtR, err := LabelsOf(f, "").Evaluate(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	_, classes := ClassNumbers(f)
	want, err := metric.AllPairs(t.Context(), z.Values, classes, metric.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !labtest.Near(auc, want.Verification.ROCAUC, 1e-4) || !labtest.Near(mapAtR, want.Retrieval.MAPAtR, 1e-4) {
		t.Errorf("%v and %v, package metric says %v and %v", auc, mapAtR, want.Verification.ROCAUC,
			want.Retrieval.MAPAtR)
	}
	for range 30 {
		f := labtest.RandomLabels(rng)
		l, z := LabelsOf(f, "|"), embeddingtest.RandomEmbeddings(rng, f.N(), 2)
		if f.N() > 6 {
			copy(z.Row(5), z.Row(2)) // equal scores
		}
		auc, mapAtR, err := l.Evaluate(t.Context(), z)
		if err != nil {
			t.Fatal(err)
		}
		wantAUC, wantMAP := judgeNaively(t, l, z)
		if !labtest.Near(auc, wantAUC, 1e-9) || !labtest.Near(mapAtR, wantMAP, 1e-9) {
			t.Errorf("%q: %v and %v, want %v and %v", f.Labels, auc, mapAtR, wantAUC, wantMAP)
		}
	}
}

// judgeNaively spells the definitions out, on the same cosines.
func judgeNaively(t *testing.T, l *Labelling, z *embedding.Embeddings) (auc, mapAtR float64) {
	t.Helper()
	scores, err := embedding.ScoreAll(z, z)
	if err != nil {
		t.Fatal(err)
	}
	var same, different []float32
	queries := 0.0
	for i := range z.N {
		var order []int
		r := 0.0
		for j := range z.N {
			is, known := l.Relation(i, j)
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
			if is, _ := l.Relation(i, order[k]); is {
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
