package scan

import (
	"context"
	"math"
)

// CodeWidth returns the bytes of a row of codes of width numbers: a multiple of 64.
func CodeWidth(width int) int { return (width + 63) &^ 63 }

// MaxCodes is the largest width of rows of codes: products of 255 and 127 must not overflow an int32.
const MaxCodes = 1 << 16

// CodeTile is some rows of codes. Rows of Codes are CodeWidth apart.
type CodeTile struct {
	Codes  []int8
	Sums   []int32   // of the codes of a row, times 128
	Scales []float32 // a number is about its code times the scale of its row
}

// Encode writes the codes of a row, and 0 after them, and returns its sum and scale: the largest number has code 127.
func Encode(codes []int8, row []float32) (sum int32, scale float32) {
	var largest float32
	for _, v := range row {
		largest = max(largest, v, -v)
	}
	clear(codes)
	if largest == 0 {
		return 0, 0
	}
	up := 127 / float64(largest)
	for k, v := range row {
		c := int8(math.RoundToEven(float64(v) * up))
		codes[k] = c
		sum += int32(c)
	}
	return sum * 128, float32(float64(largest) / 127)
}

// HasCodes says that the processor has a kernel for [Codes]. Elsewhere a caller scans floats.
func HasCodes() bool { return hasCodes }

// Codes scans n rows of codes for queries [q, width] as [Floats] does, where [HasCodes]. Scores are in units of each
// query, and approximations: want has no Exact, and hits are to be ranked again. rows returns rows [from, to), of its
// own memory or of buf, which is large enough.
func Codes(ctx context.Context, queries []float32, q, width int, rows func(buf CodeTile, from, to int) CodeTile, n int,
	want Want) ([]Found, error) {
	wide := CodeWidth(width)
	c := &codes{width: wide, rows: rows, queries: make([]uint8, q*wide)}
	one := make([]int8, wide)
	for i := range q {
		Encode(one, queries[i*width:(i+1)*width])
		for k, v := range one {
			c.queries[i*wide+k] = uint8(int(v) + 128)
		}
	}
	if q > few { // panels of 32 queries, four numbers of each after another
		c.packed = make([]uint8, (q+31)/32*32*wide)
		for i := range q {
			at := c.packed[i/32*32*wide+i%32*4:]
			for k := 0; k < wide; k += 4 {
				copy(at[k*32:], c.queries[i*wide+k:][:4])
			}
		}
	}
	return run(ctx, c, q, n, &want)
}

// codes is the operand of bytes.
type codes struct {
	queries, packed []uint8 // codes + 128
	width           int
	rows            func(buf CodeTile, from, to int) CodeTile
}

func (c *codes) shape() (rows, cols int) { return 12, 32 }

func (c *codes) tileRows() int { return 12 * max(2, tileBytes/(c.width*12)) }

// NewCodeTile returns memory for n rows.
func NewCodeTile(n, width int) CodeTile {
	return CodeTile{make([]int8, n*CodeWidth(width)), make([]int32, n), make([]float32, n)}
}

func (c *codes) tile(b *buffers, from, to int) {
	if b.products == nil {
		b.codes, b.last = NewCodeTile(c.tileRows(), c.width), NewCodeTile(12, c.width)
		b.products = make([]int32, c.tileRows()+4)
	}
	t := c.rows(b.codes, from, to)
	b.n = to - from
	b.own = t
}

// from returns the rows of the tile from i on; the last ones with whatever after them.
func (c *codes) from(b *buffers, i, rows int) CodeTile {
	t := b.own
	if i+rows <= b.n {
		return CodeTile{t.Codes[i*c.width:], t.Sums[i:], t.Scales[i:]}
	}
	copy(b.last.Codes, t.Codes[i*c.width:b.n*c.width])
	copy(b.last.Sums, t.Sums[i:b.n])
	copy(b.last.Scales, t.Scales[i:b.n])
	return b.last
}

func (c *codes) panel(b *buffers, i, p int, limits []float32) uint32 {
	t := c.from(b, i, 12)
	return panelCodes(b.scores, b.masks, t.Codes, c.width, c.packed[p*32*c.width:], limits, t.Sums, t.Scales)
}

func (c *codes) line(b *buffers, query int) {
	x, fours := c.queries[query*c.width:][:c.width], b.n/4
	if fours > 0 {
		lineCodes(b.products, b.own.Codes, c.width, x, fours)
	}
	if 4*fours < b.n {
		lineCodes(b.products[4*fours:], c.from(b, 4*fours, 4).Codes, c.width, x, 1)
	}
	for r := range b.n {
		b.line[r] = float32(b.products[r]-b.own.Sums[r]) * b.own.Scales[r]
	}
}
