//go:build goexperiment.simd

package metric

import "simd/archsimd"

// dotKernel returns the fastest kernel for dot products on this processor, by what it supports at run time.
func dotKernel() kernel {
	switch {
	case archsimd.X86.AVX512():
		return kernel{name: "AVX-512", cols: 32, keys: dotKeys512}
	case archsimd.X86.AVX2() && archsimd.X86.FMA():
		return kernel{name: "AVX2", cols: 16, keys: dotKeys256}
	}
	return plainDotKernel()
}

// dotKeys512 implements kernel.keys with AVX-512. It holds four rows by 32 columns of running sums in registers; more
// would not fit.
func dotKeys512(dst []int32, stride int, a []float32, rows int, panels []float32, cols, width int) {
	for j := 0; j < cols; j += 32 {
		panel := panels[j*width : (j+32)*width]
		for i := 0; i < rows; i += 4 {
			dot4x32(dst[i*stride+j:], stride, a[i*width:(i+4)*width], panel, width)
		}
	}
	archsimd.ClearAVXUpperBits()
}

// dot4x32 writes the keys of four rows a, n numbers each, with the 32 columns of panel b. The condition on the length
// of b is always true: it spares bounds checks.
func dot4x32(dst []int32, stride int, a, b []float32, n int) {
	// Each number of the panel is loaded once for four rows, and each of a row is broadcast for two registers.
	var c00, c01, c10, c11, c20, c21, c30, c31 archsimd.Float32x16
	a0, a1, a2, a3 := a[:n], a[n:][:n], a[2*n:][:n], a[3*n:][:n]
	for k := 0; k < n && len(b) >= 32; k++ {
		b0 := archsimd.LoadFloat32x16((*[16]float32)(b[:16]))
		b1 := archsimd.LoadFloat32x16((*[16]float32)(b[16:32]))
		b = b[32:]
		x := archsimd.BroadcastFloat32x16(a0[k])
		c00, c01 = x.MulAdd(b0, c00), x.MulAdd(b1, c01)
		x = archsimd.BroadcastFloat32x16(a1[k])
		c10, c11 = x.MulAdd(b0, c10), x.MulAdd(b1, c11)
		x = archsimd.BroadcastFloat32x16(a2[k])
		c20, c21 = x.MulAdd(b0, c20), x.MulAdd(b1, c21)
		x = archsimd.BroadcastFloat32x16(a3[k])
		c30, c31 = x.MulAdd(b0, c30), x.MulAdd(b1, c31)
	}
	store32(dst, c00, c01)
	store32(dst[stride:], c10, c11)
	store32(dst[2*stride:], c20, c21)
	store32(dst[3*stride:], c30, c31)
}

// store32 writes the keys of 32 scores: toKey on vectors.
func store32(dst []int32, x, y archsimd.Float32x16) {
	// Clamped first: rounding may have moved a score slightly out of [-1, 1].
	one, scale := archsimd.BroadcastFloat32x16(1), archsimd.BroadcastFloat32x16(keyMax)
	low := archsimd.BroadcastFloat32x16(-1)
	x.Min(one).Max(low).Mul(scale).ConvertToInt32().StoreSlice(dst[:16])
	y.Min(one).Max(low).Mul(scale).ConvertToInt32().StoreSlice(dst[16:32])
}

// dotKeys256 is dotKeys512 with registers of half the width.
func dotKeys256(dst []int32, stride int, a []float32, rows int, panels []float32, cols, width int) {
	for j := 0; j < cols; j += 16 {
		panel := panels[j*width : (j+16)*width]
		for i := 0; i < rows; i += 4 {
			dot4x16(dst[i*stride+j:], stride, a[i*width:(i+4)*width], panel, width)
		}
	}
	archsimd.ClearAVXUpperBits()
}

// dot4x16 is dot4x32 for 16 columns.
func dot4x16(dst []int32, stride int, a, b []float32, n int) {
	var c00, c01, c10, c11, c20, c21, c30, c31 archsimd.Float32x8
	a0, a1, a2, a3 := a[:n], a[n:][:n], a[2*n:][:n], a[3*n:][:n]
	for k := 0; k < n && len(b) >= 16; k++ {
		b0 := archsimd.LoadFloat32x8((*[8]float32)(b[:8]))
		b1 := archsimd.LoadFloat32x8((*[8]float32)(b[8:16]))
		b = b[16:]
		x := archsimd.BroadcastFloat32x8(a0[k])
		c00, c01 = x.MulAdd(b0, c00), x.MulAdd(b1, c01)
		x = archsimd.BroadcastFloat32x8(a1[k])
		c10, c11 = x.MulAdd(b0, c10), x.MulAdd(b1, c11)
		x = archsimd.BroadcastFloat32x8(a2[k])
		c20, c21 = x.MulAdd(b0, c20), x.MulAdd(b1, c21)
		x = archsimd.BroadcastFloat32x8(a3[k])
		c30, c31 = x.MulAdd(b0, c30), x.MulAdd(b1, c31)
	}
	store16(dst, c00, c01)
	store16(dst[stride:], c10, c11)
	store16(dst[2*stride:], c20, c21)
	store16(dst[3*stride:], c30, c31)
}

// store16 is store32 for 16 scores.
func store16(dst []int32, x, y archsimd.Float32x8) {
	one, scale := archsimd.BroadcastFloat32x8(1), archsimd.BroadcastFloat32x8(keyMax)
	low := archsimd.BroadcastFloat32x8(-1)
	x.Min(one).Max(low).Mul(scale).ConvertToInt32().StoreSlice(dst[:8])
	y.Min(one).Max(low).Mul(scale).ConvertToInt32().StoreSlice(dst[8:16])
}
