package memory

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// tight is the soft limit of the Go runtime while work that fills the memory goes on.
var tight struct {
	mu    sync.Mutex
	users int
}

// Tight lets the garbage collector run earlier while memory is short: it would otherwise wait until there is as much
// garbage as what is in use, and the process may be killed for what it no longer needs. It sets the runtime's soft
// limit (GOMEMLIMIT) to what the process holds and nine tenths of what is free, until the last of all concurrent
// callers calls restore. A limit that somebody else set stays, and nothing happens where it is not known what is free.
func Tight() (restore func()) {
	free, known := Free()
	tight.mu.Lock()
	defer tight.mu.Unlock()
	if tight.users == 0 && (!known || debug.SetMemoryLimit(-1) != math.MaxInt64) {
		return func() {}
	}
	if tight.users++; tight.users == 1 {
		sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		metrics.Read(sample)
		held := int64(sample[0].Value.Uint64() - sample[1].Value.Uint64())
		debug.SetMemoryLimit(held + free/10*9)
	}
	return sync.OnceFunc(func() {
		tight.mu.Lock()
		defer tight.mu.Unlock()
		if tight.users--; tight.users == 0 {
			debug.SetMemoryLimit(math.MaxInt64)
		}
	})
}
