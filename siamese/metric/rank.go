package metric

import (
	"math/bits"
	"slices"
)

// rankBins is the number of bins of a query's keys: a power of two, and few enough for a core's first cache.
const rankBins = 2048

// ranker ranks the nearest references of one query after another. It is used by one goroutine.
//
// Sorting all N references of a query for its first R would dominate an evaluation. A histogram of the keys gives a
// bound above which the first R lie; only those are sorted.
type ranker struct {
	o      *operands
	ks     []int
	most   int     // largest K
	from   []int32 // by place on the left: the places of its class on the right
	to     []int32
	bins   [rankBins]int32
	near   []uint64 // (how far below the highest key) << 32 | item: their order is that of the ranking
	spare  []uint64 // for radixSort
	ranked []int32  // labels in the order of the ranking
}

// metrics returns the retrieval metrics of the query at place p from its keys with all references, by place. It takes
// O(N) time, and that of sorting the first max(R, largest K), for any ranking.
func (r *ranker) metrics(keys []int32, p int) QueryMetrics {
	o := r.o
	a, b := int(r.from[p]), int(r.to[p])
	sides := [2][]int32{keys[:0], keys}
	positives, others := b-a, len(keys)
	own := -1
	if o.own != nil {
		own = int(o.own[p])
		sides = [2][]int32{keys[:own], keys[own+1:]}
		positives--
		others--
	}
	if others == 0 {
		return queryMetrics(0, nil, 0, 0, -1, r.ks)
	}
	// MAP@R needs the first R, the others the first K, and Nearest the first. Only the first hit may come later.
	first := min(max(positives, r.most, 1), others)
	r.nearest(sides, first)
	r.sort()
	r.ranked = r.ranked[:0]
	// Labels in the order of the ranking, and the rank of the first hit if it is among them.
	label, hit := o.left.labels[p], 0
	for n, x := range r.near[:first] {
		l := o.right.item[uint32(x)]
		if l == label && hit == 0 {
			hit = n + 1
		}
		r.ranked = append(r.ranked, l)
	}
	if hit == 0 && positives > 0 {
		hit = r.firstHit(keys, own, a, b)
	}
	return queryMetrics(label, r.ranked, positives, hit, int(uint32(r.near[0])), r.ks)
}

// nearest puts at least the first references into near, unsorted: all in the bins that hold the first, counted from the
// highest key. sides are the keys before and after the query's own.
func (r *ranker) nearest(sides [2][]int32, first int) {
	// The range of this query's keys, so that its bins are as fine as can be.
	low, high := int32(keyMax), int32(-keyMax)
	for _, s := range sides {
		for _, k := range s {
			low, high = min(low, k), max(high, k)
		}
	}
	shift := max(0, bits.Len32(uint32(high-low))-bits.Len32(rankBins-1))
	clear(r.bins[:])
	for _, s := range sides {
		for _, k := range s {
			r.bins[uint32(high-k)>>shift%rankBins]++
		}
	}
	// limit is a distance from the highest key below which there are seen references, at least first.
	seen, bin := 0, 0
	for ; seen < first; bin++ {
		seen += int(r.bins[bin])
	}
	r.near = slices.Grow(r.near[:0], seen+1)[:seen+1]
	n, limit, place := 0, uint32(bin)<<shift, 0
	for i, s := range sides {
		if i == 1 {
			place = len(r.o.right.index) - len(s)
		}
		// Every reference is written, and kept by moving on: a branch would be mispredicted too often. near has room
		// for one more than will be kept.
		for j, item := range r.o.right.index[place : place+len(s)] {
			d := uint32(high - s[j])
			r.near[n] = uint64(d)<<32 | uint64(item)
			if d < limit {
				n++
			}
		}
	}
	r.near = r.near[:n]
}

// sort sorts near by falling key, then by rising item: so that ties are broken by the order of the caller's rows, and
// not by that of goroutines or classes.
func (r *ranker) sort() {
	x := r.near
	if len(x) < 128 { // too few to be worth clearing the counters of a radix sort
		slices.Sort(x)
		return
	}
	var most uint64
	for _, v := range x {
		most = max(most, v)
	}
	// By the distance from the highest key alone. Equal ones are then sorted by item: there are few of them.
	x, r.spare = radixSort(x, r.spare, 32, bits.Len64(most))
	for a := 0; a < len(x); {
		b := a + 1
		for b < len(x) && x[b]>>32 == x[a]>>32 {
			b++
		}
		if b-a > 1 {
			slices.Sort(x[a:b])
		}
		a = b
	}
	r.near = x
}

// firstHit returns the rank of the best positive of a query, if it is beyond those ranked; positives are in places a to
// b, except the query's own. It counts the references before it, in O(N) time.
func (r *ranker) firstHit(keys []int32, own, a, b int) int {
	index := r.o.right.index
	best := -1
	for j := a; j < b; j++ {
		if j == own {
			continue
		}
		if best < 0 || keys[j] > keys[best] { // places of a class are in the order of items
			best = j
		}
	}
	rank := 1
	for j, k := range keys {
		if (j < a || j >= b) && (k > keys[best] || k == keys[best] && index[j] < index[best]) {
			rank++
		}
	}
	return rank
}
