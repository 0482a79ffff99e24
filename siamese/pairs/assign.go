package pairs

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// slack is the share by which a side may be larger or smaller than asked for, to save pairs.
const slack = 0.05

// assigner assigns the nodes of a pair graph to sides.
type assigner struct {
	*pairGraph
	want []float64 // items of a side
	side []int8    // of a node, -1 = not assigned yet
	load []amounts // of a side, by whole components
	cut  int       // components that are on more than one side
	fill bool      // parts of a component that is cut go to one side after another, not to all
	rng  *rand.Rand
}

// assign returns the side of every node. want holds the items of each side, which add up to those of the graph. Of
// several tries it returns the one that loses the fewest pairs and has the most similar shares of positive pairs. cut
// is the number of components that had to be cut.
func (g *pairGraph) assign(want []float64, rng *rand.Rand) (side []int8, cut int) {
	const work = 1 << 22 // edges visited, about a second
	best := math.Inf(1)
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
// for every side.
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

// bulk is the sum of a component's shares of items, positive and negative pairs.
func (d *assigner) bulk(c int) float64 {
	sum := 0.0
	for i, a := range d.amounts[c] {
		if d.total[i] > 0 {
			sum += a / d.total[i]
		}
	}
	return sum
}

// place returns the side with room for component c that minimises the sum of (has - want)^2 / want over all shares. It
// returns false if c should be cut.
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
	return overflow, least <= 1+2*slack || len(d.members[c]) == 1 // a small overflow is not worth a cut
}

// score is the cost of an assignment, lower is better: the lost shares of positive and of negative pairs, plus for each
// side the distance of its share of positive pairs from that of all pairs (1 for a side without pairs) and its items
// beyond the slack (at least one) as a share of the side.
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

// ratio is a / b, and 0 if b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
