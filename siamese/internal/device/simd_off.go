//go:build !goexperiment.simd

package device

// SIMDEnabled says whether the Go backend was built with vector instructions.
const SIMDEnabled = false
