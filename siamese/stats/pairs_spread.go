package stats

import (
	"math"

	"github.com/go-siamese/lab/siamese/internal/rising"
)

// pairSpread computes standard errors from influences of pairs. It is not changed after it is made, so several
// goroutines may use it.
type pairSpread struct {
	LabelledPairs
	order []int32 // pairs sorted by their two items, ignoring which is left
	most  int32   // highest item number
	n     int     // number of items
}

// spread returns the spread of valid pairs, in O(pairs) time.
func (p LabelledPairs) spread() *pairSpread {
	s := &pairSpread{LabelledPairs: p, n: len(p.numbers())}
	keys := make([]uint64, len(p.Label))
	for k := range keys {
		items := s.key(k) // of 0 or more
		keys[k] = uint64(items[0])<<32 | uint64(items[1])
		s.most = max(s.most, items[1])
	}
	s.order = rising.ByKey(keys)
	return s
}

// key returns the two items of pair k, the lower number first: left and right do not matter for their dependence.
func (s *pairSpread) key(k int) [2]int32 {
	return [2]int32{min(s.Left[k], s.Right[k]), max(s.Left[k], s.Right[k])}
}

// standardError returns the square root of the variance in [PairIntervals] from the influences u of the pairs. Listings
// of the same two items are added up before they are squared. It takes O(pairs + highest item number) time.
func (s *pairSpread) standardError(u []float64) float64 {
	byItem := make([]float64, s.most+1)
	alone := 0.0
	for a := 0; a < len(s.order); {
		key, sum := s.key(int(s.order[a])), 0.0
		for ; a < len(s.order) && s.key(int(s.order[a])) == key; a++ {
			sum += u[s.order[a]]
		}
		alone += sum * sum
		byItem[key[0]] += sum
		byItem[key[1]] += sum
	}
	// Each pair is in the squares of both its items: once too often with itself.
	all := -alone
	for _, x := range byItem {
		all += x * x
	}
	if n := s.n; n > 1 {
		return math.Sqrt(max(all, alone) * float64(n) / float64(n-1))
	}
	return math.Sqrt(max(all, alone))
}

// units returns how many independent observations of each kind there are at most: distinct pairs, or items in them.
func (s *pairSpread) units() kindUnits {
	var out kindUnits
	for kind := range out {
		items, pairs := map[int32]bool{}, map[[2]int32]bool{}
		for k, label := range s.Label {
			share := float64(label)
			if kind == 1 {
				share = 1 - share
			}
			if share*s.weight(k) > 0 {
				items[s.Left[k]], items[s.Right[k]] = true, true
				pairs[s.key(k)] = true
			}
		}
		out[kind] = min(len(items), len(pairs))
	}
	return out
}
