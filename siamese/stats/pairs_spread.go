package stats

import (
	"cmp"
	"math"
	"slices"
)

// pairSpread computes standard errors from influences of pairs.
type pairSpread struct {
	LabelledPairs
	order []int // pairs sorted by their two items, ignoring which is left
	most  int32 // highest item number
	n     int   // number of items
}

func (p LabelledPairs) spread() *pairSpread {
	s := &pairSpread{LabelledPairs: p, order: make([]int, len(p.Label)), n: len(p.numbers())}
	for k := range s.order {
		s.order[k] = k
		s.most = max(s.most, p.Left[k], p.Right[k])
	}
	slices.SortStableFunc(s.order, func(a, b int) int {
		i, j := s.key(a), s.key(b)
		return cmp.Or(cmp.Compare(i[0], j[0]), cmp.Compare(i[1], j[1]))
	})
	return s
}

func (s *pairSpread) key(k int) [2]int32 {
	return [2]int32{min(s.Left[k], s.Right[k]), max(s.Left[k], s.Right[k])}
}

// standardError returns the square root of the variance in [PairIntervals].
func (s *pairSpread) standardError(u []float64) float64 {
	byItem := make([]float64, s.most+1)
	alone := 0.0
	for a := 0; a < len(s.order); {
		key, sum := s.key(s.order[a]), 0.0
		for ; a < len(s.order) && s.key(s.order[a]) == key; a++ {
			sum += u[s.order[a]]
		}
		alone += sum * sum
		byItem[key[0]] += sum
		byItem[key[1]] += sum
	}
	all := -alone
	for _, x := range byItem {
		all += x * x
	}
	if n := s.n; n > 1 {
		return math.Sqrt(max(all, alone) * float64(n) / float64(n-1))
	}
	return math.Sqrt(max(all, alone))
}
