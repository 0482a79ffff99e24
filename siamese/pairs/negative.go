package pairs

import (
	"math/rand/v2"

	"github.com/go-siamese/lab/siamese/internal/itemset"
)

// findLefts sets lefts and starts: the items that differ from some other item and so can be the left one of a negative
// pair. If items have one class each and there are two classes, these are all. It takes O(N) operations for items of
// one class, and up to O(N²) for items of several.
func (s *Sampler) findLefts() {
	// An item differs from some other one if fewer than all labelled items share a class with it.
	labelled := 0
	for _, list := range s.classesOf {
		if len(list) > 0 {
			labelled++
		}
	}
	differs := make([]bool, len(s.classesOf))
	// near is the stamp of the last item that has a class in common. Counting stamps instead of clearing a set for
	// every item keeps the cost at the sizes of its classes.
	near, stamp := make([]int32, len(s.classesOf)), int32(0)
	for i, list := range s.classesOf {
		if len(list) == 1 {
			differs[i] = len(s.byClass[list[0]]) < labelled
			continue
		}
		stamp++
		alike := 0 // items that share a class with item i, itself included
		for _, c := range list {
			for _, item := range s.byClass[c] {
				if near[item] != stamp {
					near[item] = stamp
					alike++
				}
			}
		}
		differs[i] = alike < labelled
	}
	s.lefts = make([][]int32, len(s.byClass))
	for c, items := range s.byClass {
		for _, item := range items {
			if differs[item] {
				s.lefts[c] = append(s.lefts[c], item)
			}
		}
		if len(s.lefts[c]) > 0 {
			s.starts = append(s.starts, int32(c))
		}
	}
}

// left draws the left item of a negative pair: a class, uniformly, and one of its items. class is the one drawn; with
// several labels the item may have others.
func (s *Sampler) left(rng *rand.Rand) (item, class int32) {
	class = s.starts[rng.IntN(len(s.starts))]
	return s.lefts[class][rng.IntN(len(s.lefts[class]))], class
}

// draws is the number of random tries for an item without a common class. The first succeeds if items have one class
// each. Looking through all items, which always succeeds, takes O(N).
const draws = 16

// negative draws two items without a common class: the left one as left does, the right one from the domain that
// otherDomain draws, a class first and then one of its items. If the domain has none that differs, it is drawn from all
// domains.
func (s *Sampler) negative(rng *rand.Rand) (left, right int32) {
	left, class := s.left(rng)
	if d, ok := s.otherDomain(left, class, rng); ok {
		// Classes are drawn uniformly, as for left items: a class that is rare in the domain counts as much as others.
		classes := s.classesIn[d]
		for range draws {
			other := classes[rng.IntN(len(classes))]
			for other == class { // ends: otherDomain found another class there
				other = classes[rng.IntN(len(classes))]
			}
			items := s.byDomainClass[d][other]
			if right = items[rng.IntN(len(items))]; s.differ(left, right) {
				return left, right
			}
		}
		if right, ok := s.anyDifferent(left, d, rng); ok {
			return left, right
		}
	}
	for range draws {
		other := int32(rng.IntN(len(s.byClass) - 1))
		if other >= class {
			other++
		}
		if right = s.byClass[other][rng.IntN(len(s.byClass[other]))]; s.differ(left, right) {
			return left, right
		}
	}
	right, _ = s.anyDifferent(left, -1, rng) // there is one: findLefts admits no other left items
	return left, right
}

// differ reports whether two labelled items share no class.
func (s *Sampler) differ(a, b int32) bool { return !itemset.Intersect(s.classesOf[a], s.classesOf[b]) }

// anyDifferent draws among all items of a domain (-1 = any) that differ from left, uniformly, or returns false if there
// is none. It takes O(N) operations.
func (s *Sampler) anyDifferent(left, domain int32, rng *rand.Rand) (right int32, ok bool) {
	var items []int32
	for i, list := range s.classesOf {
		if len(list) > 0 && (domain < 0 || s.domainOf[i] == domain) && s.differ(left, int32(i)) {
			items = append(items, int32(i))
		}
	}
	if len(items) == 0 {
		return 0, false
	}
	return items[rng.IntN(len(items))], true
}

// otherDomain draws the domain of the right item of a negative pair: that of left with probability withinDomain, else
// another, uniformly. It returns false if that domain has no other class than the given one. A frame of one domain
// takes no random number.
func (s *Sampler) otherDomain(left, class int32, rng *rand.Rand) (domain int32, ok bool) {
	own := s.domainOf[left]
	domain = own
	if len(s.byDomainClass) > 1 && rng.Float64() >= s.withinDomain {
		domain = int32(rng.IntN(len(s.byDomainClass) - 1))
		if domain >= own {
			domain++
		}
	}
	in := s.classesIn[domain]
	return domain, len(in) > 1 || len(in) == 1 && in[0] != class
}
