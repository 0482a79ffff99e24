package metric

import (
	"math"
	"slices"
)

// table is the contingency table of two groupings: it counts the items in group i of one and group j of the other.
type table struct {
	n          int            // items
	rows, cols []int          // sizes of the groups
	cells      map[[2]int]int // cells that are not 0
}

// contingency returns the table of two groupings of the same items.
func contingency(a, b []int32) table {
	t := table{n: len(a), cells: map[[2]int]int{}}
	// Group numbers may be any int32; ranks are indices.
	ra, rb := ranks(a), ranks(b)
	for i := range a {
		t.rows = count(t.rows, ra[i])
		t.cols = count(t.cols, rb[i])
		t.cells[[2]int{ra[i], rb[i]}]++
	}
	return t
}

// ranks returns the index of each number among the sorted distinct numbers of x.
func ranks(x []int32) []int {
	names := slices.Clone(x)
	slices.Sort(names)
	names = slices.Compact(names)
	out := make([]int, len(x))
	for i, v := range x {
		out[i], _ = slices.BinarySearch(names, v)
	}
	return out
}

// count adds 1 to sizes[i] and returns sizes, grown if necessary.
func count(sizes []int, i int) []int {
	for len(sizes) <= i {
		sizes = append(sizes, 0)
	}
	sizes[i]++
	return sizes
}

// entropy returns the entropy of a grouping in nats, -sum of p log p. Sizes are above 0.
func entropy(sizes []int) float64 {
	n := 0
	for _, s := range sizes {
		n += s
	}
	var h float64
	for _, s := range sizes {
		p := float64(s) / float64(n)
		h -= p * math.Log(p)
	}
	return h
}

// information returns the mutual information in nats: sum over cells of n/N log(N n / (a b)), with n items in the cell
// of groups of a and of b items. It is at least 0; rounding may give a little less.
func (t table) information() float64 {
	var mi float64
	for i, a := range t.rows {
		for j, b := range t.cols { // not over the map: its order would change the rounding
			if c := float64(t.cells[[2]int{i, j}]); c > 0 {
				mi += c / float64(t.n) * (math.Log(float64(t.n)*c) - math.Log(float64(a)*float64(b)))
			}
		}
	}
	return math.Max(0, mi)
}

// expected returns the expected mutual information of random groupings with the same group sizes: a cell of groups a
// and b then holds n items with hypergeometric probability (Vinh, Epps and Bailey 2010, theorem 8). Probabilities come
// from logarithms of factorials, which do not overflow. It takes O(N (rows + cols)) time, as the sizes of each side sum
// to N.
func (t table) expected() float64 {
	// lf is the logarithm of the factorial, by number.
	lf := make([]float64, t.n+1)
	for i := 2; i <= t.n; i++ {
		lf[i] = lf[i-1] + math.Log(float64(i))
	}
	var emi float64
	for _, a := range t.rows {
		for _, b := range t.cols {
			// The logarithm of a! b! (N-a)! (N-b)! / N!, which does not depend on n.
			fixed := lf[a] + lf[b] + lf[t.n-a] + lf[t.n-b] - lf[t.n]
			ab := math.Log(float64(a) * float64(b))
			// A cell holds at least a+b-N items, as there are no others, and 0 adds nothing to the sum.
			for n := max(1, a+b-t.n); n <= min(a, b); n++ {
				chance := math.Exp(fixed - lf[n] - lf[a-n] - lf[b-n] - lf[t.n-a-b+n])
				emi += float64(n) / float64(t.n) * (math.Log(float64(t.n)*float64(n)) - ab) * chance
			}
		}
	}
	return emi
}
