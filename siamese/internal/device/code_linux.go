package device

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// ReleaseCode takes the code and the constants of shared libraries out of the process's memory. They are pages of files
// that the system keeps anyway, and come back by themselves where they are used: loading XLA's plugin needs 70 MB of its
// 200 MB, compiling as much, and a step next to nothing. Memory stays as it is where the system does not tell
// what it holds.
func ReleaseCode() {
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer smaps.Close()
	mappings, err := readMappings(smaps)
	if err != nil {
		return
	}
	for _, m := range mappings {
		if m.droppable() { // what fails leaves the pages where they are
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.start, m.end-m.start, syscall.MADV_DONTNEED)
		}
	}
}

// mapping is a part of the process's memory, as proc(5) describes an entry of smaps.
type mapping struct {
	start, end uintptr
	access     string // "r-xp"
	path       string // of a file, or ""
	changed    int    // kB that are not as in the file, in memory or swapped out
}

// droppable returns whether m is of a shared library, cannot be written and is as in its file: then nothing is lost.
// The loader's table of addresses, for instance, cannot be written either, but was.
func (m mapping) droppable() bool {
	library := strings.HasSuffix(m.path, ".so") || strings.Contains(m.path, ".so.")
	return library && m.path[0] == '/' && (m.access == "r-xp" || m.access == "r--p") && m.changed == 0
}

// readMappings reads smaps.
func readMappings(smaps io.Reader) ([]mapping, error) {
	var out []mapping
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		field := strings.Fields(lines.Text())
		if len(field) < 2 {
			continue
		}
		switch name := field[0]; {
		case !strings.HasSuffix(name, ":"): // 7f00-7f10 r-xp 00000000 08:01 1234 /lib/libm.so.6
			m := mapping{access: field[1]}
			if _, err := fmt.Sscanf(name, "%x-%x", &m.start, &m.end); err != nil {
				return nil, fmt.Errorf("smaps: %q names no addresses: %w", lines.Text(), err)
			}
			if len(field) > 5 {
				m.path = strings.Join(field[5:], " ")
			}
			out = append(out, m)
		case len(out) > 0 && (name == "Anonymous:" || name == "Swap:"):
			kB, err := strconv.Atoi(field[1])
			if err != nil {
				return nil, fmt.Errorf("smaps: %q: %w", lines.Text(), err)
			}
			out[len(out)-1].changed += kB
		}
	}
	return out, lines.Err()
}
