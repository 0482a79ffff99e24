package pairs

// CountSame and Sides show the parts of a split to tests outside the package, which use helpers that import it.
func CountSame(pairs Pairs) int { return countSame(pairs) }

func (s *Split) Sides() []pairSide { return s.sides() }
