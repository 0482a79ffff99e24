package assist

import (
	"os/exec"
	"syscall"
)

// dieWithParent has a program end when this process does, however that ends.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
