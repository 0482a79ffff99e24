package metric

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// gridBits is the resolution of scores: a key is a score as a multiple of 2^-gridBits of the largest possible score,
// rounded towards zero. 24 bits are the spacing of float32 just below 1, finer than the rounding error of a float32
// dot product; integer keys make counting exact and cheap.
const gridBits = 24

// keyMax is the key of the largest score; the smallest is -keyMax. It is exact in float32.
const keyMax = 1 << gridBits

// rowMultiple and widthMultiple are the multiples to which the kernels' operands are padded with zeros, so that kernels
// need no code for the rest. Zeros change neither dot products nor distances.
const (
	rowMultiple   = 4
	widthMultiple = 16
)

// matrix is a checked embedding matrix whose items are sorted by class, scaled for a kernel and padded with zeros. In
// this order the positives of a row are one range of columns, and no label has to be looked at for a pair.
type matrix struct {
	// A place is an item's number in the order of classes, an item its number in the caller's rows.
	n, width int       // items and padded width
	rows     []float32 // (n rounded up to rowMultiple) x width
	item     []int32   // labels by item, as given
	labels   []int32   // labels by place in the sorted order
	index    []int32   // place -> item
	begin    []int32   // place -> first place of its class
	end      []int32   // place -> one past the last place of its class
	zero     []int     // items that are zero vectors
	norm     float64   // largest Euclidean norm
}

// newMatrix checks emb (N x E) and sorts its items by class, keeping their order within a class. With Cosine, rows are
// scaled to length 1; zero rows stay zero. emb is copied, labels are kept. No items are no error. name is what errors
// call the matrix; they say which length does not fit or which item is not finite.
func newMatrix(name string, emb []float32, labels []int32, sim Similarity) (*matrix, error) {
	n := len(labels)
	if n == 0 && len(emb) == 0 {
		return &matrix{}, nil
	}
	if n == 0 || len(emb) == 0 || len(emb)%n != 0 {
		return nil, fmt.Errorf("metric: %s hold %d numbers for %d labels: want N x E numbers and N labels",
			name, len(emb), n)
	}
	e := len(emb) / n
	m, err := newOrder(name, labels, e)
	if err != nil {
		return nil, err
	}
	m.rows = make([]float32, roundUp(n, rowMultiple)*m.width)
	for p, i := range m.index {
		row := emb[int(i)*e : (int(i)+1)*e]
		sum, err := squares(name, int(i), row)
		if err != nil {
			return nil, err
		}
		// In float64: the square of a float32 cannot overflow or vanish there.
		m.norm = max(m.norm, math.Sqrt(sum))
		scale := 1.0
		if sum == 0 {
			m.zero = append(m.zero, int(i))
		} else if sim == Cosine {
			scale = unit(sum)
		}
		scaled(m.rows[p*m.width:], 1, row, scale)
	}
	slices.Sort(m.zero)
	return m, nil
}

// newOrder returns a matrix without rows of items with labels, sorted by class; e is the width. No items are no error.
func newOrder(name string, labels []int32, e int) (*matrix, error) {
	n := len(labels)
	if n > math.MaxInt32 {
		return nil, fmt.Errorf("metric: %s hold %d items: at most %d can be compared", name, n, math.MaxInt32)
	}
	m := &matrix{n: n, width: roundUp(e, widthMultiple), item: labels, labels: make([]int32, n),
		index: make([]int32, n)}
	for i := range m.index {
		m.index[i] = int32(i)
	}
	// Stable, so that ties in a ranking can be broken by item within a class without a comparison.
	slices.SortStableFunc(m.index, func(a, b int32) int { return cmp.Compare(labels[a], labels[b]) })
	for p, i := range m.index {
		m.labels[p] = labels[i]
	}
	m.classes()
	return m, nil
}

// squares returns the sum of squares of a row. The error names the item, and the number in it that is not finite.
func squares(name string, item int, row []float32) (float64, error) {
	var sum float64
	for j, x := range row {
		if v := float64(x); math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, fmt.Errorf("metric: %s: number %d of item %d is %v: want finite embeddings", name, j, item, x)
		}
		sum += float64(x) * float64(x)
	}
	return sum, nil
}

// classes sets begin and end.
func (m *matrix) classes() {
	m.begin, m.end = make([]int32, m.n), make([]int32, m.n)
	for a := 0; a < m.n; {
		b := a + 1
		for b < m.n && m.labels[b] == m.labels[a] {
			b++
		}
		for p := a; p < b; p++ {
			m.begin[p], m.end[p] = int32(a), int32(b)
		}
		a = b
	}
}

// span returns the range of places [a, b) of a class in m; it is empty, at the place of insertion, if there is none.
func (m *matrix) span(label int32) (int, int) {
	a, found := slices.BinarySearch(m.labels, label)
	if !found {
		return a, a
	}
	return a, int(m.end[a])
}

// scaleBy multiplies every number by f, a power of two, without rounding (but for numbers that become subnormal).
func (m *matrix) scaleBy(f float64) {
	if f != 1 {
		for i, x := range m.rows {
			m.rows[i] = float32(float64(x) * f)
		}
	}
}

// roundUp returns the lowest number of multiples that is n or more.
func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

// subset returns a copy of the items of m at the given places, in rising order, so that they are sorted by class too.
// Its index holds the items' numbers in m's source. Of a matrix without rows it has none.
func (m *matrix) subset(at []int32) *matrix {
	s := &matrix{n: len(at), width: m.width, item: m.item, norm: m.norm}
	for _, p := range at {
		s.labels = append(s.labels, m.labels[p])
		s.index = append(s.index, m.index[p])
	}
	s.classes()
	if m.rows == nil {
		return s
	}
	s.rows = make([]float32, roundUp(s.n, rowMultiple)*s.width)
	for i, p := range at {
		copy(s.rows[i*s.width:(i+1)*s.width], m.rows[int(p)*m.width:])
	}
	return s
}
