package device

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// ReleaseCode drops the code and constants of shared libraries from the process's memory. They are clean pages of
// files, which the system loads again on use: loading XLA's plugin touches 70 MB of its 200 MB, compiling as much, a
// step almost none. It does nothing if /proc/self/maps or pagemap cannot be read. It is safe at any time, because the
// kernel reads a dropped page from the file again.
func ReleaseCode() {
	// Not smaps, which has all in one: for it the kernel looks at every page of the process, not of its libraries only.
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	mappings, err := readMappings(string(maps))
	if err != nil {
		return
	}
	pages, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return
	}
	defer pages.Close()
	for _, m := range mappings {
		if m.constant() && unchanged(pages, m.start, m.end) { // on failure the pages stay, which does no harm
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.start, m.end-m.start, syscall.MADV_DONTNEED)
		}
	}
}

// mapping is an entry of maps, see proc(5).
type mapping struct {
	start, end uintptr
	access     string // "r-xp"
	path       string // of a file, or ""
}

// constant reports whether m is a read-only mapping of a shared library.
func (m mapping) constant() bool {
	library := strings.HasSuffix(m.path, ".so") || strings.Contains(m.path, ".so.")
	return library && m.path[0] == '/' && (m.access == "r-xp" || m.access == "r--p")
}

// readMappings reads maps: a line for every mapping.
func readMappings(maps string) ([]mapping, error) {
	var out []mapping
	for line := range strings.Lines(maps) { // 7f00-7f10 r-xp 00000000 08:01 1234      /lib/libm.so.6
		field := strings.Fields(line)
		var m mapping
		if len(field) < 2 {
			return nil, fmt.Errorf("maps: %q is no mapping", line)
		}
		if _, err := fmt.Sscanf(field[0], "%x-%x", &m.start, &m.end); err != nil {
			return nil, fmt.Errorf("maps: %q names no addresses: %w", line, err)
		}
		if m.access = field[1]; len(field) > 5 {
			m.path = strings.Join(field[5:], " ")
		}
		out = append(out, m)
	}
	return out, nil
}

// What pagemap says of a page, see the kernel's Documentation/admin-guide/mm/pagemap.rst.
const (
	pageOfFile  = 1 << 61
	pageSwapped = 1 << 62
	pagePresent = 1 << 63
)

// unchanged reports whether all pages of a mapping of a file are that file's. The loader's address table, for instance,
// is read-only but was changed, so that the process has pages of its own there. What cannot be read counts as changed.
func unchanged(pagemap io.ReaderAt, start, end uintptr) bool {
	size := uintptr(os.Getpagesize())
	entries := make([]byte, 8*min((end-start)/size, 1<<13))
	for at := start; at < end; at += uintptr(len(entries)/8) * size {
		part := entries[:min(len(entries), int(8*((end-at)/size)))]
		if n, _ := pagemap.ReadAt(part, int64(8*(at/size))); n < len(part) { // the error says no more
			return false
		}
		for ; len(part) > 0; part = part[8:] {
			page := binary.NativeEndian.Uint64(part)
			if page&pageSwapped != 0 || page&pagePresent != 0 && page&pageOfFile == 0 {
				return false
			}
		}
	}
	return true
}
