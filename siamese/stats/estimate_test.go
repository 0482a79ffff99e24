package stats

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/go-siamese/lab/siamese/metric"
)

// Metrics and errors are those of the estimate, each in its place; intervals are Student's, and those of a difference
// come from how both differ batch by batch.
func TestSampledMetrics(t *testing.T) {
	a, labels := simulated(60, 5, 6, 1.2, 1, 2)
	b, _ := simulated(60, 5, 6, 1.4, 1, 3)
	estimate := func(emb []float32, queries int, threshold ...float64) *metric.Estimate {
		e, err := metric.EstimatePairs(t.Context(), emb, labels, metric.EstimateOptions{Queries: queries, Seed: 4,
			Options: metric.Options{Ks: []int{1, 3}, Verification: metric.VerificationOptions{Thresholds: threshold}}})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	one, other := estimate(a, 100, .3), estimate(b, 100, .4)
	fa, err := SampledMetrics("a", one, 5, .9)
	if err != nil {
		t.Fatal(err)
	}
	v, e := one.Verification, one.Errors
	recall, _ := one.Retrieval.Recall(1)
	values := []float64{v.ROCAUC, v.EER, v.Natural.AveragePrecision, v.At[0].BalancedAccuracy(), v.At[0].FPR(),
		v.At[0].FNR(), one.Retrieval.MAPAtR, recall, one.Retrieval.RPrecision}
	errs := []float64{e.ROCAUC, e.EER, e.AveragePrecision, e.At[0].BalancedAccuracy, e.At[0].FPR, e.At[0].FNR, e.MAPAtR,
		e.RecallAt[0].Value, e.RPrecision}
	student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: 19}
	for f, x := range fa.list() {
		near(t, registry[f].Name, x.Value, values[f], 0)
		near(t, registry[f].Name+" error", x.StandardError, errs[f], 0)
		// On the scale of log odds: half is t times the error by the slope of the log odds.
		p, half := values[f], student.Quantile(.95)*errs[f]/(values[f]*(1-values[f]))
		near(t, registry[f].Name+" low", x.Low, 1/(1+(1-p)/p*math.Exp(half)), 1e-12)
		near(t, registry[f].Name+" high", x.High, 1/(1+(1-p)/p*math.Exp(-half)), 1e-12)
		if x.Method != "queries" || x.Confidence != .9 || errs[f] == 0 {
			t.Errorf("%s: %+v", registry[f].Name, x)
		}
	}
	if fa.By != ByQuery || fa.Items != 300 || fa.Classes != 5 || fa.Runs != 1 {
		t.Errorf("%+v", fa)
	}
	c, err := CompareSampled("a", one, "b", other, 0)
	if err != nil {
		t.Fatal(err)
	}
	apart, err := other.DifferenceErrors(one)
	if err != nil {
		t.Fatal(err)
	}
	d := c.Differences[MAPAtR]
	near(t, "difference", d.Value, other.Retrieval.MAPAtR-one.Retrieval.MAPAtR, 0)
	near(t, "error", d.StandardError, apart.MAPAtR, 0)
	near(t, "low", d.Low, d.Value-student.Quantile(.975)*apart.MAPAtR, 1e-12)
	near(t, "p", d.P, 2*student.CDF(-math.Abs(d.Value)/apart.MAPAtR), 1e-12)
	if d.A != fa.Estimates[MAPAtR].Value || d.Test != "t" || d.Adjusted != d.P || c.By != ByQuery ||
		(d.P < .05) == d.Holds(0) {
		t.Errorf("%+v", c)
	}
	itself, err := CompareSampled("a", one, "a", one, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d := itself.Differences[ROCAUC]; d.Value != 0 || d.Low != -1 || d.High != 1 || d.P != 1 ||
		d.Method != "undefined" {
		t.Errorf("with itself: %+v", d)
	}
	for want, e := range map[string]*metric.Estimate{"0 thresholds": estimate(a, 100),
		"fewer queries than items": estimate(a, 300, .3)} {
		if _, err := SampledMetrics("a", e, 5, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if _, err := CompareSampled("a", e, "a", e, 0); err == nil {
			t.Errorf("%s: no error", want)
		}
	}
	if _, err := SampledMetrics("a", one, 5, 3); err == nil || !strings.Contains(err.Error(), "confidence is 3") {
		t.Errorf("confidence: %v", err)
	}
	if _, err := CompareSampled("a", one, "b", estimate(b, 120, .3), 0); err == nil ||
		!strings.Contains(err.Error(), "want as many") {
		t.Errorf("other queries: %v", err)
	}
}

func TestUnitOf(t *testing.T) {
	for unit, want := range map[Unit]string{ByItem: "other items of", ByClass: "other classes",
		ByQuery: "not for other items"} {
		if !strings.Contains(unit.Of(), want) {
			t.Errorf("%s: %q", unit, unit.Of())
		}
	}
}
