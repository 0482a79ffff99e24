//go:build linux

package memory

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// systemFree returns what the machine and the control groups leave, below root, which is "/" but for tests;
// [math.MaxInt64] where neither tells.
func systemFree(root string) int64 {
	free := int64(math.MaxInt64)
	if text, err := os.ReadFile(filepath.Join(root, "proc/meminfo")); err == nil {
		if v, ok := field(text, "MemAvailable:"); ok {
			free = 1024 * v
		}
	}
	groups, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return free
	}
	// Lines are ID:CONTROLLERS:PATH; of version 2 there is one, without controllers.
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		version2 := groupFiles{"sys/fs/cgroup", "memory.max", "memory.current", ""}
		version1 := groupFiles{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
			"total_"}
		switch {
		case parts[1] == "":
			free = version2.free(root, parts[2], free)
		case strings.Contains(","+parts[1]+",", ",memory,"):
			free = version1.free(root, parts[2], free)
		}
	}
	return free
}

// groupFiles names the files of a version of control groups.
// The names in memory.stat begin with prefix.
type groupFiles struct{ mount, limit, usage, prefix string }

// free returns the least of what the group at path and those above it leave, and of most. In a container the path may
// be one of the host, that does not exist here: then what is mounted at the top is the group's own.
func (g groupFiles) free(root, path string, most int64) int64 {
	free := most
	for dir := filepath.Clean("/" + path); ; dir = filepath.Dir(dir) {
		at := filepath.Join(root, g.mount, dir)
		limit, limited := number(filepath.Join(at, g.limit))
		usage, used := number(filepath.Join(at, g.usage))
		// The kernel takes a millisecond to count for memory.stat, which can only raise what is left.
		if limited && used && limit-usage < free {
			if stat, err := os.ReadFile(filepath.Join(at, "memory.stat")); err == nil {
				// Files that were read and can be dropped count as used.
				inactive, _ := field(stat, g.prefix+"inactive_file")
				active, _ := field(stat, g.prefix+"active_file")
				usage = max(0, usage-inactive-active)
			}
			free = min(free, max(0, limit-usage))
		}
		if dir == "/" {
			return free
		}
	}
}

// number returns the number in a file; none for "max" or where it cannot be read.
func number(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	v, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	return v, err == nil
}

// field returns the number after a name at the beginning of a line.
func field(text []byte, name string) (int64, bool) {
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == name {
			v, err := strconv.ParseInt(words[1], 10, 64)
			return v, err == nil
		}
	}
	return 0, false
}

// limitFree returns what the limit of the address space (ulimit -v) leaves.
func limitFree() int64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil || limit.Cur > math.MaxInt64 {
		return math.MaxInt64
	}
	text, err := os.ReadFile("/proc/self/statm") // its first number is the size, in pages
	if err != nil {
		return math.MaxInt64
	}
	first, _, _ := strings.Cut(string(text), " ")
	pages, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return math.MaxInt64
	}
	return int64(limit.Cur) - pages*int64(os.Getpagesize())
}
