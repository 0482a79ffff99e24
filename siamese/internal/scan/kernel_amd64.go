package scan

import (
	"github.com/klauspost/cpuid/v2"
)

// The functions of kernel_amd64.s, which testdata/asm.py writes. A scalar product is summed in the order of its numbers
// by the first three, and in vectors by the others. stride is in bytes; steps, fours and sixteens are at least 1.
//
// The first three write the scores of their rows with the columns of a panel, for every row the mask of the columns
// whose score is at or above their limit, and return the masks of all rows together.

//go:noescape
func dot12x32(scores *float32, masks *uint32, rows *float32, stride, steps uintptr, panel, limits *float32) (any uint32)

//go:noescape
func dot6x16(scores *float32, masks *uint32, rows *float32, stride, steps uintptr, panel, limits *float32) (any uint32)

//go:noescape
func code12x32(scores *float32, masks *uint32, rows *int8, stride, steps uintptr, panel *uint8, limits *float32,
	sums *int32, scales *float32) (any uint32)

//go:noescape
func dots512(out, rows *float32, stride, steps uintptr, query *float32, fours uintptr)

//go:noescape
func dots256(out, rows *float32, stride, steps uintptr, query *float32, fours uintptr)

//go:noescape
func codes512(out *int32, rows *int8, stride, steps uintptr, query *uint8, fours uintptr)

//go:noescape
func halves16(out *float32, in *uint16, sixteens uintptr)

//go:noescape
func lanes16(out *[16]float64, x, y *float32, sixteens uintptr)

// kernels returns those that the processor and its system have, the fastest first; the plain one is always the last.
func kernels() []kernel {
	var all []kernel
	if cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX2) {
		all = append(all, kernel{name: "AVX-512", rows: 12, cols: 32, panel: panel512, step: 16, dots: line512})
	}
	if cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		all = append(all, kernel{name: "AVX2", rows: 6, cols: 16, panel: panel256, step: 8, dots: line256})
	}
	return append(all, plain)
}

// hasCodes says that scores of bytes have a kernel of their own.
var hasCodes = cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512VNNI, cpuid.AVX2)

var hasLanes = cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3)

// lanes adds the products of x and y, as many as are a multiple of 16, to 16 sums, and returns how many it did.
func lanes(out *[16]float64, x, y []float32) int {
	n := len(x) &^ 15
	if !hasLanes || n == 0 {
		return 0
	}
	_ = y[n-1]
	lanes16(out, &x[0], &y[0], uintptr(n/16))
	return n
}

var hasHalves = cpuid.CPU.Supports(cpuid.F16C)

func panel512(scores []float32, masks []uint32, rows []float32, width int, panel, limits []float32) uint32 {
	_, _, _ = scores[12*32-1], masks[11], limits[31]
	_, _ = rows[12*width-1], panel[32*width-1]
	return dot12x32(&scores[0], &masks[0], &rows[0], uintptr(4*width), uintptr(width), &panel[0], &limits[0])
}

func panel256(scores []float32, masks []uint32, rows []float32, width int, panel, limits []float32) uint32 {
	_, _, _ = scores[6*16-1], masks[5], limits[15]
	_, _ = rows[6*width-1], panel[16*width-1]
	return dot6x16(&scores[0], &masks[0], &rows[0], uintptr(4*width), uintptr(width), &panel[0], &limits[0])
}

func line512(out, rows []float32, width int, query []float32, fours int) {
	_, _, _ = out[4*fours-1], rows[4*fours*width-1], query[width-1]
	dots512(&out[0], &rows[0], uintptr(4*width), uintptr(width/16), &query[0], uintptr(fours))
}

func line256(out, rows []float32, width int, query []float32, fours int) {
	_, _, _ = out[4*fours-1], rows[4*fours*width-1], query[width-1]
	dots256(&out[0], &rows[0], uintptr(4*width), uintptr(width/8), &query[0], uintptr(fours))
}

// panelCodes is a call of the kernel of bytes for 12 rows of codes, width a multiple of 4.
func panelCodes(scores []float32, masks []uint32, rows []int8, width int, panel []uint8, limits []float32,
	sums []int32, scales []float32) uint32 {
	_, _, _, _, _ = scores[12*32-1], masks[11], limits[31], sums[11], scales[11]
	_, _ = rows[12*width-1], panel[32*width-1]
	return code12x32(&scores[0], &masks[0], &rows[0], uintptr(width), uintptr(width/4), &panel[0], &limits[0], &sums[0],
		&scales[0])
}

// lineCodes writes the integer products of a query with 4*fours rows, width a multiple of 64.
func lineCodes(out []int32, rows []int8, width int, query []uint8, fours int) {
	_, _, _ = out[4*fours-1], rows[4*fours*width-1], query[width-1]
	codes512(&out[0], &rows[0], uintptr(width), uintptr(width/64), &query[0], uintptr(fours))
}

// halvesToFloats widens numbers of 16 bits; what is left of 16 at a time is for the caller. It returns how many it did.
func halvesToFloats(out []float32, in []uint16) int {
	n := len(in) &^ 15
	if !hasHalves || n == 0 {
		return 0
	}
	_ = out[n-1]
	halves16(&out[0], &in[0], uintptr(n/16))
	return n
}
