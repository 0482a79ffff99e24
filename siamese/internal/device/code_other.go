//go:build !linux

package device

// ReleaseCode does nothing: it needs /proc/self/pagemap of Linux.
func ReleaseCode() {}
