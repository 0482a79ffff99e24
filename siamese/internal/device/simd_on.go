//go:build goexperiment.simd

package device

// SIMDEnabled says whether the Go backend was built with vector instructions. It has to be chosen when building:
// GoMLX's kernels use Go's experiment simd.
const SIMDEnabled = true
