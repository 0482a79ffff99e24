package metric

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// exact compares whole results whose scores are the same numbers.
var exact = cmp.Options{approx, cmpopts.IgnoreFields(Retrieval{}, "Warnings")}

// lattice returns embeddings whose scores are exact in float32 and often tied: small whole numbers, for cosine 16 of
// -1 and 1, so that every norm is 4. Labels are uneven and some classes have one item.
func lattice(rng *rand.Rand, n int, sim Similarity) (emb []float32, labels []int32) {
	for range n {
		labels = append(labels, int32(rng.IntN(1+rng.IntN(n+1))))
		for range 16 {
			x := float32(rng.IntN(3) - 1)
			if sim == Cosine {
				x = float32(2*rng.IntN(2) - 1)
			}
			emb = append(emb, x)
		}
	}
	return emb, labels
}

// oracle returns the result from the definitions.
func oracle(q []float32, ql []int32, r []float32, rl []int32, self bool, unit float64, opt Options) *Result {
	opt = opt.withDefaults()
	e := 16
	var all []float64
	var same []bool
	var per []QueryMetrics
	for i := range ql {
		row := make([]float64, len(rl))
		for j := range rl {
			row[j] = oracleScore(q[i*e:(i+1)*e], r[j*e:(j+1)*e], opt.Similarity, unit)
			if !self || i < j {
				all = append(all, row[j])
				same = append(same, ql[i] == rl[j])
			}
		}
		skip := -1
		if self {
			skip = i
		}
		per = append(per, oracleQuery(row, ql[i], rl, skip, opt.Ks))
	}
	res := &Result{Queries: len(ql), References: len(rl), Similarity: opt.Similarity.String()}
	res.Retrieval = average(per, opt.Ks)
	res.Retrieval.PerQuery = per
	if !opt.NoVerification {
		res.Verification = oracleVerification(all, same, nil, opt.Verification)
	}
	return res
}

func TestAllPairsAgainstOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for trial := range 120 {
		sim := Similarity(trial % 3)
		n := 2 + rng.IntN(90)
		if trial%20 < 3 {
			n = 400 // rankings long enough to be sorted by their bits
		}
		emb, labels := lattice(rng, n, sim)
		if trial%40 < 3 {
			for i := range labels {
				labels[i] %= 2
			}
		}
		opt := Options{Similarity: sim, PerQuery: true, Workers: 1 + trial%4, Ks: []int{1, 3, 7, 200},
			NoVerification: n == 400}
		got, err := AllPairs(context.Background(), emb, labels, opt)
		if err != nil {
			t.Fatal(err)
		}
		finite(t, "AllPairs", got)
		want := oracle(emb, labels, emb, labels, true, gridOf(emb, emb, sim), opt)
		compareResults(t, fmt.Sprintf("trial %d, %v, N=%d", trial, sim, n), want, got)

		refs, refLabels := lattice(rng, 1+rng.IntN(90), sim)
		got, err = queryReference(context.Background(), emb, labels, refs, refLabels, opt)
		if err != nil {
			t.Fatal(err)
		}
		finite(t, "queryReference", got)
		want = oracle(emb, labels, refs, refLabels, false, gridOf(emb, refs, sim), opt)
		compareResults(t, fmt.Sprintf("trial %d, %v, queries and references", trial, sim), want, got)
	}
}

// gridOf returns the grid to which scores are kept, by its definition.
func gridOf(a, b []float32, sim Similarity) float64 {
	most := func(x []float32) (norm float64) {
		for i := 0; i < len(x); i += 16 {
			var sum float64
			for _, v := range x[i : i+16] {
				sum += float64(v) * float64(v)
			}
			norm = max(norm, math.Sqrt(sum))
		}
		return norm
	}
	above := func(x float64) float64 {
		p := 1.0
		for p <= x {
			p *= 2
		}
		for p > 2*x {
			p /= 2
		}
		return p
	}
	switch sim {
	case InnerProduct:
		return above(most(a)) * above(most(b)) / (1 << 24)
	case Euclidean:
		return above(2*max(most(a), most(b))) / (1 << 24)
	}
	return 1.0 / (1 << 24)
}

