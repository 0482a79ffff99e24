package ondisk

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// mappedIn returns how many bytes of files the process has mapped in; known is false where the system does not tell.
func mappedIn() (n int64, known bool) {
	text, err := os.ReadFile("/proc/self/statm") // sizes in pages: all, resident, of these in files, …
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(text)
	if len(fields) < 3 {
		return 0, false
	}
	pages, err := strconv.ParseInt(string(fields[2]), 10, 64)
	return pages * int64(os.Getpagesize()), err == nil
}

// freeDisk returns how many bytes a user may still write to the file system of dir.
func freeDisk(dir string) (float64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return float64(stat.Bavail) * float64(stat.Bsize), nil
}
