//go:build unix

package framefile

import (
	"os"
	"syscall"
)

// mapFile maps a whole file privately.
func mapFile(file *os.File, size int64) ([]byte, error) {
	return syscall.Mmap(int(file.Fd()), 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE)
}

// unmap gives the memory back.
func unmap(b []byte) error { return syscall.Munmap(b) }
