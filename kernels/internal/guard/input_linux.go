package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes have a program lead a group of its own and end with the guard.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// waits tells whether the process, or one that it started, sleeps in a read of the pipe with this inode. known is false
// where the system does not let us look.
func waits(pid int, pipe uint64) (waiting, known bool) {
	dir := "/proc/" + strconv.Itoa(pid)
	threads, err := os.ReadDir(dir + "/task")
	if err != nil {
		return false, true // it has ended
	}
	known = true
	for _, t := range threads {
		thread := filepath.Join(dir, "task", t.Name())
		fd, err := readsFrom(thread)
		if errors.Is(err, fs.ErrPermission) {
			return false, false
		}
		if fd >= 0 && inode(dir+"/fd/"+strconv.Itoa(fd)) == pipe {
			return true, true
		}
		children, _ := os.ReadFile(thread + "/children") // a thread that has ended has none
		for _, child := range strings.Fields(string(children)) {
			if pid, err := strconv.Atoi(child); err == nil {
				if waiting, known := waits(pid, pipe); waiting || !known {
					return waiting, known
				}
			}
		}
	}
	return false, known
}

// readsFrom returns the file descriptor that a thread sleeps in a read of, or -1. The thread's directory is below /proc.
func readsFrom(thread string) (int, error) {
	text, err := os.ReadFile(thread + "/syscall")
	if err != nil {
		return -1, err
	}
	fields := strings.Fields(string(text)) // number, then arguments in hexadecimal; or "running"
	if len(fields) < 2 || fields[0] != strconv.Itoa(unix.SYS_READ) {
		return -1, nil
	}
	stat, _ := os.ReadFile(thread + "/stat") // a thread that has ended has none
	// The state follows the name, which is in parentheses and may hold any.
	if at := bytes.LastIndexByte(stat, ')'); at < 0 || !bytes.HasPrefix(stat[at:], []byte(") S")) {
		return -1, nil
	}
	if fd, err := strconv.ParseUint(strings.TrimPrefix(fields[1], "0x"), 16, 31); err == nil {
		return int(fd), nil
	}
	return -1, nil
}

// inode returns the inode of a file, or 0.
func inode(path string) uint64 {
	var stat unix.Stat_t
	if unix.Stat(path, &stat) != nil {
		return 0
	}
	return stat.Ino
}

// memoryKills returns how many processes the system has killed since memory ran out, on the machine or in our control
// group: the numbers are compared before and after. 0 where they are not told.
func memoryKills() uint64 {
	var n uint64
	for _, path := range []string{"/proc/vmstat", "/sys/fs/cgroup/memory.events"} {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if count, ok := strings.CutPrefix(line, "oom_kill "); ok {
				k, _ := strconv.ParseUint(strings.TrimSpace(count), 10, 64)
				n += k
			}
		}
	}
	return n
}
