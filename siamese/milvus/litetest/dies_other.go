//go:build !linux

package litetest

import "syscall"

// dies has no way but on Linux: there a server may outlive a test that was killed.
func dies() *syscall.SysProcAttr { return nil }
