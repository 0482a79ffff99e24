//go:build unix

package cache

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// mapFile maps length bytes of a file, privately: what is written to them never reaches the
// file, and only pages that are written take memory of their own. The mapping lasts as long
// as the process, because anyone may hold a frame's values; release is for mappings that
// were not handed out. The offset is a multiple of the page size.
func mapFile(file *os.File, offset int64, length int) (b []byte, release func(), err error) {
	b, err = unix.Mmap(int(file.Fd()), offset, length, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|noReserve)
	if err != nil {
		return nil, nil, err
	}
	return b, func() { _ = unix.Munmap(b) }, nil // unmapping what was mapped does not fail
}

// identityOf returns what the system says of a file without opening it.
func identityOf(info os.FileInfo) identity {
	id := identity{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		id.Device, id.Inode = uint64(stat.Dev), uint64(stat.Ino) //nolint:unconvert // other widths elsewhere
		id.Changed = changed(stat)
	}
	return id
}
