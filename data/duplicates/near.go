package duplicates

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/components"
	"github.com/go-siamese/lab/data/internal/numeric"
	"github.com/go-siamese/lab/data/parallel"
)

// nearSearch compares all pairs of candidates: one item of every exact group and all others except the blank
// ones, sorted by length, so that only a run of the following candidates can be near to one.
type nearSearch struct {
	f             *data.Frame
	mean, inverse []float64 // of the columns; inverse is 1 / std, 0 for a constant column
	opt           Options
	blank         []int // items with nothing to compare

	// items and square are the item of a candidate and its |a|², ascending by square.
	items  []int
	square []float64
	// first and second are the short vectors of the candidates, [candidates, firstDirections+1] and
	// [candidates, allDirections+1], see shorten. Two arrays, so that the first test reads little memory.
	first, second []float32

	// What follows changes while workers run; mu guards it.
	mu     sync.Mutex
	joined components.Components // of items
	best   []NearPair            // the most similar so far, and some more
	found  int                   // pairs in all
	done   int64                 // comparisons
}

// newNearSearch chooses and sorts the candidates; the short vectors are filled by run. exact are the groups of equal
// items, of which only the first becomes a candidate: the others have the same neighbours.
func newNearSearch(f *data.Frame, m *numeric.Moments, exact [][]int, opt Options) *nearSearch {
	if opt.MaxPairs == 0 {
		opt.MaxPairs = defaultMaxPairs
	}
	s := &nearSearch{f: f, mean: m.Mean, inverse: m.Inverse(), opt: opt, joined: components.New(f.N())}
	square, blank := make([]float64, f.N()), make([]bool, f.N())
	parallel.For(f.N(), func(i int) { square[i], blank[i] = s.length(i) })
	again := make([]bool, f.N())
	for _, group := range exact {
		for _, i := range group[1:] {
			again[i] = true
		}
	}
	for i := range f.N() {
		if blank[i] {
			s.blank = append(s.blank, i)
		} else if !again[i] {
			s.items = append(s.items, i)
		}
	}
	slices.SortStableFunc(s.items, func(a, b int) int { return cmp.Compare(square[a], square[b]) })
	s.square = pickFloats(square, s.items)
	s.first = make([]float32, len(s.items)*(firstDirections+1))
	s.second = make([]float32, len(s.items)*(allDirections+1))
	return s
}

// pickFloats returns the values of the given items, in their order.
func pickFloats(all []float64, items []int) []float64 {
	out := make([]float64, len(items))
	for k, i := range items {
		out[k] = all[i]
	}
	return out
}

// standardised returns a standardised value, 0 for one that is missing or infinite.
func standardised(v float32, mean, inverse float64) float64 {
	if v-v != 0 {
		return 0
	}
	return (float64(v) - mean) * inverse
}

// standardise writes the standardised values of item i to out, [F].
func (s *nearSearch) standardise(i int, out []float64) {
	for k, v := range s.f.Row(i) {
		out[k] = standardised(v, s.mean[k], s.inverse[k])
	}
}

// length returns |a|² of item i, and whether it is blank.
func (s *nearSearch) length(i int) (square float64, blank bool) {
	blank = true
	for k, v := range s.f.Row(i) {
		z := standardised(v, s.mean[k], s.inverse[k])
		square += z * z
		if v-v == 0 && s.inverse[k] != 0 {
			blank = false
		}
	}
	return square, blank
}

// margin bounds what rounding may add to a distance of short vectors, in units of |a|² + |b|²: they are float32
// with an error of 2^-24 a coordinate.
const margin = 1e-5

// run compares all pairs, on all cores, and fills joined, best and found. It returns the error of ctx when that ends
// before all are compared; the results are of no use then.
func (s *nearSearch) run(ctx context.Context) error {
	n := len(s.items)
	total := int64(n) * int64(n-1) / 2
	if n > 1 {
		s.shorten()
	}
	const step = 32 // candidates in a piece of work: few, since the first have the most to be compared with
	workers := make([]*nearWorker, runtime.GOMAXPROCS(0))
	err := parallel.Each(ctx, (n+step-1)/step, len(workers), func(worker, b int) error {
		if workers[worker] == nil {
			workers[worker] = &nearWorker{nearSearch: s}
		}
		w := workers[worker]
		from, to := b*step, min(n, (b+1)*step)
		for p := from; p < to; p++ {
			w.compare(p)
		}
		// Candidate p is compared with the n-1-p that follow it.
		w.report(int64(to-from)*int64(2*n-1-from-to)/2, total)
		return nil
	})
	for _, w := range workers {
		if w != nil {
			w.hand()
		}
	}
	return err
}

