package table

import (
	"testing"
	"time"

	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/memory"
)

// TestCached: a table that is in the cache is known to be, for the options that it was read with, and opens where there
// is no memory to read it.
func TestCached(t *testing.T) {
	path, opt := cachedFile(t, datatest.Wild(900, 333, 1))
	if Cached(path, opt) {
		t.Error("it is in the cache before it was read")
	}
	mustOpen(t, path, opt, false)
	time.Sleep(2100 * time.Millisecond) // a file that was just written is not trusted
	mustOpen(t, path, opt, true)
	other, none := opt, opt
	other.AllowMissing, none.NoCache = !opt.AllowMissing, true
	if !Cached(path, opt) || Cached(path, other) || Cached(path, none) || Cached(path+"x", opt) {
		t.Errorf("%v, with other options %v, without the cache %v, of no file %v", Cached(path, opt),
			Cached(path, other), Cached(path, none), Cached(path+"x", opt))
	}
	defer memory.Pretend(10_000)()
	mustOpen(t, path, opt, true)
	if _, _, err := Open(t.Context(), path, none); err == nil {
		t.Error("a table is read that does not fit into the memory")
	}
}
