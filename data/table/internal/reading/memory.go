package reading

import (
	"math"
	"runtime/debug"

	"github.com/go-siamese/lab/data/memory"
)

// Budget is the most bytes that a table from a file of size bytes may take: o.MaxBytes, or, where that is 0, 1 GiB or
// 128 times the size, whichever is more, but at most three quarters of the memory that is free: what the machine, the
// container and the Go runtime (GOMEMLIMIT) leave.
func Budget(o *Options, size int64) int64 {
	if o.MaxBytes > 0 {
		return o.MaxBytes
	}
	limit := int64(math.MaxInt64)
	if size < limit/128 {
		limit = max(1<<30, 128*size)
	}
	free := debug.SetMemoryLimit(-1) // while [memory.Tight], more than what is left
	if left, known := memory.Free(); known {
		free = min(free, left)
	}
	return min(limit, free/4*3)
}
