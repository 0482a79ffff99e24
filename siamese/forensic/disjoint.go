package forensic

import (
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/siamese/stats"
)

// Unit is what other data are drawn like: items of the same classes, or whole classes.
type Unit string

// The units of guarantees.
const (
	Items   Unit = "items"
	Classes Unit = "classes"
)

// Disjoint returns pairs of items, same or different, drawn by rng so that they are independent: where items are the
// unit every item is in one pair at most, where classes are every class is. labels are the class numbers of the items;
// one with a negative number is in no pair.
//
// Same pairs by items weigh a class by its items; by classes there is one of every class with two items. Different pairs
// by items are those among the neighbours of a random order, so that they are like those among all pairs; by classes
// they are of one random item each.
func Disjoint(labels []int32, unit Unit, same bool, rng *rand.Rand) [][2]int {
	if unit == Classes {
		return ofClasses(labels, same, rng)
	}
	var out [][2]int
	if same {
		waiting := make(map[int32]int) // item of each class that has no partner yet
		for _, i := range rng.Perm(len(labels)) {
			c := labels[i]
			if c < 0 {
				continue
			}
			if j, ok := waiting[c]; ok {
				out = append(out, [2]int{j, i})
				delete(waiting, c)
			} else {
				waiting[c] = i
			}
		}
		return out
	}
	var labelled []int
	for _, i := range rng.Perm(len(labels)) {
		if labels[i] >= 0 {
			labelled = append(labelled, i)
		}
	}
	for k := 0; k+1 < len(labelled); k += 2 {
		if i, j := labelled[k], labelled[k+1]; labels[i] != labels[j] {
			out = append(out, [2]int{i, j})
		}
	}
	return out
}

// ofClasses is [Disjoint] by classes.
func ofClasses(labels []int32, same bool, rng *rand.Rand) [][2]int {
	members := make(map[int32][]int)
	for i, c := range labels {
		if c >= 0 {
			members[c] = append(members[c], i)
		}
	}
	classes := slices.Sorted(maps.Keys(members)) // maps have no order
	var out [][2]int
	if same {
		for _, c := range classes {
			if of := members[c]; len(of) > 1 {
				two := rng.Perm(len(of))
				out = append(out, [2]int{of[two[0]], of[two[1]]})
			}
		}
		return out
	}
	one := func(c int32) int { return members[c][rng.IntN(len(members[c]))] }
	rng.Shuffle(len(classes), func(i, j int) { classes[i], classes[j] = classes[j], classes[i] })
	for k := 0; k+1 < len(classes); k += 2 {
		out = append(out, [2]int{one(classes[k]), one(classes[k+1])})
	}
	return out
}

// Listed returns the places of listed pairs, wholly same or wholly different, that share no item, taken in random order;
// pairs of weight 0 are left out. A nil rng takes them in their own order.
func Listed(p stats.LabelledPairs, same bool, rng *rand.Rand) []int {
	order := make([]int, len(p.Label))
	for k := range order {
		order[k] = k
	}
	if rng != nil {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	taken, out := make(map[int32]bool), []int(nil)
	for _, k := range order {
		if p.Label[k] != float32(kind(same)) || p.Weight != nil && p.Weight[k] == 0 || taken[p.Left[k]] ||
			taken[p.Right[k]] {
			continue
		}
		taken[p.Left[k]], taken[p.Right[k]] = true, true
		out = append(out, k)
	}
	return out
}

// Independent returns how many disjoint pairs of each kind items with these class numbers have at most. An item with a
// negative number is the same as no other.
func Independent(labels []int32) (same, different int) {
	counts, alone := make(map[int32]int), 0
	for _, c := range labels {
		if c < 0 {
			alone++
		} else {
			counts[c]++
		}
	}
	most := min(alone, 1)
	for _, n := range counts {
		same += n / 2
		most = max(most, n)
	}
	// All items have partners unless one class has more than half of them.
	return same, min(len(labels)/2, len(labels)-most)
}
