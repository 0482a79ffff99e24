package pairs

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// slack is the share by which a side may be larger or smaller than asked for, to save pairs. With none, groups and
// components of some size could seldom be kept whole.
const slack = 0.05

// assigner assigns the nodes of a pair graph to sides. It is one try: see [pairGraph.assign].
type assigner struct {
	*pairGraph
	want []float64 // items that a side should have; 0 = the side gets none
	side []int8    // of a node, -1 = not assigned yet; the type bounds the number of sides to 127
	load []amounts // what a side has so far
	cut  int       // components that are on more than one side
	// fill: parts of a component that is cut go to one side after another, not to all. Fewer sides then share
	// its pairs, but their shares of positive pairs may differ more: tries alternate, and the score decides.
	fill bool
	rng  *rand.Rand
}

// assign returns the side of every node. want holds the items of each side, which add up to those of the graph. Of
// several tries it returns the one with the lowest score: few lost pairs and similar shares of positive pairs. cut is
// the number of components that had to be cut. Large graphs get two tries, small ones up to 32.
func (g *pairGraph) assign(want []float64, rng *rand.Rand) (side []int8, cut int) {
	const work = 1 << 22 // edges visited, about a second
	best := math.Inf(1)
	// Tries differ in their random numbers, and every other one in fill.
	for try := range max(2, min(32, work/(len(g.edges)+1))) {
		d := &assigner{pairGraph: g, want: want, load: make([]amounts, len(want)), side: make([]int8, len(g.size)),
			rng: rng, fill: try%2 == 1}
		d.run()
		if score := d.score(); score < best {
			side, cut, best = d.side, d.cut, score
		}
	}
	return side, cut
}

// run assigns components, largest first: whole to the side that most lacks their content, or cut if they are too large
// for every side. The small ones that come last level out what the large ones left uneven.
func (d *assigner) run() {
	for v := range d.side {
		d.side[v] = -1
	}
	order := d.rng.Perm(len(d.members))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(d.bulk(b), d.bulk(a)) })
	// Components of equal bulk keep the random order, in which tries differ.
	for _, c := range order {
		if t, fits := d.place(c); fits {
			for _, v := range d.members[c] {
				d.side[v] = int8(t)
			}
			d.load[t].add(d.amounts[c])
			continue
		}
		d.cutUp(c)
		d.cut++
	}
}

// bulk is the size by which components are ordered: the sum of their shares of all items, of all positive and of all
// negative pairs, 0 to 3.
func (d *assigner) bulk(c int) float64 {
	sum := 0.0
	for i, a := range d.amounts[c] {
		if d.total[i] > 0 {
			sum += a / d.total[i]
		}
	}
	return sum
}

// place returns the side for component c among those that have room for its items within the slack: the one where it
// adds least to Σ (has - want)² / want over sides and over the shares of items, positive and negative pairs. Where none
// has room, it returns the one that would be filled least beyond its size, and false if c should be cut instead.
func (d *assigner) place(c int) (side int, fits bool) {
	best, overflow, least := math.Inf(1), -1, math.Inf(1)
	side = -1
	for t, want := range d.want {
		if want == 0 { // no such side was asked for
			continue
		}
		after := (d.load[t][0] + d.amounts[c][0]) / want
		if after < least {
			overflow, least = t, after
		}
		if d.load[t][0]+d.amounts[c][0] > math.Floor(want*(1+slack)) {
			continue
		}
		// A side should have the same share of items, of positive and of negative pairs. Lost pairs are not known yet:
		// shares are of all.
		share, change := want/d.total[0], 0.0
		for i, a := range d.amounts[c] {
			if d.total[i] > 0 {
				has := d.load[t][i]/d.total[i] - share
				more := a / d.total[i]
				change += more * (2*has + more) / share // (has + more)² - has²
			}
		}
		if change < best {
			side, best = t, change
		}
	}
	if side >= 0 {
		return side, true
	}
	return overflow, least <= 1+2*slack || len(d.members[c]) == 1 // a small overflow is not worth a cut
}

// score is the cost of an assignment, lower is better: the lost shares of positive and of negative pairs, plus for each
// side the distance of its share of positive pairs from that of all pairs (1 for a side without pairs) and its items
// beyond the slack (at least one) as a share of the side.
func (d *assigner) score() float64 {
	// Kinds are counted apart, as for the cost of an edge: losing half of the few positive pairs is as bad as losing
	// half of the many negative ones.
	var lost, total [2]float64
	kept := make([][2]float64, len(d.want)) // pairs of a side, negative and positive
	for k := range d.pairs.Label {
		kind := kindOf(d.pairs, k)
		total[kind]++
		if t := d.side[d.node[d.pairs.Left[k]]]; t == d.side[d.node[d.pairs.Right[k]]] {
			kept[t][kind]++
		} else {
			lost[kind]++
		}
	}
	score := ratio(lost[0], total[0]) + ratio(lost[1], total[1])
	items := make([]float64, len(d.want))
	for v, n := range d.size {
		items[d.side[v]] += float64(n)
	}
	for t, have := range kept {
		if want := d.want[t]; want > 0 {
			score += max(0, math.Abs(items[t]-want)-max(1, want*slack)) / want
		}
		// A side without pairs is useless: it costs as much as the loss of all pairs of a kind.
		switch {
		case d.want[t] == 0:
		case have[0]+have[1] == 0:
			score++
		default:
			score += math.Abs(have[1]/(have[0]+have[1]) - total[1]/(total[0]+total[1]))
		}
	}
	return score
}

// ratio is a / b, and 0 if b is 0: of no pairs of a kind none are lost.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
