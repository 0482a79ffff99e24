//go:build goexperiment.simd

package device

const SIMDEnabled = true // the Go backend was built with vector instructions
