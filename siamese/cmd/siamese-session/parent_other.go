//go:build !linux

package main

// dieWithParent does nothing: standard input says when the parent is gone.
func dieWithParent() {}
