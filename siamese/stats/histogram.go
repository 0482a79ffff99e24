package stats

// The metrics of this package, as indices of its arrays; those over pairs come first.
const (
	rocAUC = iota
	eer
	averagePrecision
	accuracy
	falsePositives // FPR at the frozen threshold
	falseNegatives // FNR there
	numPairMetrics // number of those over pairs

	mapAtR     = numPairMetrics
	recallAt1  = numPairMetrics + 1
	numMetrics = numPairMetrics + 2 // number of metrics
)

// histogram is the weight of pairs by bin of their score, in rising order.
type histogram struct{ pos, neg []uint64 }

func newHistogram(bins int) *histogram {
	return &histogram{make([]uint64, bins), make([]uint64, bins)}
}

func (h *histogram) clear() {
	clear(h.pos)
	clear(h.neg)
}

func (h *histogram) totals() (pos, neg float64) {
	var p, n uint64
	for b := range h.pos {
		p, n = p+h.pos[b], n+h.neg[b]
	}
	return float64(p), float64(n)
}

// metrics returns the metrics over pairs as package metric defines them, pairs of one bin being ties; cut is the
// first bin at or above the frozen threshold. ok is false without positives or without negatives.
func (h *histogram) metrics(cut int) (f [numPairMetrics]float64, ok bool) {
	pos, neg := h.totals()
	if pos == 0 || neg == 0 {
		return f, false
	}
	var tp, fp, auc, ap float64
	crossed := false
	for b := len(h.pos) - 1; b >= 0; b-- {
		if wp, wn := float64(h.pos[b]), float64(h.neg[b]); wp+wn > 0 {
			auc += wn * (tp + wp/2)
			before, above := 1-tp/pos, fp/neg // FNR and FPR
			tp, fp = tp+wp, fp+wn
			if fnr, fpr := 1-tp/pos, fp/neg; !crossed && fnr <= fpr {
				x := (before - above) / (before - above - fnr + fpr)
				f[eer] = above + x*(fpr-above)
				crossed = true
			}
			ap += wp * tp / (tp + fp)
		}
		if b == cut {
			f[falsePositives], f[falseNegatives] = fp/neg, max(0, 1-tp/pos)
			f[accuracy] = (tp/pos + 1 - fp/neg) / 2
		}
	}
	if cut >= len(h.pos) {
		f[accuracy], f[falseNegatives] = .5, 1 // nothing is accepted
	}
	f[rocAUC], f[averagePrecision] = min(1, auc/pos/neg), min(1, ap/pos)
	return f, true
}
