//go:build !goexperiment.simd

package device

const SIMDEnabled = false // the Go backend was built without vector instructions
