//go:build !goexperiment.simd

package siamese

const simdEnabled = false // the Go backend was built without vector instructions
