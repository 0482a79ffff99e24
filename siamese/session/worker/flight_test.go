package worker

import (
	"slices"
	"sync"
	"testing"
)

// TestPauseWhileTold pauses a flight while one who waits for it is being told, under a lock that the teller needs, as a
// panel does. Events keep their order.
func TestPauseWhileTold(t *testing.T) {
	var mu sync.Mutex
	var heard []any
	begun := make(chan struct{}, 2)
	w := &waiter{each: func(body any) {
		begun <- struct{}{}
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, body)
	}}
	f := &flight{waiting: map[*waiter]bool{w: true}}
	mu.Lock()
	told := make(chan struct{})
	go func() {
		defer close(told)
		f.event(1)
		f.event(2)
	}()
	<-begun
	f.pause(true)
	f.pause(false)
	mu.Unlock()
	<-told
	if !slices.Equal(heard, []any{1, 2}) {
		t.Errorf("%v was heard", heard)
	}
}
