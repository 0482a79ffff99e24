//go:build !goexperiment.simd || !amd64

package metric

// dotKernel returns the fastest kernel for dot products in this build. Building with GOEXPERIMENT=simd gives better
// ones.
func dotKernel() kernel { return plainDotKernel() }