func compareResults(t *testing.T, name string, want, got *Result) {
	t.Helper()
	opts := cmp.Options{exact}
	if v := want.Verification; v.FNRAtFPR != nil && (v.Positives == 0 || v.Negatives == 0) { // verified, but degenerate
		if !got.Verification.Warnings.Has(NoPositives) && !got.Verification.Warnings.Has(NoNegatives) {
			t.Fatalf("%s: a class is missing without a warning", name)
		}
		opts = append(opts, cmpopts.IgnoreFields(Result{}, "Verification"))
	}
	if d := cmp.Diff(want, got, opts); d != "" {
		t.Fatalf("%s (-oracle +got):\n%s", name, d)
	}
}

// More than listLimit pairs go through cells; the same pairs as a list must give the same metrics to the last bit.
func TestCellsAgainstList(t *testing.T) {
	cells, list := newCellTally(), &listTally{}
	var same [2]int64
	for _, tl := range []tally{cells, list} {
		rng := rand.New(rand.NewPCG(9, 10))
		for part := range 3 {
			for kind, positive := range []bool{false, true} {
				keys := make([]int32, 200000)
				for i := range keys {
					keys[i] = int32(max(-1, min(1, rng.NormFloat64()*.3)) * keyMax)
				}
				same[kind] += int64(len(keys))
				c := tl.counter(positive)
				for len(keys) > 0 {
					n := min(len(keys), 1+part*777)
					c.add(keys[:n])
					keys = keys[n:]
				}
				c.flush()
			}
		}
	}
	pos, neg := float64(same[1]/2), float64(same[0]/2)
	opt := VerificationOptions{Thresholds: []float64{.1}}.withDefaults()
	a := verifyTally(cells, 1.0/keyMax, pos, neg, opt)
	b := verifyTally(list, 1.0/keyMax, pos, neg, opt)
	if d := cmp.Diff(a, b); d != "" {
		t.Errorf("cells and list differ:\n%s", d)
	}
	if total := a.At[0].TP + a.At[0].FP + a.At[0].TN + a.At[0].FN; total != pos+neg {
		t.Errorf("the frozen threshold counts %v pairs of %v", total, pos+neg)
	}
}

// A cell counts to 2^32; what it loses there is kept beside it.
func TestCellOverflow(t *testing.T) {
	tl := newCellTally()
	tl.cells[0][keyMax+5] = math.MaxUint32 - 1
	c := tl.counter(false)
	c.add([]int32{5, 5, 5, 7})
	c.flush()
	got := map[int32]uint64{}
	tl.walk(func(key int32, _, neg uint64) { got[key] = neg })
	if d := cmp.Diff(map[int32]uint64{5: 1<<32 + 1, 7: 1}, got); d != "" {
		t.Error(d)
	}
}

// Every kernel must give a pair the same key wherever it stands and in both orders, close to the true score.
func TestKernels(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, k := range append(kernels(), distanceKernel()) {
		for _, e := range []int{1, 15, 16, 17, 100, 256} {
			n := 41
			emb := make([]float32, n*e)
			for i := range emb {
				emb[i] = float32(rng.NormFloat64())
			}
			copy(emb[20*e:21*e], emb[3*e:4*e]) // a duplicate
			sim := Cosine
			if k.name == "distance" {
				sim = Euclidean
			}
			m, err := newMatrix("embeddings", emb, make([]int32, n), sim)
			if err != nil {
				t.Fatal(err)
			}
			o := newOperands(m, m, true, sim)
			o.kernel, o.panels = k, pack(m, k.cols)
			cols := roundUp(n, k.cols)
			keys := make([]int32, roundUp(n, rowMultiple)*cols)
			k.keys(keys, cols, m.rows, roundUp(n, rowMultiple), o.panels, cols, m.width)
			for i := range n {
				for j := range n {
					key := keys[i*cols+j]
					if key != keys[j*cols+i] {
						t.Fatalf("%s, E=%d: key of (%d, %d) is %d, of (%d, %d) %d", k.name, e, i, j, key, j, i,
							keys[j*cols+i])
					}
					want := oracleScore(emb[i*e:(i+1)*e], emb[j*e:(j+1)*e], sim, o.unit)
					if math.Abs(float64(key)*o.unit-want) > 20*o.unit {
						t.Fatalf("%s, E=%d: score of (%d, %d) is %v, want %v", k.name, e, i, j, float64(key)*o.unit,
							want)
					}
				}
				if i != 20 && i != 3 && keys[i*cols+20] != keys[i*cols+3] {
					t.Fatalf("%s, E=%d: duplicates score %d and %d with item %d", k.name, e, keys[i*cols+20],
						keys[i*cols+3], i)
				}
			}
		}
	}
}

