package stats

import "slices"

// slopes are the derivatives of one metric by the weight of a positive and of a negative pair, by bin of its score.
type slopes struct{ pos, neg []float64 }

// gradient returns the slopes of every metric over pairs at a histogram with positives and negatives.
//
// With P and N the weights of positives and negatives, TP and FP those at or above a score, all over bins:
//
//	ROC-AUC   positive (V - AUC)/P, negative (U - AUC)/N  V, U: placement values (DeLong et al. 1988)
//	accuracy  positive (accepted - TPR)/2P, negative (rejected - TNR)/2N
//	FPR       negative (accepted - FPR)/N                      FNR: positive (rejected - FNR)/P
//	EER       (f- dFNR + f+ dFPR) / (f+ + f-)              f+, f-: densities of both kinds where the rates cross
//	AP        positive (precision - AP)/P + sum over lower scores of (share of positives)(1 - precision)/(TP+FP),
//	          negative minus the sum over lower scores of (share of positives) precision/(TP+FP)
func (h *histogram) gradient(cut int) (g [numPairMetrics]slopes) {
	bins := len(h.pos)
	for i := range g {
		g[i] = slopes{make([]float64, bins), make([]float64, bins)}
	}
	pos, neg := h.totals()
	f, _ := h.metrics(cut)
	h.crossing(f[eer], pos, neg, g[eer])
	// From the top: weights at or above a bin.
	var tp, fp float64
	precision := make([]float64, bins)
	accepted := make([]float64, bins)
	tpr, fpr := 0.0, 0.0
	for b := bins - 1; b >= 0; b-- {
		wp, wn := float64(h.pos[b]), float64(h.neg[b])
		g[rocAUC].pos[b] = ((neg-fp-wn/2)/neg - f[rocAUC]) / pos
		g[rocAUC].neg[b] = ((tp+wp/2)/pos - f[rocAUC]) / neg
		tp, fp = tp+wp, fp+wn
		if accepted[b] = tp + fp; accepted[b] > 0 {
			precision[b] = tp / accepted[b]
		}
		if b == cut {
			tpr, fpr = tp/pos, fp/neg
		}
	}
	// From the bottom: the effect of a pair on the precision of positives at or below it.
	var gain, loss float64
	for b := range bins {
		if w := float64(h.pos[b]); w > 0 {
			gain += w / pos * (1 - precision[b]) / accepted[b]
			loss += w / pos * precision[b] / accepted[b]
		}
		g[averagePrecision].pos[b] = (precision[b]-f[averagePrecision])/pos + gain
		g[averagePrecision].neg[b] = -loss
		yes, no := 0.0, 1.0
		if b >= cut {
			yes, no = 1, 0
		}
		g[accuracy].pos[b] = (yes - tpr) / 2 / pos
		g[accuracy].neg[b] = (no - (1 - fpr)) / 2 / neg
		g[falsePositives].neg[b] = (yes - fpr) / neg
		g[falseNegatives].pos[b] = (no - (1 - tpr)) / pos
	}
	return g
}

// crossing fills the slopes of the EER. Densities are taken between the scores at which a rate is a fifth below and a
// fifth above the EER: wide enough to be smooth, and centred on the crossing.
func (h *histogram) crossing(rate, pos, neg float64, s slopes) {
	const part = .2
	tp, fp := fromTop(h.pos), fromTop(h.neg)
	density := func(weights []uint64, from, to float64) float64 {
		return 2 * part * rate / max(1e-9, quantile(weights, to)-quantile(weights, from))
	}
	posDensity := density(tp, pos*(1-rate*(1+part)), pos*(1-rate*(1-part)))
	negDensity := density(fp, neg*rate*(1-part), neg*rate*(1+part))
	a, b := .5, .5
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

// fromTop returns weights in falling order of bins.
func fromTop(weights []uint64) []uint64 {
	out := slices.Clone(weights)
	slices.Reverse(out)
	return out
}

// quantile returns the number of bins, with a fraction of the last one, that hold this weight.
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
