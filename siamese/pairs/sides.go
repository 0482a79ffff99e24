package pairs

import (
	"fmt"
	"math"
	"strings"

	"github.com/go-siamese/lab/data/quote"
)

// pairSide is one side of a split of pairs, with the name that messages use.
type pairSide struct {
	Name  string
	Items []int // ascending rows of the frame
	Pairs Pairs
}

// sides returns the three sides, also those without items.
func (s *Split) sides() []pairSide {
	return []pairSide{{"train", s.Items.Train, s.Train}, {"validation", s.Items.Val, s.Val},
		{"test", s.Items.Test, s.Test}}
}

// fill sets the pairs of each side, given its items among the n of the frame, and counts the lost ones.
func (s *Split) fill(pairs Pairs, n int) {
	side := make([]int8, n) // 1 + the side of an item, 0 = it is on none
	for t, items := range [][]int{s.Items.Train, s.Items.Val, s.Items.Test} {
		for _, i := range items {
			side[i] = int8(t + 1)
		}
	}
	var places [3][]int32 // indices of the pairs of each side, ascending
	for k := range int32(pairs.Len()) {
		t := side[pairs.Left[k]]
		switch {
		case t > 0 && t == side[pairs.Right[k]]:
			places[t-1] = append(places[t-1], k)
		case pairs.Same(int(k)):
			s.Lost.Same++
		default:
			s.Lost.Different++
		}
	}
	s.Train, s.Val, s.Test = pairs.Pick(places[0]), pairs.Pick(places[1]), pairs.Pick(places[2])
}

// warn adds warnings: more than half of the pairs are lost, a side has pairs of one kind only, or its share of positive
// pairs is more than 10 points from that of all pairs.
func (s *Split) warn(pairs Pairs) {
	add := func(format string, args ...any) { s.Warnings = append(s.Warnings, fmt.Sprintf(format, args...)) }
	if lost := s.Lost.Len(); 2*lost > pairs.Len() {
		add("%d of %d pairs are lost because pairs link nearly all items; a smaller Val and Test lose fewer", lost,
			pairs.Len())
	}
	same := countSame(pairs)
	share := float64(same) / float64(pairs.Len())
	for _, side := range s.sides() {
		n := side.Pairs.Len()
		if n == 0 {
			continue
		}
		// A table of one kind is the caller's choice; a side of one kind, of a table of two, is the split's doing.
		own := countSame(side.Pairs)
		if (own == 0 || own == n) && same > 0 && same < pairs.Len() {
			add("%s: all %d pairs have the same label", side.Name, n)
		} else if off := float64(own)/float64(n) - share; math.Abs(off) > 0.1 {
			add("%s: %.0f %% of the pairs are positive, %.0f %% of all are", side.Name, 100*(share+off), 100*share)
		}
	}
}

// countSame returns the number of positive pairs, whatever their weight.
func countSame(pairs Pairs) int {
	n := 0
	for k := range pairs.Label {
		n += kindOf(pairs, k)
	}
	return n
}

// String describes the split as text: a line for each side, one for lost pairs, and one for each warning.
func (s *Split) String() string {
	var b strings.Builder
	for _, side := range s.sides() {
		same := countSame(side.Pairs)
		fmt.Fprintf(&b, "%-10s %6d items %8d pairs: %d positive, %d negative\n", side.Name, len(side.Items),
			side.Pairs.Len(), same, side.Pairs.Len()-same)
	}
	fmt.Fprintf(&b, "%-10s %21d pairs: %d positive, %d negative\n", "lost", s.Lost.Len(), s.Lost.Same, s.Lost.Different)
	for _, w := range s.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", quote.Line(w))
	}
	return b.String()
}