// kernels returns all kernels for dot products that this machine and build can run.
func kernels() []kernel {
	scalar := kernel{name: "scalar", cols: 4, keys: scalarKeys(dot2x4)}
	return append(vectorKernels(), plainDotKernel(), scalar)
}

func TestWorkersGiveTheSameBits(t *testing.T) {
	emb, labels := clusters(4200, 24, 9, 1.2, 3) // 8.8 million pairs: more than listLimit
	var first *Result
	for _, w := range []int{1, 2, 5} {
		r, err := AllPairs(context.Background(), emb, labels, Options{Workers: w, PerQuery: true})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r
		} else if d := cmp.Diff(first, r); d != "" {
			t.Errorf("%d workers change the result:\n%s", w, d)
		}
	}
	// Without retrieval only half the matrix is computed, in other blocks.
	r, err := AllPairs(context.Background(), emb, labels, Options{NoRetrieval: true})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first.Verification, r.Verification); d != "" {
		t.Errorf("half the matrix gives other metrics:\n%s", d)
	}
	// A float64 reference over the same pairs: the 2^-24 grid is below what the metrics show.
	var scores []float64
	var same []bool
	for i := range 300 {
		for j := i + 1; j < 300; j++ {
			scores = append(scores, oracleScore(emb[i*24:(i+1)*24], emb[j*24:(j+1)*24], Cosine, 1e-18))
			same = append(same, labels[i] == labels[j])
		}
	}
	want, err := Verify(scores, same, nil, VerificationOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := AllPairs(context.Background(), emb[:300*24], labels[:300], Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ROC-AUC", got.Verification.ROCAUC, want.ROCAUC, 1e-6)
	near(t, "average precision", got.Verification.Natural.AveragePrecision, want.Natural.AveragePrecision, 1e-6)
	near(t, "EER threshold", got.Verification.EERThreshold, want.EERThreshold, 1e-6)
}

// The order of items changes no metric: those that depend on ties between scores are safe where there are none.
func TestItemOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	emb, labels := clusters(150, 20, 7, 1.5, 5)
	base, err := AllPairs(context.Background(), emb, labels, Options{})
	if err != nil {
		t.Fatal(err)
	}
	order := rng.Perm(len(labels))
	var pe []float32
	var pl []int32
	for _, i := range order {
		for _, x := range emb[i*20 : (i+1)*20] {
			pe = append(pe, x*4) // and a scale that cosine does not see
		}
		pl = append(pl, labels[i]*-3) // and other class numbers in another order
	}
	moved, err := AllPairs(context.Background(), pe, pl, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(base, moved, cmpopts.EquateApprox(1e-12, 0)); d != "" {
		t.Errorf("the order of items changes the metrics:\n%s", d)
	}
}

func TestAllPairsDegenerate(t *testing.T) {
	ctx := context.Background()
	one := []float32{1, 0, 0, 1, 1, 1}
	for _, c := range []struct {
		name   string
		emb    []float32
		labels []int32
		want   []Kind
	}{
		{"empty", nil, nil, []Kind{NoItems, NoQueries}},
		{"one item", []float32{1, 2}, []int32{0}, []Kind{NoItems, LoneQuery, NoQueries}},
		{"one class", one, []int32{4, 4, 4}, []Kind{NoNegatives}},
		{"all lone", one, []int32{1, 2, 3}, []Kind{NoPositives, LoneQuery, NoQueries}},
		{"zero vector", []float32{0, 0, 1, 2, 2, 1}, []int32{1, 1, 2}, []Kind{ZeroVector, LoneQuery}},
		{"collapsed", []float32{1, 2, 1, 2, 1, 2, 1, 2}, []int32{1, 1, 2, 2}, []Kind{OneScore}},
	} {
		r, err := AllPairs(ctx, c.emb, c.labels, Options{PerQuery: true})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		finite(t, c.name, r)
		for _, k := range c.want {
			if !r.AllWarnings().Has(k) {
				t.Errorf("%s: warnings %q lack %s", c.name, r.AllWarnings().Strings(), k)
			}
		}
	}
	r, err := queryReference(ctx, one, []int32{1, 2, 3}, nil, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !r.AllWarnings().Has(NoItems) || r.Retrieval.Lone != 3 {
		t.Errorf("no references: %+v", r)
	}
}

func TestAllPairsErrors(t *testing.T) {
	ctx := context.Background()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, c := range []struct {
		name   string
		ctx    context.Context
		emb    []float32
		labels []int32
		opt    Options
		want   string
	}{
		{"NaN", ctx, []float32{1, 2, 3, nan}, []int32{0, 1}, Options{}, "number 1 of item 1"},
		{"infinite", ctx, []float32{inf, 2}, []int32{0, 1}, Options{}, "item 0"},
		{"ragged", ctx, []float32{1, 2, 3}, []int32{0, 1}, Options{}, "3 numbers for 2 labels"},
		{"no numbers", ctx, nil, []int32{0}, Options{}, "0 numbers for 1 labels"},
		{"cancelled", cancelled, []float32{1, 2}, []int32{0, 1}, Options{}, context.Canceled.Error()},
		{"K", ctx, nil, nil, Options{Ks: []int{0}}, "Ks[0]"},
		{"similarity", ctx, nil, nil, Options{Similarity: 9}, "Similarity(9)"},
		{"workers", ctx, nil, nil, Options{Workers: -1}, "Workers"},
		{"nothing", ctx, nil, nil, Options{NoVerification: true, NoRetrieval: true}, "nothing to compute"},
	} {
		_, err := AllPairs(c.ctx, c.emb, c.labels, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not name %q", c.name, err, c.want)
		}
	}
	_, err := queryReference(ctx, []float32{1, 2}, []int32{0}, []float32{1, 2, 3}, []int32{0}, Options{})
	if err == nil || !strings.Contains(err.Error(), "same width") {
		t.Errorf("widths: error %v", err)
	}
}

func TestProgressAndCancel(t *testing.T) {
	emb, labels := clusters(1500, 8, 5, 1, 1)
	var seen []float64
	if _, err := AllPairs(context.Background(), emb, labels,
		Options{Progress: func(d float64) { seen = append(seen, d) }}); err != nil {
		t.Fatal(err)
	}
	if len(seen) == 0 || !slices.IsSorted(seen) || seen[len(seen)-1] != 1 {
		t.Errorf("progress went %v: want a rise to 1", seen)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := AllPairs(ctx, emb, labels, Options{Progress: func(float64) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled half way: error %v", err)
	}
}

// Without any K a lone query still has a nearest item.
func TestLoneQueryWithoutKs(t *testing.T) {
	r, err := AllPairs(t.Context(), []float32{1, 0, 1, .1, 0, 1}, []int32{0, 0, 1},
		Options{Ks: []int{}, PerQuery: true})
	if err != nil {
		t.Fatal(err)
	}
	if q := r.Retrieval.PerQuery[2]; q.R != 0 || q.Nearest != 1 || r.Retrieval.MAPAtR != 1 {
		t.Errorf("%+v of %+v: want a lone query nearest to item 1, and MAP@R 1 of the others", q, r.Retrieval)
	}
}
