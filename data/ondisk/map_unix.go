//go:build unix

package ondisk

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps length bytes of a file to read them, and opens it again.
func mapFile(file *os.File, offset int64, length int) ([]byte, *os.File, error) {
	// The file may have been removed: its name does not open it any more.
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	again := os.NewFile(uintptr(fd), file.Name())
	b, err := unix.Mmap(fd, offset, length, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		_ = again.Close()
		return nil, nil, err
	}
	return b, again, nil
}

// unmap ends a mapping of mapFile.
func unmap(b []byte) error { return unix.Munmap(b) }

// giveBack tells the system that pages are not needed now. It is advice.
func giveBack(pages []byte) { _ = unix.Madvise(pages, unix.MADV_DONTNEED) }

// willNeed tells the system that bytes [from, to) of a mapping are needed soon. It is advice.
func willNeed(pages []byte, from, to int) {
	size := os.Getpagesize() // mappings begin at a page
	_ = unix.Madvise(pages[from/size*size:to], unix.MADV_WILLNEED)
}
