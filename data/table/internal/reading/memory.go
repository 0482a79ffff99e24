package reading

import (
	"bytes"
	"math"
	"os"
	"runtime/debug"
	"strconv"
)

// Budget is the most bytes that a table from a file of size bytes may take: o.MaxBytes, or, where that is 0, 1 GiB or
// 128 times the size, whichever is more, but at most three quarters of the memory that is free.
func Budget(o *Options, size int64) int64 {
	if o.MaxBytes > 0 {
		return o.MaxBytes
	}
	limit := int64(math.MaxInt64)
	if size < limit/128 {
		limit = max(1<<30, 128*size)
	}
	return min(limit, freeMemory()/4*3)
}

// freeMemory returns the bytes that the machine has left for this process, without swapping: what Linux calls available,
// the limit of the container, and that of the Go runtime (GOMEMLIMIT), whichever is least. It is math.MaxInt64 where
// nothing is known.
func freeMemory() int64 {
	free := debug.SetMemoryLimit(-1)
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		if _, after, ok := bytes.Cut(text, []byte("MemAvailable:")); ok {
			if fields := bytes.Fields(after); len(fields) > 0 {
				free = min(free, parseBytes(fields[0], 1<<10))
			}
		}
	}
	// The limits of control groups, versions 2 and 1; those without one say max, or a number beyond all memory.
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if text, err := os.ReadFile(path); err == nil {
			free = min(free, parseBytes(bytes.TrimSpace(text), 1))
		}
	}
	return free
}

// parseBytes returns a number of bytes given in units, or math.MaxInt64 for what is no number.
func parseBytes(text []byte, unit int64) int64 {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64/unit {
		return math.MaxInt64
	}
	return n * unit
}
