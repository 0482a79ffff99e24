package assist

import (
	"fmt"
	"os"
	"strings"
)

// Pid returns the process of the gopls that answers now, or 0.
func (a *Assistant) Pid() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current == nil {
		return 0
	}
	return a.current.pid
}

// Folder returns the folder that gopls sees, or "".
func (a *Assistant) Folder() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.space == nil {
		return ""
	}
	return a.space.folder
}

// Memory returns a line of a process's status, such as "VmRSS", in MiB; 0 if there is none.
func Memory(pid int, line string) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(text)) {
		var kb int
		if rest, ok := strings.CutPrefix(l, line+":"); ok {
			if _, err := fmt.Sscan(rest, &kb); err == nil {
				return kb / 1024
			}
		}
	}
	return 0
}
