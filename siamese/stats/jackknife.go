package stats

import (
	"cmp"
	"math"
	"slices"
)

// references measures the effect of every unit as a reference on the metrics of others' queries: by how much the sum
// over queries falls when it is left out. It is used by one goroutine.
//
// Queries that share references are not independent: an interval from the queries alone holds for these references
// only. Leaving out one unit at a time, as query and as reference, is the jackknife, whose variance is not too small
// on average for any metric (Efron and Stein 1981), and somewhat too large for Recall@1, which jumps when the nearest
// reference goes.
type references struct {
	p      *pairBins
	m      *measured
	by     Unit
	most   int        // size of the largest class
	effect [2][]int64 // by unit: sums in units of 1/fine, independent of their order

	near              []ranked
	plain, less, left []float64 // sums over hits up to a rank
	seen              []bool    // by item or by class
}

// ranked is a reference of a query.
type ranked struct {
	score float32
	place int32
	hit   bool
}

const fine = 1 << 40

func newReferences(p *pairBins, m *measured, by Unit) *references {
	units := p.n
	if by == ByClass {
		units = m.classes
	}
	r := &references{p: p, m: m, by: by, seen: make([]bool, p.n)}
	for i := range r.effect {
		r.effect[i] = make([]int64, units)
	}
	for place := range p.n {
		r.most = max(r.most, p.last[place]-p.begin[place])
	}
	return r
}

func (r *references) add(metric, unit int, by float64) {
	r.effect[metric][unit] += int64(math.Round(by * fine))
}

// query adds the query at a place: its scores with all places and their histogram.
func (r *references) query(place int, scores []float32, h *histogram) {
	size := r.p.last[place] - r.p.begin[place] - 1 // R
	if size == 0 {
		return
	}
	want := size + 1
	if r.by == ByClass {
		want = size + r.most
	}
	r.rank(place, min(want, r.p.n-1), scores, h)
	if r.by == ByClass {
		r.leaveClasses(place, size)
	} else {
		r.leaveItems(place, size)
	}
}

// rank puts at least the given number of nearest references of a query into near, in package metric's order.
func (r *references) rank(place, first int, scores []float32, h *histogram) {
	bin := len(h.pos)
	for n := 0; n < first; {
		bin--
		n += int(h.pos[bin] + h.neg[bin])
	}
	r.near = r.near[:0]
	for q, s := range scores {
		if q != place && r.p.bin(s) >= bin {
			r.near = append(r.near, ranked{s, int32(q), r.m.class[q] == r.m.class[place]})
		}
	}
	slices.SortFunc(r.near, func(a, b ranked) int {
		if a.score != b.score {
			return cmp.Compare(b.score, a.score)
		}
		return cmp.Compare(r.p.rows.Item(int(a.place)), r.p.rows.Item(int(b.place)))
	})
}

// leaveItems adds the effect of each item on a query of a class with size others. AP@R without the reference at a
// rank comes from sums over the hits before it, which stay, and those behind it, which move up by a rank and, if it
// is a hit, have one hit less before them. Without a reference of the query's class R is one lower.
func (r *references) leaveItems(place, size int) {
	r.plain, r.less, r.left = append(r.plain[:0], 0), append(r.less[:0], 0), append(r.left[:0], 0)
	hits := 0.0
	for i, n := range r.near {
		var a, b, c float64
		if rank := float64(i + 1); n.hit {
			hits++
			a = hits / rank
			if i > 0 {
				b, c = hits/(rank-1), (hits-1)/(rank-1)
			}
		}
		r.plain, r.less, r.left = append(r.plain, r.plain[i]+a), append(r.less, r.less[i]+b), append(r.left, r.left[i]+c)
	}
	value, lone := r.plain[size]/float64(size), size == 1
	hit := r.m.queries[1][place]
	without := func(at int, ap float64) { // item at is of the query's class
		if lone { // and the only one: the query is no longer averaged
			r.add(0, at, value-r.m.exact[mapAtR])
			r.add(1, at, hit-r.m.exact[recallAt1])
			return
		}
		r.add(0, at, value-ap/float64(size-1))
	}
	top := r.near[:size]
	for i, n := range top {
		rank := i + 1
		if n.hit {
			without(int(n.place), r.plain[rank-1]+r.left[size]-r.left[rank])
		} else {
			r.add(0, int(n.place), value-(r.plain[rank]+r.less[size+1]-r.less[rank])/float64(size))
		}
		r.seen[n.place] = true
	}
	for q := r.p.begin[place]; q < r.p.last[place]; q++ {
		if q != place && !r.seen[q] {
			without(q, r.plain[size-1])
		}
	}
	for _, n := range top {
		r.seen[n.place] = false
	}
	if first := r.near[0]; len(r.near) > 1 && (!first.hit || !lone) && first.hit != r.near[1].hit {
		second := 0.0
		if r.near[1].hit {
			second = 1
		}
		r.add(1, int(first.place), hit-second)
	}
}

// leaveClasses adds the effect of each other class on a query of a class with size others.
func (r *references) leaveClasses(place, size int) {
	value, hit := r.m.queries[0][place], r.m.queries[1][place]
	clear(r.seen)
	r.seen[r.m.class[place]] = true // without its own class there is no query
	for i, n := range r.near[:size] {
		class := r.m.class[n.place]
		if r.seen[class] {
			continue
		}
		r.seen[class] = true
		ap, hits, rank, nearest := 0.0, 0.0, 0.0, 0.0
		for _, o := range r.near {
			if r.m.class[o.place] == class {
				continue
			}
			rank++
			if o.hit {
				hits++
				ap += hits / rank
				if rank == 1 {
					nearest = 1
				}
			}
			if rank == float64(size) {
				break
			}
		}
		r.add(0, int(class), value-ap/float64(size))
		if i == 0 {
			r.add(1, int(class), hit-nearest)
		}
	}
}
