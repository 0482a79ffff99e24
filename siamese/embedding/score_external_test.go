package embedding_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/embeddingtest"
)

// TestCosines: cosines of lists of any length are to the bit those of one pair at a time.
func TestCosines(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	z := embeddingtest.RandomEmbeddings(rng, 9, 37)
	z.ToUnit()
	for n := range 10 {
		var left, right []int32
		var want []float64
		for range n {
			i, j := rng.IntN(z.N), rng.IntN(z.N)
			left, right, want = append(left, int32(i)), append(right, int32(j)), append(want, z.Cosine(i, j))
		}
		if got := z.Cosines(left, right); !slices.Equal(got, want) {
			t.Errorf("cosines of %d pairs are %v, want %v", n, got, want)
		}
	}
}

func TestScoreAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, size := range [][3]int{{0, 3, 2}, {3, 0, 2}, {1, 1, 1}, {5, 7, 3}, {64, 33, 17}} {
		a, b := embeddingtest.RandomEmbeddings(rng, size[0], size[2]),
			embeddingtest.RandomEmbeddings(rng, size[1], size[2])
		got, err := embedding.ScoreAll(a, b)
		if err != nil {
			t.Fatal(err)
		}
		var want []float64
		for i := range a.N {
			for j := range b.N {
				want = append(want, labtest.OracleCosine(labtest.Widen(a.Row(i)), labtest.Widen(b.Row(j))))
			}
		}
		labtest.WantNear(t, fmt.Sprint(size), got, want, 1e-6)
		for _, c := range got {
			if c < -1 || c > 1 {
				t.Errorf("%v: cosine %v", size, c)
			}
		}
	}
	_, err := embedding.ScoreAll(embeddingtest.RandomEmbeddings(rng, 2, 3), embeddingtest.RandomEmbeddings(rng, 2, 4))
	labtest.WantError(t, err, "3", "4")
}

func TestNearestOfAngles(t *testing.T) {
	// Items 1 and 2 are equally far from the query, 3 is its equal, 4 is opposite.
	references := embeddingtest.EmbeddingsAt(10, 40, 40, 20, 200)
	query := embeddingtest.EmbeddingsAt(20)
	items := func(k int) (out []int) {
		all, err := embedding.Nearest(query, references, k, false)
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range all[0] {
			if want := math.Cos((20 - []float64{10, 40, 40, 20, 200}[n.Item]) * math.Pi /
				180); !labtest.Near(float64(n.Cosine), want, 1e-6) {
				t.Errorf("neighbour %d is item %d with cosine %v, want %v", i, n.Item, n.Cosine, want)
			}
			out = append(out, n.Item)
		}
		return out
	}
	for k, want := range map[int][]int{1: {3}, 2: {3, 0}, 3: {3, 0, 1}, 5: {3, 0, 1, 2, 4}, 6: {3, 0, 1, 2, 4},
		math.MaxInt: {3, 0, 1, 2, 4}} {
		if got := items(k); !slices.Equal(got, want) {
			t.Errorf("the %d nearest are %v, want %v", k, got, want)
		}
	}
}

func TestNearestAgainstSorting(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for _, n := range []int{1, 2, 50, 300} { // more than are scored at once
		z := embeddingtest.RandomEmbeddings(rng, n, 3)
		for i := 0; i+1 < n; i += 5 {
			copy(z.Row(i), z.Row(n-1-i)) // ties
		}
		for _, self := range []bool{false, true} {
			for _, k := range []int{1, 4, n, n + 3} {
				got, err := embedding.Nearest(z, z, k, self)
				if err != nil {
					t.Fatal(err)
				}
				for q := range n {
					scores, err := embedding.ScoreAll(&embedding.Embeddings{Values: z.Row(q), N: 1, E: 3}, z)
					if err != nil {
						t.Fatal(err)
					}
					var want []embedding.Neighbour
					for i, s := range scores {
						if !self || i != q {
							want = append(want, embedding.Neighbour{Item: i, Cosine: s})
						}
					}
					slices.SortFunc(want, func(a, b embedding.Neighbour) int {
						return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.Item, b.Item))
					})
					want = want[:min(k, len(want))]
					if len(want) == 0 && len(got[q]) == 0 {
						continue
					}
					if diff := gocmp.Diff(want, got[q]); diff != "" {
						t.Fatalf("%d items, k %d, self %v, query %d: %s", n, k, self, q, diff)
					}
				}
			}
		}
	}
}

func TestNearestRefuses(t *testing.T) {
	z := embeddingtest.EmbeddingsAt(1, 2)
	_, err := embedding.Nearest(z, z, 0, false)
	labtest.WantError(t, err, "k is 0")
	_, err = embedding.Nearest(z, embeddingtest.EmbeddingsAt(1, 2, 3), 1, true)
	labtest.WantError(t, err, "2 queries", "3 references")
	_, err = embedding.Nearest(z, &embedding.Embeddings{Values: []float32{1}, N: 1, E: 1}, 1, false)
	labtest.WantError(t, err, "2", "1")
	none := &embedding.Embeddings{E: 2}
	if got, err := embedding.Nearest(none, z, 3, false); err != nil || len(got) != 0 {
		t.Errorf("no queries: %v, %v", got, err)
	}
	if got, err := embedding.Nearest(z, none, 3, false); err != nil || len(got) != 2 || len(got[0]) != 0 {
		t.Errorf("no references: %v, %v", got, err)
	}
}
