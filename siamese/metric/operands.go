package metric

import "math"

// operands are two matrices prepared for a kernel. They are only read afterwards, by all goroutines.
type operands struct {
	left, right *matrix   // queries and references; the same matrix for all pairs of one
	own         []int32   // place on the left -> place of the same item on the right; nil if no item is on both
	panels      []float32 // the right side, as pack has it
	kernel      kernel
	unit        float64 // score of key 1
	kept        []int32 // keys by place on the right, roundUp(right.n, kernel.cols) a row; nil = computed at each use
	mixture     Mixture // nil = none
	places      []int32 // of items on the right, with a mixture
}

// newOperands scales both sides by powers of two so that every score is in [-1, 1], and packs the right side. It
// changes the matrices. self says that left and right are one matrix, whose items are not compared with themselves.
//
// By Cauchy and Schwarz |x.y| <= |x| |y|, and |x-y| <= |x| + |y|, so norms below 1 (1/2 for distances) are enough.
// Powers of two change no digit of a score, so it is unit x key exactly.
func newOperands(left, right *matrix, self bool, sim Similarity) *operands {
	o := &operands{left: left, right: right, unit: 1.0 / keyMax, kernel: dotKernel()}
	if self {
		o.own = make([]int32, left.n)
		for p := range o.own {
			o.own[p] = int32(p)
		}
	}
	switch sim {
	case InnerProduct:
		// Each side by its own factor: their product is taken out of the unit. (Cosines have norms of 1 already.)
		a, b := powerBelow(left.norm), powerBelow(right.norm)
		left.scaleBy(a)
		if !self {
			right.scaleBy(b)
		}
		o.unit /= a * b
	case Euclidean:
		// One factor for both sides, or distances between them would change.
		f := powerBelow(2 * max(left.norm, right.norm))
		left.scaleBy(f)
		if !self {
			right.scaleBy(f)
		}
		o.unit /= f
		o.kernel = distanceKernel()
	}
	o.panels = pack(right, o.kernel.cols)
	return o
}

// rows returns operands for the left items at the given places, in rising order, and the same right side, which is not
// copied. Left and right of o must be the same items.
func (o *operands) rows(at []int32) *operands {
	s := *o
	s.left, s.own = o.left.subset(at), at
	return &s
}

// powerBelow returns a power of two f such that f x norm lies in [.5, 1), or 1 for a norm of 0.
func powerBelow(norm float64) float64 {
	if norm == 0 {
		return 1
	}
	// Exact, unlike a power of two by logarithms.
	_, e := math.Frexp(norm) // norm = m 2^e with m in [.5, 1)
	return math.Ldexp(1, -e)
}

// pack returns the rows of m in panels of cols rows each, transposed: number k of all of them comes before number
// k+1. The last panel is padded with zeros. With cols 1 it is the matrix itself.
//
// A kernel then reads a panel from start to end, cols numbers at a time, each of which belongs to another sum.
func pack(m *matrix, cols int) []float32 {
	if cols == 1 {
		return m.rows
	}
	out := make([]float32, roundUp(m.n, cols)*m.width)
	for p := range m.n {
		at := out[p/cols*cols*m.width+p%cols:]
		for k, x := range m.rows[p*m.width : (p+1)*m.width] {
			at[k*cols] = x
		}
	}
	return out
}
