package metric

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Over many seeds estimates must scatter around the exact figure as their standard errors say.
func TestEstimateCoversTheExactFigure(t *testing.T) {
	ctx := context.Background()
	emb, labels := clusters(2000, 12, 8, 1.7, 9)
	exact, err := AllPairs(ctx, emb, labels, Options{})
	if err != nil {
		t.Fatal(err)
	}
	figures := map[string]func(Result) float64{
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
		for name, f := range figures {
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
	if d := cmp.Diff(a, b); d != "" {
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
	if _, err := EstimatePairs(ctx, emb, labels, EstimateOptions{Queries: 100}); err == nil || !strings.Contains(err.Error(), "item 1 ") {
		t.Errorf("infinite: error %v", err)
	}
}
