//go:build unix

package run

import (
	"os"
	"syscall"
)

// terminate is the signal that asks a process to end.
var terminate os.Signal = syscall.SIGTERM
