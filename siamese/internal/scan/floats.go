package scan

import "context"

// Rows returns rows [from, to) of the references, row after row: memory of their own or buf, which is large enough.
type Rows func(buf []float32, from, to int) []float32

// Floats scans n rows of float32 for queries [q, width], width at least 1. All numbers must be finite, and products
// must not overflow. The result has the rows of every query. A cancelled ctx is an error.
func Floats(ctx context.Context, queries []float32, q, width int, rows Rows, n int, want Want) ([]Found, error) {
	f := &floats{kernel: fastest, queries: queries, width: width, rows: rows}
	if q > few {
		f.packed = pack(queries, q, width, f.cols)
	}
	return run(ctx, f, q, n, &want)
}

// floats is the operand of float32.
type floats struct {
	kernel
	queries, packed []float32
	width           int
	rows            Rows
}

func (f *floats) shape() (rows, cols int) { return f.kernel.rows, f.cols }

func (f *floats) tileRows() int {
	r := f.kernel.rows
	return r * max(2, tileBytes/(4*f.width*r))
}

func (f *floats) tile(b *buffers, from, to int) {
	if b.rows == nil {
		b.rows, b.tail = make([]float32, f.tileRows()*f.width), make([]float32, max(4, f.kernel.rows)*f.width)
	}
	b.n, b.tile = to-from, f.rows(b.rows, from, to)
}

func (f *floats) panel(b *buffers, i, p int, limits []float32) uint32 {
	rows := b.tile[i*f.width : b.n*f.width]
	if len(rows) < f.kernel.rows*f.width { // the last ones, with whatever after them
		copy(b.tail, rows)
		rows = b.tail
	}
	return f.kernel.panel(b.scores, b.masks, rows, f.width, f.packed[p*f.cols*f.width:], limits)
}

func (f *floats) line(b *buffers, query int) {
	k, x := f.kernel, f.queries[query*f.width:][:f.width]
	if f.width < k.step {
		k = plain
	}
	fours := b.n / 4
	if fours > 0 {
		k.dots(b.line, b.tile, f.width, x, fours)
	}
	if left := b.n - 4*fours; left > 0 {
		copy(b.tail, b.tile[4*fours*f.width:b.n*f.width])
		k.dots(b.line[4*fours:], b.tail, f.width, x, 1)
	}
	if done := f.width - f.width%k.step; done < f.width {
		for r := range b.n {
			for j, v := range b.tile[r*f.width+done : (r+1)*f.width] {
				b.line[r] += v * x[done+j]
			}
		}
	}
}
