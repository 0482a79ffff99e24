package split

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/ondisk"
)

// leakFinder looks for what is on two sides of a split. Every kind of leak comes down to sets of items that belong
// together: a set with items on two sides leaks between them.
type leakFinder struct {
	f     *data.Frame
	sides []side // the three of the split, with items in range
}

// maxLeakPairs is how many near-duplicate pairs are kept for examples; the counts need none, since they come from the
// groups. The most similar pairs are kept, and examples are the most similar ones across sides: with too few, all kept
// pairs could be within a side.
const maxLeakPairs = 1 << 16

// duplicates returns those given, or finds those among the items that are on a side, as items of f: items that are left
// out leak nothing, even where they are the link between two others.
func (o LeakageOptions) duplicates(ctx context.Context, s *Split, f *data.Frame) (*duplicates.Duplicates, error) {
	if o.Duplicates != nil {
		return o.Duplicates, nil
	}
	items := slices.Concat(s.Train, s.Val, s.Test)
	slices.Sort(items)
	items = slices.Compact(items)
	if o.Similarity == 0 {
		return exactAmong(ctx, f, items)
	}
	whole := len(items) == f.N() // then no copy of the frame is needed
	among := f
	switch {
	case whole:
	case ondisk.Holds(f.X):
		copied, release, err := ondisk.Select(ctx, f, items, "", nil)
		if err != nil {
			return nil, err
		}
		defer release()
		among = copied
	default:
		among = f.Select(items)
	}
	d, err := duplicates.FindSound(ctx, among, nil, duplicates.Options{Near: o.Similarity > 0,
		Threshold: o.Similarity, MaxPairs: maxLeakPairs, Progress: o.Progress})
	if err != nil || whole {
		return d, err
	}
	back := func(groups [][]int) [][]int { // from places in items to items of f
		out := make([][]int, len(groups))
		for k, group := range groups {
			for _, i := range group {
				out[k] = append(out[k], items[i])
			}
		}
		return out
	}
	d.Exact, d.Near = back(d.Exact), back(d.Near)
	for k, p := range d.Pairs {
		d.Pairs[k].I, d.Pairs[k].J = items[p.I], items[p.J]
	}
	return d, nil
}

// exactAmong returns the exact duplicates of f among some of its items, ascending, without a copy of these.
func exactAmong(ctx context.Context, f *data.Frame, items []int) (*duplicates.Duplicates, error) {
	d, err := duplicates.FindSound(ctx, f, nil, duplicates.Options{})
	if err != nil || len(items) == f.N() {
		return d, err
	}
	groups := [][]int{}
	for _, group := range d.Exact {
		var on []int
		for _, i := range group {
			if _, found := slices.BinarySearch(items, i); found {
				on = append(on, i)
			}
		}
		if len(on) > 1 {
			groups = append(groups, on)
		}
	}
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(a[0], b[0]) }) // the first may be left out
	d.Exact, d.Near = groups, groups
	return d, nil
}

// sidePairs are the pairs of sides that a leak can be between, by their place in leakFinder.sides.
var sidePairs = [][2]int{{0, 1}, {0, 2}, {1, 2}}

// everySide is the closed of leakFinder.named for names that no two sides may share.
func everySide(int, int) bool { return true }

// closedSides reports which pairs of sides may not share a name: those of which one is for held-out names only. test
// and val are the names held out for these sides. Training and validation share their classes unless val has some.
func closedSides(test, val []string) func(a, b int) bool {
	closed := [3]bool{false, len(val) > 0, len(test) > 0}
	return func(a, b int) bool { return closed[a] || closed[b] }
}

// add appends to leaks the leak between sides a and b, if there is one. sets are items that belong together, by side:
// those with items on both sides count. name returns the name of an item's set for examples, "" = it has none.
func (l *leakFinder) add(leaks []Leak, a, b int, sets [][3][]int, name func(i int) string) []Leak {
	leak := Leak{Sides: [2]string{l.sides[a].name, l.sides[b].name}, Examples: []LeakExample{}}
	for _, set := range sets {
		if len(set[a]) == 0 || len(set[b]) == 0 {
			continue
		}
		// Items counts every item of the set on these two sides: all of them have to move.
		leak.Count++
		leak.Items[0] += len(set[a])
		leak.Items[1] += len(set[b])
		if len(leak.Examples) < listing.MaxListed {
			i, j := set[a][0], set[b][0]
			leak.Examples = append(leak.Examples, LeakExample{Name: name(i), IDs: [2]string{l.f.IDs[i], l.f.IDs[j]}})
		}
	}
	if leak.Count == 0 {
		return leaks
	}
	return append(leaks, leak)
}

// nameless is the name of leakFinder.add for sets without names.
func nameless(int) string { return "" }

// bySide returns the sets of items with the same key [N], by side, in the order of their keys. Items with a key below 0
// are in no set. An item that is on two sides, or twice on one, is listed as often.
func (l *leakFinder) bySide(key []int) [][3][]int {
	// A map, since few of the possible keys occur; sorted below, so that reports do not depend on its order.
	sets := make(map[int]*[3][]int)
	for k, side := range l.sides {
		for _, i := range side.items {
			if key[i] < 0 {
				continue
			}
			if sets[key[i]] == nil {
				sets[key[i]] = new([3][]int)
			}
			sets[key[i]][k] = append(sets[key[i]][k], i)
		}
	}
	out := make([][3][]int, 0, len(sets))
	for _, k := range slices.Sorted(maps.Keys(sets)) {
		out = append(out, *sets[k])
	}
	return out
}

