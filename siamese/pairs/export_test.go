package pairs

// ErrNoPairs, CountSame and Sides show the parts of a split to tests outside the package, which use helpers that import
// it.
var ErrNoPairs = errNoPairs

func CountSame(pairs Pairs) int { return countSame(pairs) }

func (s *Split) Sides() []pairSide { return s.sides() }
