package siamese

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// embeddingsAt returns unit vectors in the plane at angles in degrees.
func embeddingsAt(degrees ...float64) *Embeddings {
	z := &Embeddings{N: len(degrees), E: 2}
	for _, d := range degrees {
		s, c := math.Sincos(d * math.Pi / 180)
		z.Values = append(z.Values, float32(c), float32(s))
	}
	return z
}

func randomEmbeddings(rng *rand.Rand, n, e int) *Embeddings {
	z := &Embeddings{N: n, E: e}
	for range n {
		for _, v := range oracleUnit(widen(normals(rng, e, 1))) {
			z.Values = append(z.Values, float32(v))
		}
	}
	return z
}

func TestScore(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		a := frameOf("a", nil, []float32{1, 0}, []float32{1, 1})
		b := frameOf("b", nil, []float32{0, 2}, []float32{5, 0}, []float32{3, 3})
		b.Columns[0], b.Columns[1] = "x/1", "x/0" // in another order
		m := identity(a.Columns)
		defer m.Close()
		m.Threshold = math.Sqrt(0.5) - 1e-6
		want := [][]float64{{1, 0, math.Sqrt(0.5)}, {math.Sqrt(0.5), math.Sqrt(0.5), 1}}
		za, zb := embed(t, m, backend, a), embed(t, m, backend, b)
		for i := range a.N() {
			for j := range b.N() {
				score, err := m.Score(t.Context(), backend, a, i, b, j)
				if err != nil {
					t.Fatal(err)
				}
				if !near(score.Cosine, want[i][j], 1e-6) || score.Cosine > 1 || score.Same != (want[i][j] > 0.7) || score.Warnings != nil {
					t.Errorf("items %d and %d: %+v, want cosine %v", i, j, score, want[i][j])
				}
				if !near(score.Cosine, dot(za.Row(i), zb.Row(j)), 1e-6) {
					t.Errorf("items %d and %d: cosine %v, %v when embedded with others", i, j, score.Cosine, dot(za.Row(i), zb.Row(j)))
				}
			}
		}
		for _, at := range [][2]int{{-1, 0}, {2, 0}, {0, -1}, {0, 3}} {
			_, err := m.Score(t.Context(), backend, a, at[0], b, at[1])
			wantError(t, err, fmt.Sprintf("score: items %d and %d of frames with 2 and 3 items", at[0], at[1]))
		}
		_, err := m.Score(t.Context(), backend, a, 0, nil, 0)
		wantError(t, err, "a frame is nil")
		b.Columns[0] = "y"
		_, err = m.Score(t.Context(), backend, a, 0, b, 0)
		wantError(t, err, "right item", `missing: "x/1"`)
	})
}

func TestScoreAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, size := range [][3]int{{0, 3, 2}, {3, 0, 2}, {1, 1, 1}, {5, 7, 3}, {64, 33, 17}} {
		a, b := randomEmbeddings(rng, size[0], size[2]), randomEmbeddings(rng, size[1], size[2])
		got, err := ScoreAll(a, b)
		if err != nil {
			t.Fatal(err)
		}
		var want []float64
		for i := range a.N {
			for j := range b.N {
				want = append(want, oracleCosine(widen(a.Row(i)), widen(b.Row(j))))
			}
		}
		wantNear(t, fmt.Sprint(size), got, want, 1e-6)
		for _, c := range got {
			if c < -1 || c > 1 {
				t.Errorf("%v: cosine %v", size, c)
			}
		}
	}
	_, err := ScoreAll(randomEmbeddings(rng, 2, 3), randomEmbeddings(rng, 2, 4))
	wantError(t, err, "widths 3 and 4")
}

func TestNearestOfAngles(t *testing.T) {
	// Items 1 and 2 are equally far from the query, 3 is its equal, 4 is opposite.
	references := embeddingsAt(10, 40, 40, 20, 200)
	query := embeddingsAt(20)
	items := func(k int) (out []int) {
		all, err := Nearest(query, references, k, false)
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range all[0] {
			if want := math.Cos((20 - []float64{10, 40, 40, 20, 200}[n.Item]) * math.Pi / 180); !near(float64(n.Cosine), want, 1e-6) {
				t.Errorf("neighbour %d is item %d with cosine %v, want %v", i, n.Item, n.Cosine, want)
			}
			out = append(out, n.Item)
		}
		return out
	}
	for k, want := range map[int][]int{1: {3}, 2: {3, 0}, 3: {3, 0, 1}, 5: {3, 0, 1, 2, 4}, 6: {3, 0, 1, 2, 4}, math.MaxInt: {3, 0, 1, 2, 4}} {
		if got := items(k); !slices.Equal(got, want) {
			t.Errorf("the %d nearest are %v, want %v", k, got, want)
		}
	}
}

func TestNearestAgainstSorting(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for _, n := range []int{1, 2, 50, 300} { // more than are scored at once
		z := randomEmbeddings(rng, n, 3)
		for i := 0; i+1 < n; i += 5 {
			copy(z.Row(i), z.Row(n-1-i)) // ties
		}
		for _, self := range []bool{false, true} {
			for _, k := range []int{1, 4, n, n + 3} {
				got, err := Nearest(z, z, k, self)
				if err != nil {
					t.Fatal(err)
				}
				for q := range n {
					scores, err := ScoreAll(&Embeddings{Values: z.Row(q), N: 1, E: 3}, z)
					if err != nil {
						t.Fatal(err)
					}
					var want []Neighbour
					for i, s := range scores {
						if !self || i != q {
							want = append(want, Neighbour{i, s})
						}
					}
					slices.SortFunc(want, func(a, b Neighbour) int {
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
	z := embeddingsAt(1, 2)
	_, err := Nearest(z, z, 0, false)
	wantError(t, err, "k is 0")
	_, err = Nearest(z, embeddingsAt(1, 2, 3), 1, true)
	wantError(t, err, "2 queries and 3 references cannot be the same items")
	_, err = Nearest(z, &Embeddings{Values: []float32{1}, N: 1, E: 1}, 1, false)
	wantError(t, err, "widths 2 and 1")
	none := &Embeddings{E: 2}
	if got, err := Nearest(none, z, 3, false); err != nil || len(got) != 0 {
		t.Errorf("no queries: %v, %v", got, err)
	}
	if got, err := Nearest(z, none, 3, false); err != nil || len(got) != 2 || len(got[0]) != 0 {
		t.Errorf("no references: %v, %v", got, err)
	}
}

func TestPairCosines(t *testing.T) {
	z := embeddingsAt(0, 60, 90)
	same, different := CosinesByLabel(z, Pairs{Left: []int32{0, 0, 1}, Right: []int32{1, 2, 2}, Label: []float32{1, 0, 0}})
	wantNear(t, "same", same, []float64{0.5}, 1e-6)
	wantNear(t, "different", different, []float64{0, math.Sqrt(3) / 2}, 1e-6)
}
