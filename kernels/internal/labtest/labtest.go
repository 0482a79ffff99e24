// Package labtest helps tests of kernels that talk over sockets.
package labtest

import (
	"sync"
	"testing"
	"time"
)

// Enough is a time that nothing takes which comes at all, on the slowest machine.
const Enough = time.Minute

// LogTo is a log that a test shows. What a goroutine logs behind the test's end is dropped: testing panics at that.
func LogTo(t *testing.T) func(format string, args ...any) {
	t.Helper()
	var mu sync.Mutex
	ended := false
	t.Cleanup(func() { mu.Lock(); defer mu.Unlock(); ended = true })
	return func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			t.Logf(format, args...)
		}
	}
}
