package main

import (
	"os/exec"
	"syscall"
)

// ordered = the system tells the order of writes to two pipes.
const ordered = true

// maxRSS returns the largest memory in bytes that an ended process had.
func maxRSS(cmd *exec.Cmd) int64 {
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss << 10
}
