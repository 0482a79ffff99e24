//go:build !cgo || !linux

package device

// tuneMalloc does nothing: only XLA on glibc needs it.
func tuneMalloc() {}

func trimMalloc() {}
