//go:build !linux

package device

// ReleaseCode has nothing to do: only Linux, whose kernel it asks, counts code as memory of the process.
func ReleaseCode() {}
