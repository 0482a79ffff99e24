package pairs

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/go-siamese/lab/data/option"
)

// maxNamed is the number of pairs that a message lists before "and 17 more".
const maxNamed = 5

// Validate returns nil for valid pairs of n items, or an error that joins all problems: lists of different lengths,
// a negative n, items out of range, an item paired with itself, labels outside [0, 1], and weights that are negative or
// not finite.
// No pairs at all are valid. Methods that say so take only valid pairs, and may panic with others.
//
// Warnings are about what is valid but seldom intended: repeated pairs, in either order, with the same or another
// label. Pairs are named by their index, from 0; the first five of a kind are. With an error there are no warnings. It
// takes O(B) operations and memory.
func (p Pairs) Validate(n int) (warnings []string, err error) {
	count := p.Len()
	if len(p.Left) != count || len(p.Right) != count || p.Weight != nil && len(p.Weight) != count {
		return nil,
			fmt.Errorf("pairs: %d left items, %d right items, %d labels, %d weights: want lists of one length "+
				"(no weights: nil)", len(p.Left), len(p.Right), count, len(p.Weight))
	}
	if n < 0 {
		return nil, fmt.Errorf("pairs: %w", option.Errorf("n", "%d items: want 0 or more", n))
	}
	// An item out of range is not compared with the other one: a pair is listed under one of the two faults.
	var outside, self, label, weight named
	for k := range count {
		l, r := p.Left[k], p.Right[k]
		switch {
		case l < 0 || int(l) >= n || r < 0 || int(r) >= n:
			outside.add("pair %d (%d, %d)", k, l, r)
		case l == r:
			self.add("pair %d (item %d)", k, l)
		}
		// Conditions are of what is right, because every comparison with NaN is false.
		if !(p.Label[k] >= 0 && p.Label[k] <= 1) {
			label.add("pair %d (%v)", k, p.Label[k])
		}
		if p.Weight != nil && !(p.Weight[k] >= 0 && p.Weight[k] <= math.MaxFloat32) {
			weight.add("pair %d (%v)", k, p.Weight[k])
		}
	}
	// All problems at once: who mends a file wants to do so once.
	err = errors.Join(
		outside.problem("items out of range [0, %d)", n),
		self.problem("an item with itself: leave such pairs out"),
		label.problem("labels lie in [0, 1], 1 = same, 0 = different"),
		weight.problem("weights are finite and 0 or more"),
	)
	if err != nil {
		return nil, err
	}
	return p.repeated(), nil
}

// repeated returns warnings about pairs of the same two items, in either order. Every repetition is compared with the
// first of its pairs, so that three equal pairs are two repetitions.
func (p Pairs) repeated() []string {
	var again, against named
	first := make(map[[2]int32]int, p.Len()) // the first pair of two items, the lower number first
	for k, label := range p.Label {
		key := [2]int32{min(p.Left[k], p.Right[k]), max(p.Left[k], p.Right[k])}
		j, ok := first[key]
		switch {
		case !ok:
			first[key] = k
		case p.Label[j] == label:
			again.add("pair %d repeats pair %d", k, j)
		default:
			against.add("pair %d says %v and pair %d says %v of items %d and %d", k, label, j, p.Label[j], key[0],
				key[1])
		}
	}
	var warnings []string
	if again.count > 0 {
		warnings = append(warnings, fmt.Sprintf("%d pair(s) occur again and count again: %s", again.count,
			again.String()))
	}
	if against.count > 0 {
		warnings = append(warnings, fmt.Sprintf("%d pair(s) occur again with another label: %s", against.count,
			against.String()))
	}
	return warnings
}

// WeightOf returns the weight of pair k: 1 where there are no weights.
func (p Pairs) WeightOf(k int) float32 {
	if p.Weight == nil {
		return 1
	}
	return p.Weight[k]
}

// Same reports whether pair k counts as positive: its label is 1/2 or more.
func (p Pairs) Same(k int) bool { return p.Label[k] >= 0.5 }

// Pick returns a copy of the pairs with these indices, in that order; an index may occur several times. It panics if an
// index is out of range.
func (p Pairs) Pick(places []int32) Pairs {
	out := Pairs{Left: make([]int32, len(places)), Right: make([]int32, len(places)),
		Label: make([]float32, len(places))}
	if p.Weight != nil {
		out.Weight = make([]float32, len(places))
	}
	for i, k := range places {
		out.Left[i], out.Right[i], out.Label[i] = p.Left[k], p.Right[k], p.Label[k]
		if p.Weight != nil {
			out.Weight[i] = p.Weight[k]
		}
	}
	return out
}

// Items returns the items that are in pairs, of any weight, ascending and distinct. The pairs must be valid for n
// items.
func (p Pairs) Items(n int) []int {
	in := make([]bool, n) // marks instead of a sort: the result is ascending in O(n + B)
	for k := range p.Left {
		in[p.Left[k]], in[p.Right[k]] = true, true
	}
	var items []int
	for i, used := range in {
		if used {
			items = append(items, i)
		}
	}
	return items
}

// named counts the pairs with one fault and lists the first few, so that the message about a million bad pairs fits on
// a screen.
type named struct {
	first []string // descriptions, at most maxNamed
	count int      // of all that were added
}

// add counts one pair, described by format and args.
func (f *named) add(format string, args ...any) {
	if f.count++; f.count <= maxNamed {
		f.first = append(f.first, fmt.Sprintf(format, args...))
	}
}

// String returns the descriptions, separated by commas, and how many more there are.
func (f *named) String() string {
	text := strings.Join(f.first, ", ")
	if more := f.count - maxNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// problem returns an error that says what is wrong and lists the pairs, or nil if none was added.
func (f *named) problem(format string, args ...any) error {
	if f.count == 0 {
		return nil
	}
	return fmt.Errorf("pairs: "+format+": %s", append(args, f.String())...)
}
