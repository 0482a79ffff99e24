package memory

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
)

// TestTight: the limit holds while anyone works, is gone after the last one, and is not that of somebody else.
func TestTight(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64)) // GOMEMLIMIT may have set another
	defer Pretend(100_000_000)()
	first, second := Tight(), Tight()
	if limit := debug.SetMemoryLimit(-1); limit < 90_000_000 || limit > 1_000_000_000 {
		t.Errorf("the limit is %d", limit)
	}
	first()
	first()
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		t.Error("the limit is gone while it is needed")
	}
	second()
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		t.Errorf("the limit stays at %d", limit)
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 40))
	restore := Tight()
	if limit := debug.SetMemoryLimit(-1); limit != 1<<40 {
		t.Errorf("another limit became %d", limit)
	}
	restore()
	if limit := debug.SetMemoryLimit(-1); limit != 1<<40 {
		t.Errorf("another limit became %d", limit)
	}
}

// TestTightCollects: with little free memory, garbage does not double what is in use.
func TestTightCollects(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	kept := make([]byte, 200<<20)
	runtime.GC()
	defer Pretend(20 << 20)()
	defer Tight()()
	var most uint64
	for i := range 1000 {
		sink = make([]byte, 1<<20)
		if i%10 == 0 {
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapAlloc)
		}
	}
	// Without the limit garbage grows to as much as is in use; on a busy machine the collector takes its time.
	if most > uint64(len(kept))+170<<20 {
		t.Errorf("%d MiB are in use or garbage, of %d in use", most>>20, len(kept)>>20)
	}
	runtime.KeepAlive(kept)
}

var sink []byte
