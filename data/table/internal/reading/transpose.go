package reading

// TileColumns is how many columns are turned into rows together: with 32, a row's share is
// two lines of the processor's cache.
const TileColumns = 32

// blockRows is how many rows are filled at a time: they lie on at most as many pages of memory, few enough for
// the processor's TLB.
const blockRows = 32

// Transpose writes n values of each of cols to rows [row, row+n) and columns [at,
// at+len(cols)), and looks at values that are not finite as [Matrix.Look] does. Each of
// cols has n values at least. Different places of m may be filled at the same time.
func (m *Matrix) Transpose(cols [][]float32, n, row, at int) {
	for from := 0; from < n; from += blockRows {
		m.transposeBlock(cols, from, min(n, from+blockRows), row, at)
	}
}

// transposeBlock is Transpose for the values [from, to) of each column.
func (m *Matrix) transposeBlock(cols [][]float32, from, to, row, at int) {
	for len(cols) >= 8 {
		if !m.transpose8(cols, from, to, row, at) {
			m.Look(row+from, to-from, at, 8)
		}
		cols, at = cols[8:], at+8
	}
	for k, c := range cols {
		finite := float32(0)
		for i := from; i < to; i++ {
			finite += c[i] - c[i]
			m.X[(row+i)*m.Width+at+k] = c[i]
		}
		if finite != 0 {
			m.Look(row+from, to-from, at+k, 1)
		}
	}
}

// transpose8 is transposeBlock for 8 columns, so that 8 neighbours in a row are written
// together. It returns false where a value is not finite: only those differ from themselves
// by something other than 0. The sums, four of them so that none waits for the other,
// replace a branch for every value.
func (m *Matrix) transpose8(cols [][]float32, from, to, row, at int) bool {
	n := to - from
	c0, c1, c2, c3 := cols[0][from:to][:n], cols[1][from:to][:n], cols[2][from:to][:n], cols[3][from:to][:n]
	c4, c5, c6, c7 := cols[4][from:to][:n], cols[5][from:to][:n], cols[6][from:to][:n], cols[7][from:to][:n]
	var s0, s1, s2, s3 float32
	place := (row+from)*m.Width + at
	for i := range n {
		d := m.X[place : place+8 : place+8]
		a, b, c, e := c0[i], c1[i], c2[i], c3[i]
		d[0], d[1], d[2], d[3] = a, b, c, e
		s0 += a - a
		s1 += b - b
		s2 += c - c
		s3 += e - e
		a, b, c, e = c4[i], c5[i], c6[i], c7[i]
		d[4], d[5], d[6], d[7] = a, b, c, e
		s0 += a - a
		s1 += b - b
		s2 += c - c
		s3 += e - e
		place += m.Width
	}
	return s0+s1+s2+s3 == 0
}
