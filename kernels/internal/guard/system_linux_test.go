package main

import (
	"os"
	"os/exec"
	"strings"
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

// lives reports whether a process is there. One that has ended, and that nobody has waited for, is not: in a container
// there may be nobody who does.
func lives(pid string) bool {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}
