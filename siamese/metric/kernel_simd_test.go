//go:build goexperiment.simd && amd64

package metric

import "simd/archsimd"

func vectorKernels() (list []kernel) {
	if archsimd.X86.AVX512() {
		list = append(list, kernel{name: "AVX-512", cols: 32, keys: dotKeys512})
	}
	if archsimd.X86.AVX2() && archsimd.X86.FMA() {
		list = append(list, kernel{name: "AVX2", cols: 16, keys: dotKeys256})
	}
	return list
}
