package raw

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a huge page on amd64 and arm64.
const hugePage = 2 << 20

// AdviseHuge asks the kernel to back x with huge pages. A table is filled a column at a time, with
// strides of thousands of bytes: with small pages nearly every write misses the TLB.
func AdviseHuge(x []float32) {
	if 4*len(x) < 2*hugePage {
		return
	}
	b := BytesOf(x)
	skip := -int(uintptr(unsafe.Pointer(&b[0]))) & (hugePage - 1)
	b = b[skip:]
	_ = unix.Madvise(b[:len(b)&^(hugePage-1)], unix.MADV_HUGEPAGE) // advice: it may be declined
}
