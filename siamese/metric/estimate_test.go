package metric

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Over many seeds differences of estimates with the same queries must scatter around the exact difference as their
// standard errors say, which are smaller than those of independent estimates; and so must what a threshold does.
func TestDifferenceErrors(t *testing.T) {
	ctx := context.Background()
	a, labels := clusters(1500, 12, 8, 1.7, 9)
	b := append([]float32(nil), a...) // much like a, and a little worse
	rng := rand.New(rand.NewPCG(4, 4))
	for i := range b {
		b[i] += float32(.6 * rng.NormFloat64())
	}
	opt := Options{Verification: VerificationOptions{Thresholds: []float64{.4}}}
	exact := func(emb []float32) []float64 {
		r, err := AllPairs(ctx, emb, labels, opt)
		if err != nil {
			t.Fatal(err)
		}
		f := metricsOf(r, opt)
		return f.list()
	}
	one, other := exact(a), exact(b)
	const seeds = 40
	difference, alone := make([]float64, len(one)), make([]float64, len(one))
	for seed := range uint64(seeds) {
		estimate := func(emb []float32) *Estimate {
			e, err := EstimatePairs(ctx, emb, labels, EstimateOptions{Options: opt, Queries: 200, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		ea, eb := estimate(a), estimate(b)
		errs, err := eb.DifferenceErrors(ea)
		if err != nil {
			t.Fatal(err)
		}
		if ea.Batches() != 20 || !(errs.MAPAtR < math.Hypot(ea.Errors.MAPAtR, eb.Errors.MAPAtR)) || errs.MAPAtR == 0 {
			t.Fatalf("%d batches, standard errors %+v of %+v and %+v", ea.Batches(), errs, ea.Errors, eb.Errors)
		}
		fa, fb := metricsOf(&ea.Result, opt), metricsOf(&eb.Result, opt)
		of := func(e StandardErrors) []float64 {
			return (&batchMetrics{StandardErrors: e, pairs: true, queries: true}).list()
		}
		la, lb, se, sa := fa.list(), fb.list(), of(errs), of(ea.Errors)
		for k := range la {
			z := (lb[k] - la[k] - (other[k] - one[k])) / se[k]
			difference[k] += z * z / seeds
			z = (la[k] - one[k]) / sa[k]
			alone[k] += z * z / seeds
		}
	}
	for k := range difference { // bounds as below; the best accuracy of a batch lies above that of all
		if k != 4 && (difference[k] < .4 || difference[k] > 2.2 || alone[k] < .4 || alone[k] > 2.2) {
			t.Errorf("metric %d: squared deviations are %v (difference) and %v times what their standard errors say", k,
				difference[k], alone[k])
		}
	}
	all, err := EstimatePairs(ctx, a, labels, EstimateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d, err := all.DifferenceErrors(all); err != nil || d.MAPAtR != 0 || all.Batches() != 0 {
		t.Errorf("of all queries: %+v, %v", d, err)
	}
	few, err := EstimatePairs(ctx, a, labels, EstimateOptions{Queries: 100})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := few.DifferenceErrors(all); err == nil ||
		!strings.Contains(err.Error(), "from 100 of 1500 in 20: want as many") {
		t.Errorf("other queries: %v", err)
	}
	more, err := EstimatePairs(ctx, a, labels, EstimateOptions{Queries: 100, Options: opt})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := few.DifferenceErrors(more); err == nil || !strings.Contains(err.Error(), "want the same thresholds") {
		t.Errorf("other thresholds: %v", err)
	}
}

// Over many seeds estimates must scatter around the exact metric as their standard errors say.
func TestEstimateCoversTheExactMetric(t *testing.T) {
	ctx := context.Background()
	emb, labels := clusters(2000, 12, 8, 1.7, 9)
	exact, err := AllPairs(ctx, emb, labels, Options{})
	if err != nil {
		t.Fatal(err)
	}
	metrics := map[string]func(Result) float64{
		"ROC-AUC":           func(r Result) float64 { return r.Verification.ROCAUC },
		"EER":               func(r Result) float64 { return r.Verification.EER },
		"average precision": func(r Result) float64 { return r.Verification.Natural.AveragePrecision },
		"MAP@R":             func(r Result) float64 { return r.Retrieval.MAPAtR },
		"MRR":               func(r Result) float64 { return r.Retrieval.MRR },
	}
	errorOf := map[string]func(StandardErrors) float64{
		"ROC-AUC":           func(e StandardErrors) float64 { return e.ROCAUC },
		"EER":               func(e StandardErrors) float64 { return e.EER },
		"average precision": func(e StandardErrors) float64 { return e.AveragePrecision },
		"MAP@R":             func(e StandardErrors) float64 { return e.MAPAtR },
		"MRR":               func(e StandardErrors) float64 { return e.MRR },
	}
	const seeds = 40
	off := map[string]float64{}
	for seed := range uint64(seeds) {
		e, err := EstimatePairs(ctx, emb, labels, EstimateOptions{Queries: 240, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		if e.Sampled != 240 || e.Retrieval.Queries != 240 {
			t.Fatalf("%d sampled, %d averaged, want 240", e.Sampled, e.Retrieval.Queries)
		}
		for name, f := range metrics {
			se := errorOf[name](e.Errors)
			if se <= 0 {
				t.Fatalf("%s: standard error %v", name, se)
			}
			z := (f(e.Result) - f(*exact)) / se
			off[name] += z * z / seeds
		}
	}
	for name, z := range off {
		// The mean of 40 squared t values of 19 degrees of freedom is 1.1 with a standard deviation of about .28.
		if z < .4 || z > 2.2 {
			t.Errorf("%s: squared deviations are %v times what their standard errors say", name, z)
		}
	}
}

func TestEstimate(t *testing.T) {
	ctx := context.Background()
	emb, labels := clusters(500, 6, 4, 1, 1)
	a, err := EstimatePairs(ctx, emb, labels, EstimateOptions{Queries: 100, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	b, err := EstimatePairs(ctx, emb, labels, EstimateOptions{Queries: 100, Seed: 3, Options: Options{Workers: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, b, cmp.AllowUnexported(Estimate{}, batchMetrics{})); d != "" {
		t.Errorf("the same seed gives another estimate:\n%s", d)
	}
	finite(t, "estimate", a)
	all, err := EstimatePairs(ctx, emb, labels, EstimateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	exact, err := AllPairs(ctx, emb, labels, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(*exact, all.Result); d != "" || all.Errors.ROCAUC != 0 {
		t.Errorf("more queries than items: errors %+v, difference\n%s", all.Errors, d)
	}
	// Nearly all classes have one item: most batches hold no positive.
	lone := make([]int32, 500)
	for i := range lone {
		lone[i] = int32(max(1, i))
	}
	e, err := EstimatePairs(ctx, emb, lone, EstimateOptions{Queries: 40, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	finite(t, "lone queries", e)
	if !e.Warnings.Has(NoError) {
		t.Errorf("warnings %q lack %s", e.AllWarnings().Strings(), NoError)
	}
	for _, c := range []struct {
		opt  EstimateOptions
		want string
	}{
		{EstimateOptions{Queries: -1}, "Queries -1"},
		{EstimateOptions{Batches: 1}, "Batches 1"},
		{EstimateOptions{Queries: 30}, "two a batch"},
		{EstimateOptions{Options: Options{Ks: []int{-1}}}, "Ks[0]"},
	} {
		if _, err := EstimatePairs(ctx, emb, labels, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v does not name %q", c.opt, err, c.want)
		}
	}
	emb[7] = float32(math.Inf(1))
	if _, err := EstimatePairs(ctx, emb, labels, EstimateOptions{Queries: 100}); err == nil ||
		!strings.Contains(err.Error(), "item 1 ") {
		t.Errorf("infinite: error %v", err)
	}
}
