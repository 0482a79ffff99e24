package pairs

import "fmt"

// String returns how many pairs there are of either kind: "1200 pairs: 600 same, 600 different".
func (p Pairs) String() string {
	same, different := p.Counts()
	text := fmt.Sprintf("%d pairs: %d same, %d different", p.Len(), same, different)
	if p.Weight != nil {
		text += ", weighted"
	}
	return text
}

// String returns how many pairs of either kind are lost.
func (l Lost) String() string {
	return fmt.Sprintf("%d same and %d different pairs lost", l.Same, l.Different)
}

// String returns what the sampler draws from.
func (s *Sampler) String() string {
	return fmt.Sprintf("a sampler of pairs of %d items in %d classes", len(s.classesOf), len(s.byClass))
}
