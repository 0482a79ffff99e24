//go:build !linux

package table

// adviseHuge does nothing: elsewhere the system decides.
func adviseHuge([]float32) {}
