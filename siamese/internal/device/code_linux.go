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

// ReleaseCode drops the code and constants of shared libraries from the process's memory. They are clean pages of
// files, which the system loads again on use: loading XLA's plugin touches 70 MB of its 200 MB, compiling as much, a
// step almost none. It does nothing if /proc/self/smaps cannot be read. It is safe at any time, because the kernel
// reads a dropped page from the file again.
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
		if m.droppable() { // on failure the pages stay, which does no harm
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.start, m.end-m.start, syscall.MADV_DONTNEED)
		}
	}
}

// mapping is an entry of smaps, see proc(5).
type mapping struct {
	start, end uintptr
	access     string // "r-xp"
	path       string // of a file, or ""
	changed    int    // kB that differ from the file, in memory or swapped out
}

// droppable reports whether m is a read-only mapping of a shared library that is unchanged from its file. The loader's
// address table, for instance, is read-only but was changed.
func (m mapping) droppable() bool {
	library := strings.HasSuffix(m.path, ".so") || strings.Contains(m.path, ".so.")
	return library && m.path[0] == '/' && (m.access == "r-xp" || m.access == "r--p") && m.changed == 0
}

// readMappings reads smaps: for every mapping a line with its addresses, then lines of its numbers in kB.
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
