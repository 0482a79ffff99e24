package advise

import (
	"cmp"
	"math"
	"slices"

	"github.com/go-siamese/lab/siamese/stats"
)

// leastFolds is how many folds have to say something of a class for it to be ranked.
const leastFolds = 3

// collect returns what the curve over items says of single classes and domains.
func (r *runner) collect(p *plan, found [][]outcome) *Collect {
	names, number := r.frame.Classes()
	counts := make([]int, len(names))
	for _, c := range number {
		counts[c]++
	}
	groups := make([][2]string, len(names))
	for c, name := range names {
		groups[c][0] = name
	}
	out := &Collect{Classes: r.needs(p, found, groups, counts, func(o outcome) []float64 { return o.class })}
	if len(names) == 2 { // MAP@R of two classes is half right by chance, and each is what the other is not
		out.Classes = nil
	}
	if r.frame.Domains != nil {
		t := newTester(r.frame)
		items := make([]int, len(t.domains))
		for _, d := range t.domain {
			if d >= 0 {
				items[d]++
			}
		}
		var pairs [][2]string
		var sizes []int
		for b, other := range t.domains {
			for a, name := range t.domains[:b+1] {
				if a == b {
					pairs, sizes = append(pairs, [2]string{name}), append(sizes, items[a])
				} else {
					pairs, sizes = append(pairs, [2]string{name, other}), append(sizes, items[a]+items[b])
				}
			}
		}
		if len(t.domains) > 1 {
			out.Domains = r.needs(p, found, pairs, sizes, func(o outcome) []float64 { return o.domain })
		}
	}
	out.Confused, out.Checked = r.confused(found[:p.k], names)
	return out
}

// needs returns how groups do: of are their values in an outcome, NaN where there is none.
func (r *runner) needs(p *plan, found [][]outcome, names [][2]string, items []int, of func(outcome) []float64) []Need {
	last := len(p.sizes) - 1
	all := make([]curves, len(names))
	var folds [][]int // of every group
	ranked := 0
	for g := range names {
		all[g] = curves{at: p.sizes, ratio: 1 / float64(p.k-1)}
		var in []int
		for k, one := range found {
			values := make([]float64, len(one))
			whole := true
			for i, o := range one {
				values[i] = of(o)[g]
				whole = whole && !math.IsNaN(values[i])
			}
			if whole {
				all[g].values, in = append(all[g].values, values), append(in, k)
			}
		}
		folds = append(folds, in)
		if len(in) >= leastFolds {
			ranked++
		}
	}
	if ranked == 0 {
		return nil
	}
	// Of many groups some look bad by chance: intervals hold for all of them at once (Bonferroni).
	confidence := 1 - (1-r.opt.confidence())/float64(ranked)
	var out []Need
	for g, s := range all {
		if len(folds[g]) < leastFolds {
			continue
		}
		n := Need{Name: names[g][0], With: names[g][1], Items: items[g], Value: s.at0(last, confidence)}
		// Within folds, whose items are harder or easier for all groups.
		below := curves{at: p.sizes[:1], ratio: s.ratio}
		for j, k := range folds[g] {
			others, count := 0., 0.
			for o, v := range of(found[k][last]) {
				if o != g && !math.IsNaN(v) {
					others, count = others+v, count+1
				}
			}
			if count > 0 {
				below.values = append(below.values, []float64{others/count - s.values[j][last]})
			}
		}
		if len(below.values) >= leastFolds {
			n.Below = below.interval(func(out int) float64 { return below.mean(out)[0] }, 0, confidence)
		} else {
			n.Below = stats.Interval{Low: -1, High: 1, Confidence: confidence, Method: "undefined"}
		}
		if len(p.sizes) >= leastPoints {
			// A group's own curve decides: that of all may be lawful where this one is not.
			if c := s.check(r.opt.confidence()); c != nil && c.Outcome == Holds {
				gain := s.forecast(p.now, 2*p.now, confidence)
				n.Gain = &gain
			}
		}
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b Need) int {
		return cmp.Or(cmp.Compare(a.Value.Value, b.Value.Value), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.With, b.With))
	})
	return out
}

// confused returns the pairs of classes of which items of one have the other as nearest more often than is usual, and
// how many pairs there are. Every item is counted once: found are the folds of one draw.
func (r *runner) confused(found [][]outcome, names []string) ([]Confusion, int) {
	count := map[[2]int]int{}
	of := make([]int, len(names))
	wrong, all := 0, 0
	for _, one := range found {
		for _, pair := range one[len(one)-1].nearest {
			of[pair[0]]++
			all++
			if pair[0] != pair[1] {
				count[pair]++
				wrong++
			}
		}
	}
	checked := len(names) * (len(names) - 1)
	typical := float64(wrong) / float64(all) / float64(len(names)-1)
	confidence := 1 - (1-r.opt.confidence())/float64(checked)
	var out []Confusion
	for pair, n := range count {
		share := stats.Wilson(float64(n)/float64(of[pair[0]]), float64(of[pair[0]]), confidence)
		if share.Low > typical {
			out = append(out, Confusion{Label: names[pair[0]], For: names[pair[1]], Items: n, Of: of[pair[0]], Share: share,
				Typical: typical})
		}
	}
	slices.SortFunc(out, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(b.Share.Value, a.Share.Value), cmp.Compare(a.Label, b.Label), cmp.Compare(a.For, b.For))
	})
	return out, checked
}
