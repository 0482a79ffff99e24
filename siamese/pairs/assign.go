package pairs

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// slack is by how much of its share a side may be larger or smaller than asked for where that saves pairs.
const slack = 0.05

// assigner deals the nodes of a pair graph to sides.
type assigner struct {
	*pairGraph
	want []float64 // items of a side
	side []int8    // of a node, -1 = not dealt yet
	load []amounts // of a side, by whole components
	cut  int       // components that are on more than one side
	fill bool      // parts of a component that is cut go to one side after another, not to all
	rng  *rand.Rand
}

// assign returns the side of every node. want are the items of each side, all together those of the graph. Of some
// tries it returns the one that loses the fewest pairs and gives the sides the most similar shares of positive
// ones. cut says how many components could not stay whole.
func (g *pairGraph) assign(want []float64, rng *rand.Rand) (side []int8, cut int) {
	const work = 1 << 22 // edges looked at, about a second
	best := math.Inf(1)
	for try := range max(2, min(32, work/(len(g.edges)+1))) {
		d := &assigner{pairGraph: g, want: want, load: make([]amounts, len(want)), side: make([]int8, len(g.size)), rng: rng, fill: try%2 == 1}
		d.run()
		if score := d.score(); score < best {
			side, cut, best = d.side, d.cut, score
		}
	}
	return side, cut
}

// run deals components from the largest on: whole to the side that most lacks what it holds, or cut where it is too
// large for every side.
func (d *assigner) run() {
	for v := range d.side {
		d.side[v] = -1
	}
	order := d.rng.Perm(len(d.members))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(d.bulk(b), d.bulk(a)) })
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

// bulk is how much of everything a component holds.
func (d *assigner) bulk(c int) float64 {
	sum := 0.0
	for i, a := range d.amounts[c] {
		if d.total[i] > 0 {
			sum += a / d.total[i]
		}
	}
	return sum
}

// place returns the side on which component c brings the shares of all sides nearest to what was asked for, by the
// sum of (has - want)^2 / want, among those that have room for it. It returns false when it is to be cut.
func (d *assigner) place(c int) (side int, fits bool) {
	best, overflow, least := math.Inf(1), -1, math.Inf(1)
	side = -1
	for t, want := range d.want {
		if want == 0 {
			continue
		}
		after := (d.load[t][0] + d.amounts[c][0]) / want
		if after < least {
			overflow, least = t, after
		}
		if d.load[t][0]+d.amounts[c][0] > math.Floor(want*(1+slack)) {
			continue
		}
		share, change := want/d.total[0], 0.0
		for i, a := range d.amounts[c] {
			if d.total[i] > 0 {
				has := d.load[t][i]/d.total[i] - share
				more := a / d.total[i]
				change += more * (2*has + more) / share
			}
		}
		if change < best {
			side, best = t, change
		}
	}
	if side >= 0 {
		return side, true
	}
	return overflow, least <= 1+2*slack || len(d.members[c]) == 1 // what little is too much is not worth a cut
}

// score is the share of positive pairs that is lost and the share of negative ones, and how far the share of
// positive pairs on each side lies from that of all pairs; a side without a pair is as far off as can be. Items
// beyond or below the slack of a side (at least one) count as their share of it.
func (d *assigner) score() float64 {
	var lost, total [2]float64
	kept := make([][2]float64, len(d.want))
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

// ratio is a / b, and 0 of nothing.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
