//go:build !goexperiment.simd || !amd64

package metric

func vectorKernels() []kernel { return nil }
