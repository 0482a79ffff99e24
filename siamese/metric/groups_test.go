package metric

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Per class: the pairs with an item of the class, from the definition.
func TestByClassAgainstOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	for trial := range 25 {
		emb, labels := lattice(rng, 2+rng.IntN(60), Cosine)
		opt := Options{Ks: []int{1, 4}, PerQuery: true, Workers: 1 + trial%3}
		got, mean, err := ByClass(context.Background(), emb, labels, opt)
		if err != nil {
			t.Fatal(err)
		}
		all, err := AllPairs(context.Background(), emb, labels, opt)
		if err != nil {
			t.Fatal(err)
		}
		var auc, mapR []float64
		queries := 0
		for i, c := range got {
			if i > 0 && got[i-1].Class >= c.Class {
				t.Fatal("classes are not in order")
			}
			var scores []float64
			var same []bool
			var per []QueryMetrics
			for a := range labels {
				if labels[a] == c.Class {
					per = append(per, all.Retrieval.PerQuery[a])
				}
				for b := a + 1; b < len(labels); b++ {
					if labels[a] == c.Class || labels[b] == c.Class {
						scores = append(scores, oracleScore(emb[a*16:(a+1)*16], emb[b*16:(b+1)*16], Cosine, 1.0/keyMax))
						same = append(same, labels[a] == labels[b])
					}
				}
			}
			want := average(per, opt.Ks)
			want.PerQuery = per
			if d := gocmp.Diff(want, c.Retrieval, exact); d != "" {
				t.Fatalf("class %d (-from all pairs +by class):\n%s", c.Class, d)
			}
			if c.Items != len(per) {
				t.Fatalf("class %d has %d items, want %d", c.Class, c.Items, len(per))
			}
			queries += c.Retrieval.Queries
			if want.Queries > 0 {
				mapR = append(mapR, want.MAPAtR)
			}
			if c.Verification.Positives == 0 || c.Verification.Negatives == 0 {
				continue
			}
			v := oracleVerification(scores, same, nil, opt.Verification)
			if d := gocmp.Diff(v, c.Verification, approx); d != "" {
				t.Fatalf("class %d (-oracle +got):\n%s", c.Class, d)
			}
			auc = append(auc, v.ROCAUC)
		}
		if queries != all.Retrieval.Queries {
			t.Errorf("classes average %d queries, all pairs %d", queries, all.Retrieval.Queries)
		}
		if len(auc) > 0 {
			near(t, "macro ROC-AUC", mean.ROCAUC, meanOf(auc), 1e-12)
		} else if mean.EER != 1 {
			t.Errorf("macro EER without any class is %v, want 1", mean.EER)
		}
		if len(mapR) > 0 {
			near(t, "macro MAP@R", mean.MAPAtR, meanOf(mapR), 1e-12)
		}
		finite(t, "ByClass", got)
	}
}

func meanOf(x []float64) (m float64) {
	for _, v := range x {
		m += v / float64(len(x))
	}
	return m
}

// A class with more pairs than a list takes is computed by all goroutines through cells.
func TestByClassLarge(t *testing.T) {
	emb, labels := clusters(4500, 8, 2, 2, 4)
	got, _, err := ByClass(context.Background(), emb, labels, Options{NoRetrieval: true})
	if err != nil {
		t.Fatal(err)
	}
	all, err := AllPairs(context.Background(), emb, labels, Options{NoRetrieval: true})
	if err != nil {
		t.Fatal(err)
	}
	// With two classes both see the same negatives, and their positives make up all positives.
	a, b := got[0].Verification, got[1].Verification
	near(t, "negatives", a.Negatives, all.Verification.Negatives, 0)
	near(t, "positives", a.Positives+b.Positives, all.Verification.Positives, 0)
	joint := (a.ROCAUC*a.Positives + b.ROCAUC*b.Positives) / (a.Positives + b.Positives)
	near(t, "ROC-AUC joined by positives", joint, all.Verification.ROCAUC, 1e-12)
}

func TestByDomainAgainstSubsets(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	ctx := context.Background()
	emb, labels := lattice(rng, 90, InnerProduct)
	domains := make([]int32, len(labels))
	parts := map[int32]part{}
	for i := range domains {
		domains[i] = int32(rng.IntN(3)*5 - 5)
		p := parts[domains[i]]
		p.emb = append(p.emb, emb[i*16:(i+1)*16]...)
		p.labels = append(p.labels, labels[i])
		parts[domains[i]] = p
	}
	opt := Options{Similarity: InnerProduct, PerQuery: true}
	got, mean, err := ByDomain(ctx, emb, labels, domains, opt)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var auc []float64
	for _, q := range []int32{-5, 0, 5} {
		for _, r := range []int32{-5, 0, 5} {
			a, b := parts[q], parts[r]
			want, err := queryReference(ctx, a.emb, a.labels, b.emb, b.labels, opt)
			if q == r {
				want, err = AllPairs(ctx, a.emb, a.labels, opt)
			}
			if err != nil {
				t.Fatal(err)
			}
			d := DomainMetrics{q, r, len(a.labels), len(b.labels), want.Verification, want.Retrieval}
			if diff := gocmp.Diff(d, got[n]); diff != "" {
				t.Errorf("domains %d and %d (-subset +got):\n%s", q, r, diff)
			}
			if q <= r {
				auc = append(auc, want.Verification.ROCAUC)
			}
			n++
		}
	}
	if n != len(got) {
		t.Errorf("%d domain pairs, want %d", len(got), n)
	}
	near(t, "macro ROC-AUC", mean.ROCAUC, meanOf(auc), 1e-12)
	if _, _, err := ByDomain(ctx, emb, labels, domains[1:], opt); err == nil ||
		!strings.Contains(err.Error(), "89 domains") {
		t.Errorf("too few domains: error %v", err)
	}
	emb[5*16+2] = float32(math.NaN())
	if _, _, err := ByDomain(ctx, emb, labels, domains, opt); err == nil || !strings.Contains(err.Error(), "item 5") {
		t.Errorf("NaN: error %v does not name item 5", err)
	}
}

