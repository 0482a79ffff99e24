package stats

import (
	"context"
	"math"

	"github.com/go-siamese/lab/siamese/metric"
)

// pairBins holds the scores of all pairs of items in bins of equal width. One edge is the frozen threshold, so the
// metrics there are exact. The error of the others cancels because only their changes are used.
//
// Bins replace scores because a resample visits every pair: two bytes a pair are half of a float32 score, and
// counting needs no sort. It is read by several goroutines after count.
type pairBins struct {
	rows        *metric.Rows
	n           int        // number of items
	bins, cut   int        // cut: the first bin at or above the threshold; bins if no score is
	edge        int        // the bin that begins at from: cut, or 0 if the threshold is outside the scores
	from, scale float64    // lower edge of bin edge; bins per unit of score
	all         *histogram // of all pairs, each once
	upper       [][]uint16 // by place: bins of the pairs with all later places; nil without resamples
	begin, last []int      // by place: range of its class
}

// newPairBins returns the bins for scores in [low, high]: 1,024 of them up to 512 items, 8,192 beyond.
func newPairBins(rows *metric.Rows, low, high, threshold float64) *pairBins {
	p := &pairBins{rows: rows, n: rows.N(), bins: 1024, from: low, scale: 1}
	if p.n > 512 {
		p.bins = 8192
	}
	if high > low {
		p.scale = float64(p.bins-2) / (high - low) // the threshold as an edge may take a bin more
	}
	// Bins are counted from the threshold, if it is among the scores.
	switch {
	case threshold > high:
		p.cut = p.bins
	case threshold > low:
		p.from, p.cut = threshold, int(math.Ceil((threshold-low)*p.scale))
		p.edge = p.cut
	}
	for place := range p.n {
		a, b := rows.Class(place)
		p.begin, p.last = append(p.begin, a), append(p.last, b)
	}
	return p
}

// bin returns the bin of a score. Scores beyond the range, by rounding, go to the first or last bin. Measuring from the
// threshold puts a score equal to it into bin cut exactly, which low + k/scale would not.
func (p *pairBins) bin(score float32) int {
	b := p.edge + int(math.Floor((float64(score)-p.from)*p.scale))
	return min(p.bins-1, max(0, b))
}

// count fills all, and upper if keep is set, in one pass over the pairs. The error is the context's.
func (p *pairBins) count(ctx context.Context, keep bool, workers int, progress func(float64)) error {
	counts := make([]*histogram, workers)
	if keep {
		p.upper = make([][]uint16, p.n)
	}
	err := p.rows.Sweep(ctx, workers, progress, func(w, i int, scores []float32) {
		if counts[w] == nil {
			counts[w] = newHistogram(p.bins)
		}
		h := counts[w]
		var kept []uint16
		if keep {
			kept = make([]uint16, 0, p.n-i-1)
		}
		for j := i + 1; j < p.n; j++ {
			b := p.bin(scores[j])
			if j < p.last[i] {
				h.pos[b]++
			} else {
				h.neg[b]++
			}
			if keep {
				kept = append(kept, uint16(b))
			}
		}
		if keep {
			p.upper[i] = kept
		}
	})
	p.all = newHistogram(p.bins)
	for _, h := range counts {
		if h != nil {
			for b := range h.pos {
				p.all.pos[b] += h.pos[b]
				p.all.neg[b] += h.neg[b]
			}
		}
	}
	return err
}

// drawn is a place with the number of times it was drawn.
type drawn struct {
	place  int32
	weight uint32
}

// resample counts the pairs of drawn items into h. A pair of items drawn m and n times counts m x n times, and an item
// forms no pair with its own copies (Snijders and Borgatti 1999), whose similarity of 1 means nothing.
//
// By classes, all items of a class have its weight m. Its copies are m separate classes: pairs within it count m
// times, and there are none between its copies. at is reused for the result, the drawn places.
func (p *pairBins) resample(weights []uint32, by Unit, at []drawn, h *histogram) []drawn {
	at = at[:0]
	for place, w := range weights {
		if w > 0 {
			at = append(at, drawn{int32(place), w})
		}
	}
	// Places are sorted by class, so the pairs of a place with later ones are first those within its class.
	h.clear()
	for k, i := range at {
		row := p.upper[i.place]
		first, last, rest := i.place+1, int32(p.last[i.place]), at[k+1:]
		for len(rest) > 0 && rest[0].place < last {
			w := uint64(i.weight)
			if by == ByItem {
				w *= uint64(rest[0].weight)
			}
			h.pos[row[rest[0].place-first]] += w
			rest = rest[1:]
		}
		neg := h.neg
		for _, j := range rest {
			neg[row[j.place-first]] += uint64(i.weight * j.weight)
		}
	}
	return at
}

// influence returns the influence of every item on each metric over pairs, by place: the sum of the slopes of its
// pairs, positives and negatives apart (the Hoeffding projection of the metric). Every pair counts for both its items.
// query is called with the scores of every place, their bins and their histogram, in which its own score is not, on
// goroutine w; all are reused afterwards. It is one pass over the pairs; the error is the context's. count must have
// run.
func (p *pairBins) influence(ctx context.Context, workers int, progress func(float64),
	query func(w, place int, scores []float32, bins []uint16, h *histogram)) (pos, neg [numPairMetrics][]float64,
	err error) {
	g := p.all.gradient(p.cut)
	// Slopes by bin, of all metrics side by side: they are needed together.
	type slopesAt [numPairMetrics]struct{ pos, neg float64 }
	slopes := make([]slopesAt, p.bins)
	for f := range g {
		pos[f], neg[f] = make([]float64, p.n), make([]float64, p.n)
		for b := range slopes {
			slopes[b][f].pos, slopes[b][f].neg = g[f].pos[b], g[f].neg[b]
		}
	}
	type buffers struct {
		h    *histogram
		bins []uint16
	}
	own := make([]*buffers, workers)
	err = p.rows.Sweep(ctx, workers, progress, func(w, i int, scores []float32) {
		if own[w] == nil {
			own[w] = &buffers{newHistogram(p.bins), make([]uint16, p.n)}
		}
		h, bins := own[w].h, own[w].bins
		h.clear()
		for j, s := range scores {
			b := p.bin(s)
			bins[j] = uint16(b)
			switch {
			case j == i:
			case p.begin[i] <= j && j < p.last[i]:
				h.pos[b]++
			default:
				h.neg[b]++
			}
		}
		query(w, i, scores, bins, h) // in the same pass, because scores are not kept
		var ofPos, ofNeg [numPairMetrics]float64
		for b := range slopes {
			at := &slopes[b]
			if c := float64(h.pos[b]); c > 0 {
				for f := range at {
					ofPos[f] += c * at[f].pos
				}
			}
			if c := float64(h.neg[b]); c > 0 {
				for f := range at {
					ofNeg[f] += c * at[f].neg
				}
			}
		}
		for f := range g {
			pos[f][i], neg[f][i] = ofPos[f], ofNeg[f]
		}
	})
	return pos, neg, err
}
