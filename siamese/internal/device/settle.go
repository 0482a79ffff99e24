package device

import (
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// Settle returns free memory to the system. Neither Go's collector nor glibc does so soon: with large frames on the
// heap the collector waits until as much again is garbage, and what compiling frees is fragmented. It takes some
// milliseconds: call it after compiling and after an epoch. Within a second of the last time it does nothing, since epochs
// of small tables are shorter than it takes.
//
// Above [smallHeap] it forces a garbage collection, so that it is nothing for a loop over steps or queries.
func Settle() {
	now := time.Now()
	if last := settled.Load(); last != nil && now.Sub(*last) < time.Second {
		return
	}
	settled.Store(&now)
	if held() > smallHeap {
		debug.FreeOSMemory()
	}
	trimMalloc()
	ReleaseCode()
}

// settled is when the last Settle was; nil = there was none.
var settled atomic.Pointer[time.Time]

// smallHeap is how many bytes Go may hold before a collection is worth its time.
const smallHeap = 128 << 20

// held returns how many bytes Go's runtime has from the system.
func held() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	for _, s := range samples {
		if s.Value.Kind() != metrics.KindUint64 { // a version of Go that does not tell
			return smallHeap + 1
		}
	}
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
