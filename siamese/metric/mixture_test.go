package metric

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// added is a mixture with what is added to each pair; 0 = nothing.
type added struct {
	share float64
	more  [][]float64
}

func (t *added) Share() float64 { return t.share }

func (t *added) More(i int, add func(j int, more float64)) {
	for _, j := range rand.New(rand.NewPCG(uint64(i), 1)).Perm(len(t.more)) { // in any order
		if t.more[i][j] > 0 {
			add(j, t.more[i][j])
		}
	}
}

// mixtureOf returns embeddings of 3 classes in no order, and a mixture that adds to a tenth of their pairs.
func mixtureOf(n int) ([]float32, []int32, *added) {
	rng := rand.New(rand.NewPCG(9, 1))
	emb, labels := make([]float32, n*5), make([]int32, n)
	for k := range emb {
		emb[k] = float32(rng.NormFloat64())
	}
	for i := range labels {
		labels[i] = rng.Int32N(3)
	}
	m := &added{.3, make([][]float64, n)}
	for i := range n {
		m.more[i] = make([]float64, n)
		for j := range i {
			if rng.IntN(10) == 0 {
				m.more[i][j] = .7 * rng.Float64()
				m.more[j][i] = m.more[i][j]
			}
		}
	}
	return emb, labels, m
}

// cosineOf returns the cosine of two rows in float64.
func cosineOf(emb []float32, i, j int) float64 {
	var xy, xx, yy float64
	for d := range 5 {
		x, y := float64(emb[i*5+d]), float64(emb[j*5+d])
		xy, xx, yy = xy+x*y, xx+x*x, yy+y*y
	}
	return xy / math.Sqrt(xx*yy)
}

// All metrics of a mixture are those of its scores, pair by pair.
func TestMixture(t *testing.T) {
	emb, labels, m := mixtureOf(150)
	n := len(labels)
	rows, err := NewRows(emb, labels, Cosine)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	scores := make([][]float64, n) // by item
	if err := rows.Mixed(m).Sweep(t.Context(), 0, nil, func(_, place int, of []float32) {
		mu.Lock()
		defer mu.Unlock()
		row := make([]float64, n)
		for q, s := range of {
			row[rows.Item(q)] = float64(s)
		}
		scores[rows.Item(place)] = row
	}); err != nil {
		t.Fatal(err)
	}
	var list []float64
	var same []bool
	var sum float64
	for i := range n {
		order := []int{}
		for j := range n {
			if j == i {
				continue
			}
			if want := m.share*cosineOf(emb, i, j) + m.more[i][j]; math.Abs(scores[i][j]-want) > 3e-7 ||
				scores[i][j] != scores[j][i] {
				t.Fatalf("items %d and %d: %v and %v, want %v", i, j, scores[i][j], scores[j][i], want)
			}
			order = append(order, j)
			if j < i {
				list, same = append(list, scores[i][j]), append(same, labels[i] == labels[j])
			}
		}
		slices.SortFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(scores[i][b], scores[i][a]), cmp.Compare(a, b))
		})
		r, hits, ap := 0, 0, 0.0
		for _, j := range order {
			if labels[j] == labels[i] {
				r++
			}
		}
		for k, j := range order[:r] {
			if labels[j] == labels[i] {
				hits++
				ap += float64(hits) / float64(k+1)
			}
		}
		sum += ap / float64(r)
	}
	want, err := Verify(list, same, nil, VerificationOptions{Thresholds: []float64{.2}})
	if err != nil {
		t.Fatal(err)
	}
	for _, opt := range []Options{{}, {Workers: 1}, {NoRetrieval: true}} {
		opt.Mixture, opt.Verification.Thresholds = m, []float64{.2}
		got, err := AllPairs(t.Context(), emb, labels, opt)
		if err != nil {
			t.Fatal(err)
		}
		if got.Verification.ROCAUC != want.ROCAUC || got.Verification.EER != want.EER {
			t.Errorf("%+v, want %+v", got.Verification, want)
		}
		if d := gocmp.Diff(want.At, got.Verification.At); d != "" {
			t.Error(d)
		}
		if !opt.NoRetrieval && math.Abs(got.Retrieval.MAPAtR-sum/float64(n)) > 1e-12 {
			t.Errorf("MAP@R %v, want %v", got.Retrieval.MAPAtR, sum/float64(n))
		}
	}
	// Of a part of the queries: those metrics are of the same scores.
	some, err := EstimatePairs(t.Context(), emb, labels, EstimateOptions{Options: Options{Mixture: m}, Queries: 149})
	if err != nil {
		t.Fatal(err)
	}
	if d := math.Abs(some.Retrieval.MAPAtR - sum/float64(n)); d == 0 || d > .01 {
		t.Errorf("estimate %v, want about %v", some.Retrieval.MAPAtR, sum/float64(n))
	}
}

func TestMixtureRefused(t *testing.T) {
	emb, labels, m := mixtureOf(20)
	if _, err := AllPairs(t.Context(), emb, labels, Options{Mixture: m, Similarity: Euclidean}); err == nil {
		t.Error("a mixture of distances is no error")
	}
	if _, _, err := ByClass(t.Context(), emb, labels, Options{Mixture: m}); err == nil {
		t.Error("a mixture by class is no error")
	}
	if _, _, err := ByDomain(t.Context(), emb, labels, labels, Options{Mixture: m}); err == nil {
		t.Error("a mixture by domain is no error")
	}
}
