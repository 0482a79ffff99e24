package ondisk

import (
	"slices"
	"sync"
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

// mapping is a file that is mapped.
type mapping struct{ pages []byte }

// add notes a mapping, whose pages are given back from now on.
func add(pages []byte) *mapping {
	mappings.mu.Lock()
	defer mappings.mu.Unlock()
	m := &mapping{pages}
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

// Prefetch has the system begin to read what of x is on disk, and does not wait for it. It does nothing for numbers in
// memory.
func Prefetch(x []float32) {
	if len(x) == 0 {
		return
	}
	at := uintptr(unsafe.Pointer(&x[0]))
	mappings.mu.Lock()
	defer mappings.mu.Unlock()
	for _, m := range mappings.all {
		first := uintptr(unsafe.Pointer(&m.pages[0]))
		if at >= first && at < first+uintptr(len(m.pages)) {
			from := int(at - first)
			willNeed(m.pages, from, min(len(m.pages), from+4*len(x)))
			return
		}
	}
}
