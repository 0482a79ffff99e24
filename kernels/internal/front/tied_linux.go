package front

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// attributes are those of a process that ends with the thread that started it, and leads a group.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// hasChildren reports whether a process has any.
func hasChildren(pid int) bool {
	files, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "children"))
	if err != nil || len(files) == 0 {
		return true // it cannot be told
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || strings.TrimSpace(string(text)) != "" {
			return true
		}
	}
	return false
}