// items finds the items that are on two sides themselves: every item is a set of its own.
func (l *leakFinder) items() (leaks []Leak) {
	sets := l.bySide(selection.All(l.f.N()))
	for _, p := range sidePairs {
		leaks = l.add(leaks, p[0], p[1], sets, nameless)
	}
	return leaks
}

// ids finds different items of one id, which a sound frame does not have.
func (l *leakFinder) ids() (leaks []Leak) {
	repeats := make(map[string][]int) // items by id
	for i, id := range l.f.IDs {
		repeats[id] = append(repeats[id], i)
	}
	// An item on two sides is no repeated id: only ids of several items get a key.
	key := make([]int, l.f.N())
	for i, id := range l.f.IDs {
		if key[i] = -1; len(repeats[id]) > 1 {
			key[i] = repeats[id][0]
		}
	}
	sets := l.bySide(key)
	for _, p := range sidePairs {
		leaks = l.add(leaks, p[0], p[1], sets, nameless)
	}
	return leaks
}

// named finds names of a column [N] that occur on two sides which closed says may not share any; "" is no name.
func (l *leakFinder) named(column []string, closed func(a, b int) bool) (leaks []Leak) {
	_, key := selection.Indexed(column)
	sets := l.bySide(key)
	for _, p := range sidePairs {
		if closed(p[0], p[1]) {
			leaks = l.add(leaks, p[0], p[1], sets, func(i int) string { return column[i] })
		}
	}
	return leaks
}

// keysOf returns keys [n] for bySide: the key of an item is the first item of its group. An item in no group has its
// own number as a key, or -1 where alone is false.
func keysOf(n int, groups [][]int, alone bool) []int {
	key := make([]int, n)
	for i := range key {
		if key[i] = -1; alone {
			key[i] = i
		}
	}
	for _, group := range groups {
		for _, i := range group {
			key[i] = group[0]
		}
	}
	return key
}

// exact finds items of the same values on two sides. The same item on both is no duplicate: it is reported among items.
func (l *leakFinder) exact(d *duplicates.Duplicates) (leaks []Leak) {
	// What is in no group of duplicates has no key. Given duplicates may name items that are on no side: bySide looks
	// at the sides only.
	sets := l.bySide(keysOf(l.f.N(), d.Exact, false))
	for _, p := range sidePairs {
		a, b := p[0], p[1]
		leaks = l.add(leaks, a, b, slices.DeleteFunc(slices.Clone(sets), func(set [3][]int) bool {
			return len(set[a]) == 1 && slices.Equal(set[a], set[b])
		}), nameless)
	}
	return leaks
}

// near finds sets of near duplicates on two sides, less those whose items on the two sides all have the same values:
// these are exact duplicates, which are reported as such.
func (l *leakFinder) near(d *duplicates.Duplicates) (leaks []Leak) {
	same := keysOf(l.f.N(), d.Exact, true)
	sets := l.bySide(keysOf(l.f.N(), d.Near, false))
	for _, p := range sidePairs {
		a, b := p[0], p[1]
		before := len(leaks)
		leaks = l.add(leaks, a, b, slices.DeleteFunc(slices.Clone(sets), func(set [3][]int) bool {
			both := slices.Concat(set[a], set[b]) // of one value: exact duplicates and nothing else
			return !slices.ContainsFunc(both, func(i int) bool { return same[i] != same[both[0]] })
		}), nameless)
		if len(leaks) > before {
			l.closest(&leaks[before], a, b, d, same)
		}
	}
	return leaks
}

// closest puts the most similar pairs of near duplicates across sides a and b first among the leak's examples. same is
// the key of an item's exact duplicates: d.Pairs has one pair for all of them, so that an item on side a can stand in
// d.Pairs as a copy that is on another side.
func (l *leakFinder) closest(leak *Leak, a, b int, d *duplicates.Duplicates, same []int) {
	byValue := make(map[int][3][]int) // items of the same values, by side
	for k, side := range l.sides {
		for _, i := range side.items {
			set := byValue[same[i]]
			set[k] = append(set[k], i)
			byValue[same[i]] = set
		}
	}
	var found []LeakExample // d.Pairs are sorted: the first ones are the most similar
	for _, p := range d.Pairs {
		x, y := byValue[same[p.I]], byValue[same[p.J]]
		// Either item of the pair may be the one on side a, or both may be on both sides.
		for _, across := range [][2][]int{{x[a], y[b]}, {y[a], x[b]}} {
			if len(across[0]) > 0 && len(across[1]) > 0 && len(found) < listing.MaxListed {
				found = append(found, LeakExample{IDs: [2]string{l.f.IDs[across[0][0]], l.f.IDs[across[1][0]]},
					Similarity: p.Similarity})
			}
		}
	}
	// The two orders of a pair, and pairs of equal similarity, keep the order in which they were found.
	slices.SortStableFunc(found, func(p, q LeakExample) int { return cmp.Compare(q.Similarity, p.Similarity) })
	// Where the list of pairs was cut short, first items of sets fill up.
	for _, e := range leak.Examples {
		if len(found) < min(listing.MaxListed, leak.Count) && !slices.ContainsFunc(found,
			func(x LeakExample) bool { return x.IDs == e.IDs }) {
			found = append(found, e)
		}
	}
	leak.Examples = found
}
