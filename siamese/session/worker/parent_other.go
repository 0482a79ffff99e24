//go:build !linux

package worker

// dieWithParent does nothing: standard input says when the parent is gone.
func dieWithParent() {}
