package run

import "syscall"

// attributes have a process asked to end when the thread that started it is gone.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }
