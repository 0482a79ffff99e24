package worker

import "syscall"

// dieWithParent has the system end this process when the thread that started it is gone: standard input says the same,
// unless somebody else holds its pipe.
func dieWithParent() {
	const prSetPdeathsig = 1
	_, _, _ = syscall.Syscall(syscall.SYS_PRCTL, prSetPdeathsig, uintptr(syscall.SIGTERM), 0)
}
