package table

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of large pages on the machines that have them.
const hugePage = 2 << 20

// adviseHuge asks the system to back x with large pages, where it leaves that to programs. The
// values of a table are first touched a column at a time, thousands of bytes apart: small pages
// cost a fault and a look-up for nearly every one of them.
func adviseHuge(x []float32) {
	if 4*len(x) < 2*hugePage {
		return
	}
	b := bytesOf(x)
	skip := -int(uintptr(unsafe.Pointer(&b[0]))) & (hugePage - 1)
	b = b[skip:]
	_ = unix.Madvise(b[:len(b)&^(hugePage-1)], unix.MADV_HUGEPAGE) // advice: it may be declined
}
