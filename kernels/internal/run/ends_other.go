//go:build !linux

package run

import "syscall"

// attributes are those of any process: systems other than Linux do not end it with the one that started it.
func attributes() *syscall.SysProcAttr { return nil }
