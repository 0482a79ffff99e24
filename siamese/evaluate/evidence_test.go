package evaluate

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/siamese/forensic"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// The evidence of all pairs of items, and of the same pairs given, is what loops over them say: with likelihood ratios
// from the model's probability at even odds.
func TestEvidence(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	backend := devicetest.Go(t)
	opt := Options{CostFP: 1, CostFN: 3, Prior: .1, Guarantee: .3, Confidence: .8}
	given, err := pairsOf(t.Context(), backend, m, "pairs", f, val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	labelled := *f
	labelled.Labels = labtest.Toy("p", 4, 20, 9, 0.5, 7).Labels
	var odd, even []int
	for i := range f.N() {
		if i%2 == 1 {
			odd = append(odd, i)
		} else {
			even = append(even, i)
		}
	}
	opt.Details = true
	of, err := itemsOf(t.Context(), backend, m, "items", labelled.Select(even), labelled.Select(odd), opt)
	if err != nil {
		t.Fatal(err)
	}
	z := toymodel.Embed(t, m, backend, &labelled)
	var bits, wrong, all, missed [2]float64
	threshold := .9 / .1 / 3 // of the likelihood ratio
	for k := range test.Len() {
		cosine := z.Cosine(int(test.Left[k]), int(test.Right[k]))
		p, err := m.Probability(cosine, .5)
		if err != nil {
			t.Fatal(err)
		}
		kind, ratio := int(test.Label[k]), p/(1-p)
		all[kind]++
		if kind == 1 {
			bits[1] += math.Log2(1 + 1/ratio)
		} else {
			bits[0] += math.Log2(1 + ratio)
		}
		if (ratio >= threshold) != (kind == 1) {
			wrong[kind]++
		}
		for rate, g := range given.Evidence.Guarantees { // FNR, then FPR
			if g.Threshold != nil && kind == 1-rate && (cosine < *g.Threshold) == (rate == 0) {
				missed[rate]++
			}
		}
	}
	cllr := (bits[0]/all[0] + bits[1]/all[1]) / 2
	cost := (.1*3*wrong[1]/all[1] + .9*wrong[0]/all[0]) / .3
	for name, e := range map[string]*forensic.Evidence{"pairs": given.Evidence, "items": of.Evidence} {
		if !labtest.Near(e.Values[forensic.Cllr], cllr, 1e-6) || !labtest.Near(e.Values[forensic.ActualCost], cost, 1e-6) {
			t.Errorf("%s: %v, want a Cllr of %v and a cost of %v", name, e.Values, cllr, cost)
		}
		if e.Same != 19 && e.Same != 20 || e.Different != 19 && e.Different != 20 || e.Bounds == nil ||
			!e.Intervals[forensic.Cllr].Holds(cllr) {
			t.Errorf("%s: %+v, want 20 independent pairs of each kind, bounds and intervals", name, e)
		}
		if e.Rates[0].Bound == nil || e.Rates[0].Value > *e.Rates[0].Bound {
			t.Errorf("%s: 20 pairs support %v", name, e.Rates[0])
		}
		if eer := e.Rates[2]; eer.Name != forensic.EER || eer.Pairs != min(e.Same, e.Different) || eer.Bound == nil {
			t.Errorf("%s: %v of %d pairs", name, eer, eer.Pairs)
		}
	}
	// Details have the FNRs at given FPRs of the trained encoder, with what as many independent pairs say.
	for k, p := range of.Details.Of[0].FNRAtFPR {
		r := of.Evidence.Rates[3+k]
		if r.Name != fmt.Sprintf("FNR at FPR %g", p.Want) || r.Value != p.FNR || r.Pairs != of.Evidence.Same || r.At == nil ||
			r.At.Value != p.FPR || r.At.Pairs != of.Evidence.Different || r.At.Bound == nil || *r.At.Bound <= p.FPR {
			t.Errorf("rate %d: %v at %v, want %+v", 3+k, r, r.At, p)
		}
	}
	if n := len(of.Details.Of[0].FNRAtFPR); n == 0 || len(of.Evidence.Rates) != 3+n || len(given.Evidence.Rates) != 3 {
		t.Errorf("rates at %d FPRs: %v, of pairs %v", n, of.Evidence.Rates, given.Evidence.Rates)
	}
	near := cmpopts.EquateApprox(0, 1e-6)
	if d := cmp.Diff(given.Evidence.Values, of.Evidence.Values, near); d != "" {
		t.Errorf("pairs and items:\n%s", d)
	}
	// Of items also for other classes, for which four classes are too few.
	if gs := of.Evidence.Guarantees; len(gs) != 4 || gs[0].Threshold == nil || gs[2].Threshold != nil ||
		gs[2].Unit != forensic.Classes || gs[2].Pairs != 4 || gs[3].Pairs != 2 || gs[3].Most != .3 {
		t.Errorf("guarantees of items: %v", gs)
	}
	for rate, g := range given.Evidence.Guarantees {
		if g.Threshold == nil || !labtest.Near(*g.Test, missed[rate]/all[1-rate], 1e-12) {
			t.Errorf("%v: %v on test, want %v", g, g.Test, missed[rate]/all[1-rate])
		}
	}
	if of.Evidence.Curves == nil || given.Evidence.Curves != nil {
		t.Error("curves are not there with details, or without")
	}
	raw, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	var back report.Report
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(of.Evidence, back.Evidence); d != "" || back.Check() != nil {
		t.Errorf("through JSON (%v):\n%s", back.Check(), d)
	}
	back.Evidence.Curves.Histogram.Positives = nil
	if back.Check() == nil {
		t.Error("a histogram without bins is taken")
	}
	if text := of.String(); !strings.Contains(text, "Cllr") || !strings.Contains(text, "guaranteed: FNR at most 0.3") {
		t.Errorf("the text of the report lacks the evidence:\n%s", text)
	}
	// The threshold of least cost is that at the prior.
	for _, d := range of.Details.Of[0].Thresholds {
		if !strings.HasPrefix(d.Name, "least cost") {
			continue
		}
		least, at := math.Inf(1), .3*d.Validation.FNR+.9*d.Validation.FPR
		for _, i := range even {
			for _, j := range even {
				if i == j {
					continue
				}
				var missed, called, same, different float64
				for _, a := range even {
					for _, b := range even {
						switch over := z.Cosine(a, b) >= z.Cosine(i, j); {
						case a >= b:
						case labelled.Labels[a] == labelled.Labels[b]:
							same++
							if !over {
								missed++
							}
						default:
							different++
							if over {
								called++
							}
						}
					}
				}
				least = min(least, .3*missed/same+.9*called/different)
			}
		}
		if at > least+1e-9 {
			t.Errorf("%s costs %v on validation items, least is %v", d.Name, at, least)
		}
		return
	}
	t.Error("there is no threshold of least cost")
}

// Labels that mean the opposite are told of, and right ones are not.
func TestExchangedLabelsAreTold(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	backend := devicetest.Go(t)
	for _, exchanged := range []bool{false, true} {
		if exchanged {
			for _, p := range []pairs.Pairs{val, test} {
				for k, label := range p.Label {
					p.Label[k] = 1 - label
				}
			}
		}
		rep, err := pairsOf(t.Context(), backend, m, "pairs", f, val, test, Options{NoIntervals: true})
		if err != nil {
			t.Fatal(err)
		}
		told := slices.ContainsFunc(rep.Warnings, func(w string) bool { return strings.Contains(w, "exchanged") })
		if told != exchanged {
			t.Errorf("exchanged %v, ROC-AUC of the features %v: told %v", exchanged, rep.Baseline.Values[stats.ROCAUC], told)
		}
	}
}

func TestEvidenceOptions(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	backend := devicetest.Go(t)
	_, err := pairsOf(t.Context(), backend, m, "pairs", f, val, test,
		Options{Prior: 1, Guarantee: -1, CostFP: math.Inf(1), NoIntervals: true})
	labtest.WantOptions(t, err, "Prior", "Guarantee", "CostFP")
	rep, err := pairsOf(t.Context(), backend, m, "pairs", f, val, test, Options{NoIntervals: true})
	if err != nil {
		t.Fatal(err)
	}
	if e := rep.Evidence; e.Intervals != nil || e.Costs != (forensic.Costs{Prior: .5, FP: 1, FN: 1}) ||
		e.Guarantees[0].Most != .05 || e.Guarantees[0].Confidence != .95 {
		t.Errorf("by default: %+v", e)
	}
	m.Calibration = nil
	if rep, err = pairsOf(t.Context(), backend, m, "pairs", f, val, test, Options{NoIntervals: true}); err != nil {
		t.Fatal(err)
	}
	if e := rep.Evidence; len(e.Values) != 2 || e.Bounds != nil || rep.Probabilities != nil {
		t.Errorf("without a calibration: %+v", e)
	}
	test.Label = make([]float32, len(test.Label))
	if rep, err = pairsOf(t.Context(), backend, m, "pairs", f, val, test, Options{NoIntervals: true}); err != nil ||
		rep.Evidence != nil {
		t.Errorf("pairs of one kind: %+v, %v", rep.Evidence, err)
	}
}
