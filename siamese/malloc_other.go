//go:build !cgo || !linux

package siamese

// tuneMalloc has nothing to do: only glibc, beneath XLA, needs it.
func tuneMalloc() {}

func trimMalloc() {}
