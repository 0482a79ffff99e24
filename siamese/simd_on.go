//go:build goexperiment.simd

package siamese

const simdEnabled = true // the Go backend was built with vector instructions
