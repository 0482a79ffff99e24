//go:build !cgo || !linux

package device

// tuneMalloc has nothing to do: only glibc, beneath XLA, needs it.
func tuneMalloc() {}

func trimMalloc() {}
