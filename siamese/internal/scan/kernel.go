package scan

// kernel computes scalar products of rows of references with queries, which is where nearly all time goes. Kernels
// round differently: what they find are candidates, whose scores the caller computes again.
type kernel struct {
	name       string // in tests and benchmarks
	rows, cols int    // of a call of panel

	// panel writes the scores of k.rows rows of references, width apart, with the k.cols queries of a panel (see pack) to
	// scores, row by row, and for every row the mask of those that are at or above the limit of their query. It returns
	// the masks of all rows together: mostly 0.
	panel func(scores []float32, masks []uint32, rows []float32, width int, panel, limits []float32) (any uint32)

	// dots writes the products of one query with 4*fours rows, of the first width &^ (step-1) numbers only: for queries
	// that are too few for a panel, where the speed is that of memory.
	dots func(out, rows []float32, width int, query []float32, fours int)
	step int
}

// fastest is the kernel in use, chosen by what the processor can do. Tests set others.
var fastest = kernels()[0]

// Kernel returns the name of the kernel in use.
func Kernel() string { return fastest.name }

// plain is the kernel for processors without another one.
var plain = kernel{name: "plain", rows: 2, cols: 4, panel: panelPlain, step: 1, dots: dotsPlain}

// panelPlain keeps eight sums in registers: each number that is loaded is used more than once, and the sums do not wait
// for each other.
func panelPlain(scores []float32, masks []uint32, rows []float32, width int, panel, limits []float32) (any uint32) {
	x, y := rows[:width], rows[width:][:width]
	var u0, u1, u2, u3, v0, v1, v2, v3 float32
	for k, s := range x {
		b, t := panel[4*k:4*k+4], y[k]
		u0 += s * b[0]
		u1 += s * b[1]
		u2 += s * b[2]
		u3 += s * b[3]
		v0 += t * b[0]
		v1 += t * b[1]
		v2 += t * b[2]
		v3 += t * b[3]
	}
	*(*[8]float32)(scores) = [8]float32{u0, u1, u2, u3, v0, v1, v2, v3}
	for r := range 2 {
		masks[r] = 0
		for c := range 4 {
			if scores[4*r+c] >= limits[c] {
				masks[r] |= 1 << c
			}
		}
		any |= masks[r]
	}
	return any
}

func dotsPlain(out, rows []float32, width int, query []float32, fours int) {
	for i := range 4 * fours {
		row := rows[i*width:][:width]
		var a, b float32
		k := 0
		for ; k+2 <= width; k += 2 {
			a += row[k] * query[k]
			b += row[k+1] * query[k+1]
		}
		if k < width {
			a += row[k] * query[k]
		}
		out[i] = a + b
	}
}

// pack returns queries [n, width] in panels of cols, transposed: number k of all of them comes before number k+1. The
// last panel is padded with zeros. A kernel reads a panel from start to end.
func pack(queries []float32, n, width, cols int) []float32 {
	out := make([]float32, (n+cols-1)/cols*cols*width)
	for q := range n {
		at := out[q/cols*cols*width+q%cols:]
		for k, x := range queries[q*width : (q+1)*width] {
			at[k*cols] = x
		}
	}
	return out
}
