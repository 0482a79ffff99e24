package stats

import (
	"math"
	"slices"
)

// references measures the effect of every unit as a reference on the metrics of others' queries: by how much the sum
// over queries falls when it is left out. It is used by one goroutine. Several kinds of units share the rankings.
//
// Queries that share references are not independent: an interval from the queries alone holds for these references
// only. Leaving out one unit at a time, as query and as reference, is the jackknife, whose variance is not too small
// on average for any metric (Efron and Stein 1981), and somewhat too large for Recall@1, which jumps when the nearest
// reference goes.
type references struct {
	p      *pairBins
	m      *measured         // whose queries are set
	most   int               // size of the largest class
	effect map[Unit]*effects // by what is left out at a time

	placeOf []int32  // by item
	keys    []uint64 // of near, see rank
	near    []ranked
	hits    []bool    // of near, or of what is left of it
	without []float64 // values without each of the nearest
	seen    []bool    // by item or by class
}

// effects are those of units by retrieval metric, as sums in units of 1/fine, independent of their order.
type effects [numQueryMetrics][]int64

// ranked is a reference of a query; hit says whether it is of the query's class.
type ranked struct {
	place int32
	hit   bool
}

// fine is the resolution of effects. A sum over 20,000 queries of effects in [-1, 1] stays far below 2^63, and rounding
// to 2^-41 is far below the error of a standard error; in return the sum is the same in any order.
const fine = 1 << 40

// newReferences returns the state of one goroutine, with the effects of all units at 0.
func newReferences(p *pairBins, m *measured, units []Unit) *references {
	r := &references{p: p, m: m, seen: make([]bool, p.n), effect: make(map[Unit]*effects)}
	for _, by := range units {
		n := p.n
		if by == ByClass {
			n = m.classes
		}
		r.effect[by] = &effects{}
		for i := range r.effect[by] {
			r.effect[by][i] = make([]int64, n)
		}
	}
	r.placeOf = make([]int32, p.n)
	for place := range p.n {
		r.placeOf[p.rows.Item(place)] = int32(place)
		r.most = max(r.most, p.last[place]-p.begin[place])
	}
	return r
}

// add adds to the effect of leaving out a unit on the sum of a metric over queries: by how much the sum falls.
func (e *effects) add(metric, unit int, by float64) {
	if by == 0 {
		return
	}
	e[metric][unit] += int64(math.Round(by * fine))
}

// query adds the query at a place: its scores with all places, their bins, and their histogram h, its own score left
// out of that. Lone queries add nothing. The cost is that of sorting about R references (by class R and the largest
// class), not all N.
func (r *references) query(place int, scores []float32, bins []uint16, h *histogram) {
	size := r.p.last[place] - r.p.begin[place] - 1 // R
	if size == 0 {
		return
	}
	items, classes := r.effect[ByItem], r.effect[ByClass]
	// One reference more than R, which moves up if an item before it goes; if a class goes, as many as it has items.
	want := size + 1
	if classes != nil {
		want = size + r.most
	}
	r.rank(place, min(want, r.p.n-1), scores, bins, h)
	if items != nil {
		r.leaveItems(place, size, items)
	}
	if classes != nil {
		r.leaveClasses(place, size, classes)
	}
}

// rank puts at least the first nearest references of a query into near, in package metric's order: by falling score,
// then by rising item. It takes all of the bins that hold the first, so only those are sorted.
func (r *references) rank(place, first int, scores []float32, bins []uint16, h *histogram) {
	bin := len(h.pos)
	for n := 0; n < first; {
		bin--
		n += int(h.pos[bin] + h.neg[bin])
	}
	r.keys, r.near = r.keys[:0], r.near[:0]
	for q, b := range bins {
		if q != place && int(b) >= bin {
			// Falling scores first, then rising items, as one number: it sorts much faster than two that are compared.
			r.keys = append(r.keys, uint64(^risingBits(scores[q]))<<32|uint64(r.p.rows.Item(q)))
		}
	}
	slices.Sort(r.keys)
	for _, k := range r.keys {
		q := r.placeOf[uint32(k)]
		r.near = append(r.near, ranked{q, r.m.class[q] == r.m.class[place]})
	}
}

// risingBits returns a number that rises with a finite score; both zeros have the same.
func risingBits(score float32) uint32 {
	bits := math.Float32bits(score + 0)
	if bits>>31 != 0 {
		return ^bits
	}
	return bits | 1<<31
}

// leaveItems adds the effect of each item on a query of a class with size others. Items have an effect if they are
// among the first R, or of the query's class, without which R is one lower; all others have none.
func (r *references) leaveItems(place, size int, to *effects) {
	r.hits = r.hits[:0]
	for _, n := range r.near[:min(size+1, len(r.near))] {
		r.hits = append(r.hits, n.hit)
	}
	if len(r.without) < size {
		r.without = make([]float64, r.most)
	}
	// With R = 1 leaving out the other item of the class leaves no query: the mean over queries loses its value, and
	// the effect is its difference from the mean.
	top, without, lone := r.near[:size], r.without[:size], size == 1
	for _, n := range top {
		r.seen[n.place] = true
	}
	for f := range numQueryMetrics {
		value, beyond := registry[numPairMetrics+f].query.leftOut(r.hits, size, without)
		gone := value - r.m.exact[numPairMetrics+f]
		for i, n := range top {
			if n.hit && lone {
				to.add(f, int(n.place), gone)
			} else {
				to.add(f, int(n.place), value-without[i])
			}
		}
		// Items of the class beyond the first R: without one R is one lower, and all of them have the same effect.
		for q := r.p.begin[place]; q < r.p.last[place]; q++ {
			switch {
			case q == place || r.seen[q]:
			case lone:
				to.add(f, q, gone)
			default:
				to.add(f, q, value-beyond)
			}
		}
	}
	for _, n := range top {
		r.seen[n.place] = false
	}
}

// leaveClasses adds the effect of each other class on a query of a class with size others. Only classes among the first
// R have one: each is taken out of the ranking, and the R nearest of what is left are scored again.
func (r *references) leaveClasses(place, size int, to *effects) {
	r.seen[r.m.class[place]] = true // without its own class there is no query
	defer clear(r.seen)             // of which items are found next
	for _, n := range r.near[:size] {
		class := r.m.class[n.place]
		if r.seen[class] {
			continue
		}
		r.seen[class] = true
		r.hits = r.hits[:0]
		for _, o := range r.near {
			if r.m.class[o.place] != class {
				r.hits = append(r.hits, o.hit)
			}
			if len(r.hits) == size {
				break
			}
		}
		for f := range numQueryMetrics {
			to.add(f, int(class), r.m.queries[f][place]-registry[numPairMetrics+f].query.ranked(r.hits))
		}
	}
}
