// Package columnar holds what the readers of Arrow and Parquet share: memory with a limit
// ([Allocator]), tasks on all cores ([Run]), and guards around decoders that panic on bad
// files. It knows neither format.
package columnar

import (
	"math/bits"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/go-siamese/lab/data/table/internal/reading"
)

// Allocator is the memory of arrow-go's decoders, taken from the account of the file, so that
// a header that claims gigabytes does not get them. Beyond the limit it panics with the
// account's error, since an allocator cannot return one; [tableerr.Guard] turns that into an
// error again. It is safe for several goroutines.
//
// Freed buffers are reused: a table of thousands of columns needs buffers for each in turn.
// They count as taken while they are kept, and are let go where the account runs out.
type Allocator struct {
	memory.Allocator
	account *reading.Account

	mu   sync.Mutex
	free map[int][][]byte // by size
	kept int              // bytes in free
}

// mostKept bounds the freed bytes kept for reuse.
const mostKept = 32 << 20

// New returns an allocator that takes from the account.
func New(account *reading.Account) *Allocator {
	return &Allocator{Allocator: memory.NewGoAllocator(), account: account, free: make(map[int][][]byte)}
}

// take counts a new buffer of whole bytes, and panics where the account is full. a.mu is held.
func (a *Allocator) take(whole int) {
	err := a.account.Take(int64(whole))
	if err != nil && a.kept > 0 {
		a.account.Give(int64(a.kept))
		clear(a.free)
		a.kept = 0
		err = a.account.Take(int64(whole))
	}
	if err != nil {
		panic(err)
	}
}

// roundUp returns the size class of an allocation: four classes for every power of 2, so
// that at most a quarter is unused and buffers of similar columns fit each other. Sizes of
// 256 bytes and less share a class.
func roundUp(size int) int {
	if size <= 256 {
		return 256
	}
	step := 1 << (bits.Len(uint(size-1)) - 3)
	return (size + step - 1) &^ (step - 1)
}

// mostRounded is the size from which a buffer is as long as was asked: few are as large, and
// a quarter of it is too much to leave unused.
const mostRounded = 8 << 20

// sizeFor returns how long the buffer for an allocation is.
func sizeFor(size int) int {
	if size > mostRounded {
		return size
	}
	return roundUp(size)
}

// Allocate returns size bytes, all 0, or panics beyond the limit.
func (a *Allocator) Allocate(size int) []byte {
	whole := sizeFor(size)
	if b := a.reuse(whole); b != nil {
		b = b[:size]
		clear(b)
		return b
	}
	return a.Allocator.Allocate(whole)[:size:whole] // already 0
}

// reuse returns a freed buffer, or nil where there is none: then whole bytes were taken.
func (a *Allocator) reuse(whole int) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	free := a.free[whole]
	if len(free) == 0 {
		a.take(whole)
		return nil
	}
	b := free[len(free)-1]
	a.free[whole] = free[:len(free)-1]
	a.kept -= whole
	return b
}

// Reallocate returns b with another size, or panics beyond the limit. Bytes that are new
// are 0. b must not be used afterwards.
func (a *Allocator) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		if size > len(b) {
			clear(b[len(b):size])
		}
		return b[:size]
	}
	larger := a.Allocate(size)
	copy(larger, b)
	a.Free(b)
	return larger
}

// Free gives b back. Its memory may be handed out again at once, or is left to the garbage
// collector.
func (a *Allocator) Free(b []byte) {
	whole := cap(b)
	if whole == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if whole != sizeFor(whole) || a.kept+whole > mostKept {
		a.account.Give(int64(whole))
		return
	}
	a.free[whole] = append(a.free[whole], b[:whole])
	a.kept += whole
}
