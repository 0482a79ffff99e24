package metric

import "github.com/klauspost/cpuid/v2"

// keys2x4 writes the keys of two rows a, bytes apart, with four columns b, bytes apart: to dst, and stride bytes
// further. bytes is a multiple of 64. It needs AVX2.
//
//go:noescape
func keys2x4(dst *int32, stride uintptr, a, b *float32, bytes uintptr)

// plainDotKernel returns the kernel of builds without SIMD. Both have the same bits: of 16 numbers gonum adds the
// products of number 0 to 3 and 8 to 11 to one register and the others to a second one, which are here the halves of
// one.
func plainDotKernel() kernel {
	if cpuid.CPU.Supports(cpuid.AVX2) {
		return kernel{name: "AVX2, as gonum", cols: 1, keys: dotKeys2x4}
	}
	return kernel{name: "gonum", cols: 1, keys: dotKeys}
}

// dotKeys2x4 is [dotKeys] with eight pairs at a time, so that each number that is loaded serves several of them.
func dotKeys2x4(dst []int32, stride int, a []float32, rows int, panels []float32, cols, width int) {
	// A block of columns stays in the first cache, if that has room for four of them and more.
	const most = 6144
	block := max(4, most/max(1, width)&^3)
	even := cols &^ 3
	for j := 0; j < even; j += block {
		end := min(even, j+block)
		for i := 0; i < rows; i += 2 {
			x := a[i*width : (i+2)*width]
			for k := j; k < end; k += 4 {
				y := panels[k*width : (k+4)*width]
				out := dst[i*stride+k : (i+1)*stride+k+4]
				keys2x4(&out[0], uintptr(4*stride), &x[0], &y[0], uintptr(4*width))
			}
		}
	}
	if even < cols {
		dotKeys(dst[even:], stride, a, rows, panels[even*width:], cols-even, width)
	}
}
