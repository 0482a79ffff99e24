//go:build !linux

package raw

// AdviseHuge does nothing: elsewhere the system decides.
func AdviseHuge([]float32) {}
