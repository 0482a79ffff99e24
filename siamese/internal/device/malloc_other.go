//go:build !cgo || !linux

package device

// tuneMalloc does nothing: only XLA on glibc needs it.
func tuneMalloc() {}

// trimMalloc does nothing, for the same reason.
func trimMalloc() {}
