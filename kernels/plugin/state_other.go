//go:build !unix

package plugin

// writable says yes: where it is not so, writing says it.
func writable(string) bool { return true }

// private says no: it is not known here.
func private(string) bool { return false }
