package table

import (
	"fmt"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// allocator gives memory to the decoders of arrow-go up to a limit, so that a header that
// claims gigabytes cannot have them. Beyond it panics, as there is no other way out of an
// allocator; guard makes that an error.
type allocator struct {
	memory.Allocator
	file string
	left atomic.Int64
}

func newAllocator(in *input, opt *Options) *allocator {
	a := &allocator{Allocator: memory.NewGoAllocator(), file: in.name}
	a.left.Store(opt.budget(in.size))
	return a
}

func (a *allocator) take(size int) {
	if a.left.Add(-int64(size)) < 0 {
		panic(fmt.Errorf("it unpacks to more than Options.MaxBytes allows (%d more bytes asked)", size))
	}
}

// Allocate returns size bytes, or panics beyond the limit.
func (a *allocator) Allocate(size int) []byte {
	a.take(size)
	return a.Allocator.Allocate(size)
}

// Reallocate returns b with another size, or panics beyond the limit.
func (a *allocator) Reallocate(size int, b []byte) []byte {
	a.take(size - len(b))
	return a.Allocator.Reallocate(size, b)
}

// Free gives b back.
func (a *allocator) Free(b []byte) {
	a.left.Add(int64(len(b)))
	a.Allocator.Free(b)
}
