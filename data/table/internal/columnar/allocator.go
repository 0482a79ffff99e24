// Package columnar holds what the readers of Arrow and Parquet share: memory with a limit
// ([Allocator]), tasks on all cores ([Run]), and guards around decoders that panic on bad
// files. It knows neither format.
package columnar

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// Allocator is the memory of arrow-go's decoders, with a limit, so that a header that
// claims gigabytes does not get them. Beyond the limit it panics, since an allocator cannot
// return an error; [tableerr.Guard] turns that into one. It is safe for several goroutines.
//
// Freed buffers are reused: a table of thousands of columns needs buffers for each in turn.
// The limit counts what is allocated and not yet freed, in bytes as they were asked for;
// frames and texts are not allocated here.
type Allocator struct {
	memory.Allocator
	file string
	left atomic.Int64

	mu   sync.Mutex
	free map[int][][]byte // by size
	kept int              // bytes in free
}

// mostKept bounds the freed bytes kept for reuse, which do not count towards the limit.
const mostKept = 32 << 20

// New returns an allocator for the decoding of one file, with the limit of [reading.Budget].
func New(in *reading.Input, opt *reading.Options) *Allocator {
	a := &Allocator{Allocator: memory.NewGoAllocator(), file: in.Name, free: make(map[int][][]byte)}
	a.left.Store(reading.Budget(opt, in.Size))
	return a
}

// take subtracts size from what is left, and panics when that is not enough. The panic's
// value is an [*option.Error] that names MaxBytes.
func (a *Allocator) take(size int) {
	if a.left.Add(-int64(size)) < 0 {
		panic(option.Errorf("MaxBytes", "the file unpacks to more than that (%d more bytes are needed)", size))
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

// Allocate returns size bytes, all 0, or panics beyond the limit.
func (a *Allocator) Allocate(size int) []byte {
	a.take(size)
	whole := roundUp(size)
	a.mu.Lock()
	free := a.free[whole]
	if len(free) == 0 {
		a.mu.Unlock()
		return a.Allocator.Allocate(whole)[:size] // already 0
	}
	b := free[len(free)-1][:size]
	a.free[whole] = free[:len(free)-1]
	a.kept -= whole
	a.mu.Unlock()
	clear(b)
	return b
}

// Reallocate returns b with another size, or panics beyond the limit. Bytes that are new
// are 0. b must not be used afterwards.
func (a *Allocator) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		a.take(size - len(b))
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
	a.left.Add(int64(len(b)))
	whole := cap(b)
	if whole == 0 || whole != roundUp(whole) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept+whole > mostKept {
		return
	}
	a.free[whole] = append(a.free[whole], b[:whole])
	a.kept += whole
}
