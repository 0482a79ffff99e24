//go:build !amd64

package metric

// plainDotKernel returns the kernel of this architecture: eight products at once in scalar code are faster than gonum's
// loop, which has no vector instructions here.
func plainDotKernel() kernel { return kernel{name: "scalar", cols: 4, keys: scalarKeys(dot2x4)} }
