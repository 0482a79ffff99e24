package table

import "golang.org/x/sys/cpu"

// hasAVX2 tells whether the processor has what transpose8x8 and unpack8 are made of. Where it has not, their callers do the same in Go.
var hasAVX2 = cpu.X86.HasAVX2

// transposeFast writes the first of n values of the first of cols to rows that begin at x and are width apart. rows and
// columns say how many of both, finite whether all these values are.
func transposeFast(x []float32, width int, cols [][]float32, n int) (rows, columns int, finite bool) {
	const infinity = 0x7f800000
	rows, columns = n&^7, len(cols)&^7
	if !hasAVX2 || rows == 0 || columns == 0 {
		return 0, 0, true
	}
	for _, c := range cols[:columns] {
		_ = c[:rows]
	}
	_ = x[(rows-1)*width+columns-1]
	return rows, columns, transpose8x8(&x[0], 4*width, &cols[0], columns/8, rows/8) < infinity
}

// unpacking says how 8 packed codes of one width are taken from the bytes that hold them: which bytes each lies in, how
// far it is shifted there, and which bits are its own. The first four take their bytes from where the first begins, the
// others from where the fifth does.
type unpacking struct {
	bytes  [32]byte
	shifts [8]uint32
	mask   [8]uint32
}

// widestUnpacked bits are in four bytes, wherever they begin.
const widestUnpacked = 25

// unpackings has every width.
var unpackings = func() (all [widestUnpacked + 1]unpacking) {
	for width := range all {
		u := &all[width]
		for k := range 8 {
			bit := k * width
			if k >= 4 {
				bit -= 4 * width &^ 7
			}
			for b := range 4 {
				u.bytes[4*k+b] = byte(bit/8 + b)
			}
			u.shifts[k], u.mask[k] = uint32(bit%8), 1<<width-1
		}
	}
	return all
}()

// unpackCodes unpacks codes of that many bits from the beginning of packed: n of them, in groups of 8, and the largest.
func unpackCodes(codes []uint32, packed []byte, width int) (n int, largest uint32) {
	beyond := width/2 + 16 // bytes read from where a group begins
	if !hasAVX2 || width == 0 || width > widestUnpacked || len(packed) < beyond || len(codes) < 8 {
		return 0, 0
	}
	groups := min(len(codes)/8, (len(packed)-beyond)/width+1)
	return 8 * groups, unpack8(&codes[0], &packed[0], groups, width, &unpackings[width])
}