// nearWorker is one goroutine of a search. It collects pairs by itself, so that workers seldom wait for the lock.
type nearWorker struct {
	*nearSearch
	near []NearPair // found and not yet handed over
}

// compare compares candidate p with all that follow it: by the first short vectors, which rules out nearly all pairs of
// frames that are not crowded, then by the second, then by all columns. The two bounds are in float32 and a little
// generous, so that no pair is lost to rounding; what decides is in float64.
func (w *nearWorker) compare(p int) {
	share := 1 - w.opt.Threshold // |a-b|² may be at most this share of |a|² + |b|²
	const width = firstDirections + 1
	a := (*[width]float32)(w.first[p*width:])
	reach, square := float32(share*(1+1e-5)+margin), float32(w.square[p])
	length := math.Sqrt(w.square[p])
	for q := p + 1; q < len(w.items); q++ {
		b := (*[width]float32)(w.first[q*width:])
		d0, d1, d2, d3 := a[0]-b[0], a[1]-b[1], a[2]-b[2], a[3]-b[3]
		d4, d5, d6, d7 := a[4]-b[4], a[5]-b[5], a[6]-b[6], a[7]-b[7]
		limit := reach * (square + float32(w.square[q]))
		if d0*d0+d1*d1+d2*d2+d3*d3+(d4*d4+d5*d5+d6*d6+d7*d7) > limit {
			// The least possible distance grows with the length of q: from here on none can be near.
			if q&63 == 0 && beyond(length, math.Sqrt(w.square[q]), share+margin) {
				return
			}
			continue
		}
		if w.shortDistance(p, q) > limit {
			continue
		}
		if similarity, near := w.similarity(p, q, share); near {
			i, j := w.items[p], w.items[q]
			w.add(NearPair{I: min(i, j), J: max(i, j), Similarity: similarity})
		}
	}
}

// beyond reports whether vectors of lengths a <= b differ by more than the share of |a|² + |b|² in whatever
// direction they point.
func beyond(a, b, share float64) bool { return (b-a)*(b-a) > share*(a*a+b*b) }

// shortDistance is the squared distance of the second short vectors of two candidates.
func (s *nearSearch) shortDistance(p, q int) float32 {
	const width = allDirections + 1
	a, b := s.second[p*width:][:width], s.second[q*width:][:width]
	var sum float32
	for k, v := range a {
		d := v - b[k]
		sum += d * d
	}
	return sum
}

// similarity compares all columns of two candidates, and stops as soon as the pair cannot be near: when the distance so
// far exceeds share of both squares. false = it is not near, and the similarity means nothing.
func (s *nearSearch) similarity(p, q int, share float64) (similarity float64, near bool) {
	const step = 128
	both := s.square[p] + s.square[q]
	if both == 0 {
		return 1, true // both lie at the mean of every column
	}
	a, b := s.f.Row(s.items[p]), s.f.Row(s.items[q])
	var sum float64
	for from := 0; from < len(a); from += step {
		to := min(len(a), from+step)
		x, y, mean, inverse := a[from:to], b[from:to], s.mean[from:to], s.inverse[from:to]
		for k, v := range x {
			d := standardised(v, mean[k], inverse[k]) - standardised(y[k], mean[k], inverse[k])
			sum += d * d
		}
		if sum > share*both*(1+1e-12) {
			return 0, false
		}
	}
	similarity = 1 - sum/both
	return similarity, similarity >= s.opt.Threshold
}

// add collects a pair and hands a full batch over.
func (w *nearWorker) add(p NearPair) {
	if w.near = append(w.near, p); len(w.near) == 1<<12 {
		w.hand()
	}
}

// hand adds the batch to the shared result, which keeps only the most similar pairs.
func (w *nearWorker) hand() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found += len(w.near)
	for _, p := range w.near {
		w.joined.Union(p.I, p.J)
	}
	w.best = append(w.best, w.near...)
	w.near = w.near[:0]
	if len(w.best) > 4*w.opt.MaxPairs {
		w.best = w.closest()
	}
}

// closest returns the MaxPairs most similar pairs so far, the most similar first, then by item, so that the order in
// which workers found them does not matter. It sorts best and shares memory with it.
func (s *nearSearch) closest() []NearPair {
	slices.SortFunc(s.best, func(a, b NearPair) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.I, b.I), cmp.Compare(a.J, b.J))
	})
	return s.best[:min(len(s.best), s.opt.MaxPairs)]
}

// report adds comparisons to those done and reports progress.
func (w *nearWorker) report(comparisons, total int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done += comparisons
	if w.opt.Progress != nil {
		w.opt.Progress(w.done, total)
	}
}
