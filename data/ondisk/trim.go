package ondisk

import (
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// resident is how many bytes of files the process may have mapped in beyond what stays, before pages are given back;
// every is how often that is looked at. A pass of two cores over a file that the system has cached maps some 10 GB/s.
const (
	resident = 256 << 20
	every    = 20 * time.Millisecond
)

// mappings are the files that are mapped.
var mappings struct {
	mu   sync.Mutex
	all  []*mapping
	stop chan struct{} // of the goroutine that gives pages back; nil = there is none
}

// mapping is a file that is mapped, from offset on.
type mapping struct {
	pages  []byte
	file   *os.File
	offset int64
}

// touched is how many bytes of mappings were read since pages were last given back, as far as it was told.
var touched atomic.Int64

// add notes a mapping, whose pages are given back from now on.
func add(m *mapping) *mapping {
	mappings.mu.Lock()
	defer mappings.mu.Unlock()
	mappings.all = append(mappings.all, m)
	if mappings.stop == nil {
		mappings.stop = make(chan struct{})
		go trim(mappings.stop)
	}
	return m
}

// remove takes a mapping from the list; false = it was not there.
func remove(m *mapping) bool {
	mappings.mu.Lock()
	defer mappings.mu.Unlock()
	at := slices.Index(mappings.all, m)
	if at < 0 {
		return false
	}
	mappings.all = slices.Delete(mappings.all, at, at+1)
	if len(mappings.all) == 0 {
		close(mappings.stop)
		mappings.stop = nil
	}
	return true
}

// trim gives pages back while they are more than [resident], until stop is closed.
func trim(stop chan struct{}) {
	base, known := mappedIn()
	if !known { // the system takes them when it needs memory
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		now, _ := mappedIn()
		if base = min(base, now); now < base+resident {
			continue
		}
		Trim()
		base, _ = mappedIn() // programs and libraries are mapped too
	}
}

// Trim gives all pages of mapped files back to the system. They are read again when they are needed.
func Trim() {
	mappings.mu.Lock()
	defer mappings.mu.Unlock()
	for _, m := range mappings.all {
		giveBack(m.pages)
	}
}

// Touched tells that a pass over rows has read so many numbers, which may be on disk: where it is much, pages are given
// back.
func Touched(numbers int) {
	if touched.Add(4*int64(numbers)) < resident/4 {
		return
	}
	touched.Store(0)
	Trim()
}

// Copy copies from to to, of the same length. Where from is on disk it is read from the file, and no page of it stays.
func Copy(to, from []float32) error {
	m, at := of(from)
	if m == nil {
		copy(to, from)
		return nil
	}
	_, err := m.file.ReadAt(bytesOf(to), m.offset+at)
	return err
}

// of returns the mapping that x lies in, and the byte where it begins there; nil = it is in memory.
func of(x []float32) (m *mapping, at int64) {
	if len(x) == 0 {
		return nil, 0
	}
	first := uintptr(unsafe.Pointer(&x[0]))
	mappings.mu.Lock()
	defer mappings.mu.Unlock()
	for _, m := range mappings.all {
		begin := uintptr(unsafe.Pointer(&m.pages[0]))
		if first >= begin && first < begin+uintptr(len(m.pages)) {
			return m, int64(first - begin)
		}
	}
	return nil, 0
}

// Prefetch has the system begin to read what of x is on disk, and does not wait for it. It does nothing for numbers in
// memory.
func Prefetch(x []float32) {
	if m, at := of(x); m != nil {
		willNeed(m.pages, int(at), min(len(m.pages), int(at)+4*len(x)))
	}
}

// Holds reports whether x is on disk.
func Holds(x []float32) bool {
	m, _ := of(x)
	return m != nil
}
