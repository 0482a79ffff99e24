package litetest

import "syscall"

// dies makes a child end with its parent.
func dies() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