func TestConfusion(t *testing.T) {
	// On a line, by dot product with (1, x): every query is nearest to the largest x of the others' sign.
	ctx := context.Background()
	emb := []float32{1, 0, 2, 0, 0, 1, 0, 2, 3, 1}
	labels := []int32{5, 5, 7, 7, 9}
	r, err := AllPairs(ctx, emb, labels, Options{PerQuery: true})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Confusion(r.Retrieval.PerQuery, labels, labels)
	if err != nil {
		t.Fatal(err)
	}
	want := ConfusionMatrix{Classes: []int32{5, 7, 9}, Counts: [][]int{{2, 0, 0}, {0, 2, 0}, {1, 0, 0}}}
	if d := gocmp.Diff(want, m); d != "" {
		t.Error(d)
	}
	if _, err := Confusion(r.Retrieval.PerQuery, labels[1:], labels); err == nil ||
		!strings.Contains(err.Error(), "4 labels") {
		t.Errorf("lengths: error %v", err)
	}
	if _, err := Confusion([]QueryMetrics{{Nearest: 8}}, labels[:1], labels); err == nil ||
		!strings.Contains(err.Error(), "item 8") {
		t.Errorf("index: error %v", err)
	}
}

func TestHardestAgainstOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	for trial := range 40 {
		emb, labels := lattice(rng, 2+rng.IntN(50), Cosine)
		most := 1 + rng.IntN(30)
		got, err := AllPairs(context.Background(), emb, labels,
			Options{Hardest: most, Workers: 1 + trial%3, NoRetrieval: trial%2 == 0})
		if err != nil {
			t.Fatal(err)
		}
		var neg, pos []ScoredPair
		for a := range labels {
			for b := a + 1; b < len(labels); b++ {
				p := ScoredPair{a, b, oracleScore(emb[a*16:(a+1)*16], emb[b*16:(b+1)*16], Cosine, 1.0/keyMax)}
				if labels[a] == labels[b] {
					pos = append(pos, p)
				} else {
					neg = append(neg, p)
				}
			}
		}
		slices.SortStableFunc(neg, func(a, b ScoredPair) int { return cmp.Compare(b.Score, a.Score) })
		slices.SortStableFunc(pos, func(a, b ScoredPair) int { return cmp.Compare(a.Score, b.Score) })
		if d := gocmp.Diff(neg[:min(most, len(neg))], got.HardNegatives, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("trial %d, negatives (-oracle +got):\n%s", trial, d)
		}
		if d := gocmp.Diff(pos[:min(most, len(pos))], got.HardPositives, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("trial %d, positives (-oracle +got):\n%s", trial, d)
		}
	}
}

func TestCurveAndHistogram(t *testing.T) {
	rng := rand.New(rand.NewPCG(27, 28))
	scores, same := drawPairs(rng, 5000, 4000)
	for _, points := range []int{5, 100} {
		v, err := Verify(scores, same, nil, VerificationOptions{Points: points, Bins: 10})
		if err != nil {
			t.Fatal(err)
		}
		c := v.Curve
		if len(c) < points || len(c) > 4*points+2 {
			t.Errorf("%d points asked for, %d returned", points, len(c))
		}
		first, last := c[0], c[len(c)-1]
		if first.FPR != 0 || first.FNR != 1 || last.FPR != 1 || last.FNR != 0 {
			t.Errorf("the curve runs from %+v to %+v", first, last)
		}
		var area float64
		for i := 1; i < len(c); i++ {
			if c[i].Threshold >= c[i-1].Threshold || c[i].FPR < c[i-1].FPR || c[i].FNR > c[i-1].FNR {
				t.Fatalf("point %d, %+v, does not follow %+v", i, c[i], c[i-1])
			}
			area += (c[i].FPR - c[i-1].FPR) * (1 - (c[i].FNR+c[i-1].FNR)/2)
		}
		near(t, fmt.Sprintf("area under %d points", len(c)), area, v.ROCAUC, 1/float64(points))
		var pos, neg float64
		for i := range 10 {
			pos += v.Histogram.Positives[i]
			neg += v.Histogram.Negatives[i]
		}
		if pos != v.Positives || neg != v.Negatives {
			t.Errorf("the histogram holds %v and %v of %v and %v pairs", pos, neg, v.Positives, v.Negatives)
		}
		h := v.Histogram
		if h.Low != slices.Min(scores) || h.High != slices.Max(scores) {
			t.Errorf("the histogram runs from %v to %v", h.Low, h.High)
		}
	}
	// A frozen threshold and the curve tell the same rates, from lists as from embeddings.
	emb, labels := clusters(400, 8, 4, 1.5, 6)
	r, err := AllPairs(context.Background(), emb, labels,
		Options{NoRetrieval: true, Verification: VerificationOptions{Points: 50, Bins: 7}})
	if err != nil {
		t.Fatal(err)
	}
	var at []float64
	for _, p := range r.Verification.Curve {
		at = append(at, p.Threshold)
	}
	again, err := AllPairs(context.Background(), emb, labels,
		Options{NoRetrieval: true, Verification: VerificationOptions{Thresholds: at}})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range r.Verification.Curve {
		near(t, "FPR of the curve", p.FPR, again.Verification.At[i].FPR(), 1e-12)
		near(t, "FNR of the curve", p.FNR, again.Verification.At[i].FNR(), 1e-12)
	}
}
