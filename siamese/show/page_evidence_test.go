package show

import (
	"math"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/forensic"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// evidenceOf returns the evidence of 40 pairs, with every part.
func evidenceOf() *forensic.Evidence {
	var pairs stats.LabelledPairs
	var llr []float64
	for k := range int32(40) {
		pairs.Left, pairs.Right = append(pairs.Left, 2*k), append(pairs.Right, 2*k+1)
		pairs.Label = append(pairs.Label, float32(k%2))
		llr = append(llr, float64(k%2)*2-1+float64(k%7-3)/2)
	}
	e, err := forensic.Measure(pairs, llr, forensic.Options{Costs: forensic.Costs{Prior: .25, FP: 1, FN: 2}, Same: 20,
		Different: 20, Confidence: .95, Curves: true})
	if err != nil {
		panic(err)
	}
	at, fnr := forensic.NewRate(forensic.FPR, .01, 20, .95), forensic.NewRate("FNR at FPR 0.01", .5, 400, .95)
	fnr.At = &at
	low, measured := -.125, .0625
	e.Rates = []forensic.Rate{forensic.NewRate(forensic.FPR, .1, 20, .95), forensic.NewRate(forensic.FNR, .25, 400, .95),
		fnr}
	e.Guarantees = []forensic.Guarantee{
		{Rate: forensic.FNR, Unit: forensic.Items, Most: .05, Confidence: .95, Pairs: 90, Needed: 59, Threshold: &low,
			Test: &measured},
		{Rate: forensic.FPR, Unit: forensic.Classes, Most: .05, Confidence: .95, Pairs: 5, Needed: 59}}
	return e
}

// The section has every measure with its interval, rates as bounds where they are not supported, thresholds or how many
// pairs they lack, and four plots whose numbers stand in their texts too.
func TestEvidence(t *testing.T) {
	r := full()
	r.Probabilities = nil
	out, err := ReliabilityOutputs(r)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	pictures := 0
	for _, o := range out {
		text.WriteString(o.Text + "\n")
		if o.PNG != nil {
			pictures++
			has(t, o.SVG, "<svg")
		}
	}
	if pictures != 2 {
		t.Errorf("%d pictures, want two of two plots", pictures)
	}
	for _, c := range forensic.Registry() {
		has(t, text.String(), c.Name, rate(r.Evidence.Values[c.Key]))
	}
	has(t, text.String(), "at most "+rate(*r.Evidence.Rates[0].Bound),
		"where the FPR is at most "+rate(*r.Evidence.Rates[2].At.Bound), "-0.125", "too few pairs", "0.0625", "classes like",
		"Tippett", "cross-entropy")
	content, err := PageHTML(PageOptions{}, r)
	if err != nil {
		t.Fatal(err)
	}
	has(t, content, "Strength of the evidence", "Thresholds with a guarantee")
	// Without details there are tables only; infinite LLRs are said.
	r.Evidence.Curves, r.Evidence.Infinite = nil, []string{forensic.Cllr}
	delete(r.Evidence.Values, forensic.Cllr)
	s, err := evidence(r.Evidence)
	if err != nil || len(s.Drawings) != 0 || s.Tables[0].Rows[0][1].Text != "infinite" {
		t.Errorf("%d pictures, first row %v, %v", len(s.Drawings), s.Tables[0].Rows[0], err)
	}
	r.Evidence.Rates[0].Value = math.NaN()
	if _, err := ReliabilityOutputs(r); err == nil {
		t.Error("a rate that is NaN is shown")
	}
	if _, err := ReliabilityOutputs(&report.Report{Name: "old"}); err == nil {
		t.Error("a report without evidence is shown")
	}
}
