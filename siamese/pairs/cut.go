package pairs

import (
	"container/heap"
	"math"
)

// cutUp assigns the nodes of component c to several sides. The side with most room keeps what fits; for each other side
// a region grows from a random node, always by the node with most of its pairs inside (greedy graph growing, Karypis
// and Kumar 1998, "A Fast and High Quality Multilevel Scheme for Partitioning Irregular Graphs"). Then nodes move as
// long as that saves pairs.
//
// To find the fewest lost pairs is NP-hard (graph partitioning); this is a heuristic, of which several tries are made.
func (d *assigner) cutUp(c int) {
	nodes := d.members[c]
	parts := d.parts(c)
	rest := 0 // the largest part gets the remaining nodes
	for t := range parts {
		if parts[t] > parts[rest] {
			rest = t
		}
	}
	for t := range parts {
		if t != rest && parts[t] > 0 {
			d.grow(nodes, int8(t), parts[t])
		}
	}
	for _, v := range nodes {
		if d.side[v] < 0 {
			d.side[v] = int8(rest)
		}
	}
	// Growing decides early, when little of a region's surroundings is known: refining mends that.
	d.refine(nodes, parts)
	for _, v := range nodes {
		d.load[d.side[v]][0] += float64(d.size[v])
	}
	for k := range d.pairs.Label { // only pairs that are kept count for a side, unlike those of whole components
		a, b := d.node[d.pairs.Left[k]], d.node[d.pairs.Right[k]]
		if t := d.side[a]; d.component[a] == int32(c) && t == d.side[b] {
			d.load[t][2-kindOf(d.pairs, k)]++
		}
	}
}

// parts returns how many items of component c each side should get: the side with most room as many as fit, the others
// the rest, by their room or, with d.fill, one after another in random order. Parts need not be whole. They add up to
// the items of the component, or to less with d.fill and too little room.
func (d *assigner) parts(c int) []float64 {
	// room is what each side lacks, most the side that lacks most, and others the sum of what the rest lack.
	room, most, others := make([]float64, len(d.want)), 0, 0.0
	for t, want := range d.want {
		room[t] = max(0, want-d.load[t][0])
		if room[t] > room[most] {
			most = t
		}
		others += room[t]
	}
	others -= room[most]
	items := d.amounts[c][0]
	parts := make([]float64, len(room))
	parts[most] = items
	left := items - room[most] // for the other sides
	if left <= 0 || others == 0 {
		return parts
	}
	parts[most] = room[most]
	share := left / others
	for _, t := range d.rng.Perm(len(parts)) {
		switch {
		case t == most:
		case d.fill:
			parts[t] = min(left, room[t])
			left -= parts[t]
		default:
			parts[t] = share * room[t]
		}
	}
	return parts
}

// grow gives side t about that many items of the nodes that are on no side yet. Where a region is closed before it is
// large enough, another one is begun. A node is taken if at least half of its items fit, so that groups, which are
// never cut, overshoot by half a group at most (the first by more).
//
// The heap may hold a node several times, once for every gain it had: pushing it again and passing over stale entries
// is simpler than moving entries, and takes O(E log E) operations for E edges.
func (d *assigner) grow(nodes []int32, t int8, items float64) {
	starts := d.rng.Perm(len(nodes)) // where regions may begin, in turn
	// Of a node beside the region: the cost of its pairs with the region minus that of its pairs with nodes on no side.
	// These two are what taking it in saves and what it puts at risk.
	gain := make(map[int32]float32)
	var border gainHeap
	var have float64 // items taken so far
	for at := 0; at < len(starts) || len(border) > 0; {
		var v int32
		if len(border) > 0 {
			next := heap.Pop(&border).(gained)
			if v = next.node; d.side[v] >= 0 || gain[v] != next.gain {
				continue // stale: the node was taken, or its gain rose since
			}
		} else {
			v = nodes[starts[at]]
			at++
			if d.side[v] >= 0 {
				continue
			}
		}
		// Without the first condition a part smaller than half of every group would stay empty.
		if have > 0 && have+float64(d.size[v])/2 > items {
			if len(border) > 0 {
				continue // a smaller group may still fit
			}
			return
		}
		d.side[v] = t
		if have += float64(d.size[v]); have >= items {
			return
		}
		for _, e := range d.edgesOf(v) {
			if d.side[e.to] >= 0 {
				continue
			}
			// A node that the region reaches for the first time starts with the cost of all its pairs that can still be
			// lost.
			if _, ok := gain[e.to]; !ok {
				for _, back := range d.edgesOf(e.to) {
					if d.side[back.to] < 0 || back.to == v {
						gain[e.to] -= back.cost
					}
				}
			}
			gain[e.to] += 2 * e.cost // the pair with v moves from the second sum to the first
			heap.Push(&border, gained{e.to, gain[e.to]})
		}
	}
}

// refine moves nodes to the side that most of their pairs, by cost, are with, while every side stays within the slack
// of its part (at least one item) and none is emptied. Nodes are visited in random order, up to eight times over. Every
// move lowers the cost of the lost pairs, unlike in Kernighan and Lin 1970, where some raise it for a while: other
// tries take the place of a way out of a local optimum.
func (d *assigner) refine(nodes []int32, parts []float64) {
	load := make([]float64, len(parts))
	for _, v := range nodes {
		load[d.side[v]] += float64(d.size[v])
	}
	with := make([]float32, len(parts)) // cost of a node's pairs with a side
	const rounds = 8
	for range rounds {
		moved := false
		for _, i := range d.rng.Perm(len(nodes)) {
			v := nodes[i]
			clear(with)
			for _, e := range d.edgesOf(v) {
				with[d.side[e.to]] += e.cost
			}
			from, to := d.side[v], d.side[v]
			size := float64(d.size[v])
			// No side is emptied, even where its part is less than an item.
			if load[from]-size < max(1, math.Floor(parts[from]*(1-slack))) {
				continue
			}
			// A side that would grow beyond the slack is no choice, however many pairs are with it.
			for t := range with {
				if with[t] > with[to] && load[t]+size <= math.Ceil(parts[t]*(1+slack)) {
					to = int8(t)
				}
			}
			if to != from {
				d.side[v], moved = to, true
				load[from] -= size
				load[to] += size
			}
		}
		if !moved {
			return
		}
	}
}

// gained is a node beside a region with its gain at the time it was pushed.
type gained struct {
	node int32
	gain float32
}

// gainHeap has the node of highest gain on top, the one of lower number among equals, so that ties do not depend on the
// order of pushing.
type gainHeap []gained

// Len, Less, Swap, Push and Pop are those of [heap.Interface].
func (h gainHeap) Len() int { return len(h) }
func (h gainHeap) Less(i, j int) bool {
	return h[i].gain > h[j].gain || h[i].gain == h[j].gain && h[i].node < h[j].node
}
func (h gainHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *gainHeap) Push(x any)   { *h = append(*h, x.(gained)) }
func (h *gainHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
