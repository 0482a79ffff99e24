package stats

import (
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
)

// EER is the key of the error rate at the threshold where FPR = FNR.
const EER = "eer"

// eerMetric needs no threshold chosen beforehand, as it takes the one where both error rates meet on the same pairs.
// 0.5 is chance, 0 is best.
var eerMetric = Metric{
	Key: EER, Name: "EER", Better: -1, Narrow: true,
	Value:  func(r *metric.Result) float64 { return r.Verification.EER },
	Error:  func(e *metric.StandardErrors) float64 { return e.EER },
	binned: eerOf, slopes: crossing,
}

// eerOf returns the crossing of FNR and FPR, interpolated between the ROC points before and after it. At the top FNR is
// 1 and FPR 0, and at the bottom it is the other way round, so they cross; empty bins are no points. It stops there.
func eerOf(c *curve) float64 {
	for b := len(c.pos) - 1; b >= 0; b-- {
		if c.pos[b]+c.neg[b] == 0 {
			continue
		}
		before, above := 1-c.tp[b+1]/c.p, c.fp[b+1]/c.n // FNR and FPR
		if fnr, fpr := 1-c.tp[b]/c.p, c.fp[b]/c.n; fnr <= fpr {
			x := (before - above) / (before - above - fnr + fpr)
			return above + x*(fpr-above)
		}
	}
	return 0
}

// crossing fills in the slopes of the EER rate, (f- dFNR + f+ dFPR) / (f+ + f-) with the densities f+ and f- of both
// kinds where the rates cross. Densities are taken between the scores at which a rate is a fifth below and a fifth
// above the EER: wide enough to be smooth, and centred on the crossing.
func crossing(h *curve, rate float64, s slopes) {
	pos, neg := h.p, h.n
	const part = .2
	tp, fp := fromTop(h.pos), fromTop(h.neg)
	// Between the two quantiles the rate moves by 2 part rate. 1e-9 avoids dividing by 0 if they are one place.
	density := func(weights []uint64, from, to float64) float64 {
		return 2 * part * rate / max(1e-9, quantile(weights, to)-quantile(weights, from))
	}
	posDensity := density(tp, pos*(1-rate*(1+part)), pos*(1-rate*(1-part)))
	negDensity := density(fp, neg*rate*(1-part), neg*rate*(1+part))
	a, b := .5, .5 // at a rate of 0 there are no densities to weigh by
	if sum := posDensity + negDensity; sum > 0 {
		a, b = negDensity/sum, posDensity/sum
	}
	at := float64(len(h.pos)) - quantile(fp, neg*rate) // the crossing, in bins from the bottom
	for i := range h.pos {
		below := min(1, max(0, at-float64(i))) // share of the bin below the crossing
		s.pos[i] = a * (below - rate) / pos
		s.neg[i] = b * (1 - below - rate) / neg
	}
}

// fromTop returns a copy of weights in falling order of bins.
func fromTop(weights []uint64) []uint64 {
	out := slices.Clone(weights)
	slices.Reverse(out)
	return out
}

// quantile returns the number of bins, with a fraction of the last one, that hold the weight want, from the first bin
// on; all bins if they hold less.
func quantile(weights []uint64, want float64) float64 {
	sum := 0.0
	for b, w := range weights {
		next := sum + float64(w)
		if next >= want && w > 0 {
			return float64(b) + max(0, want-sum)/float64(w)
		}
		sum = next
	}
	return float64(len(weights))
}
