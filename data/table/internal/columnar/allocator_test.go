package columnar

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/table/internal/reading"
)

func TestAllocator(t *testing.T) {
	a := New(reading.NewAccount(&reading.Input{Name: "t", Size: 1}, &reading.Options{MaxBytes: 10_000}))
	first := a.Allocate(1000)
	for k := range first {
		first[k] = byte(k)
	}
	second := a.Reallocate(3000, first)
	if len(second) != 3000 || second[999] != byte(999&255) || second[1] != 1 {
		t.Error("what was there is lost")
	}
	if slices.ContainsFunc(second[1000:], func(c byte) bool { return c != 0 }) {
		t.Error("new bytes are not 0")
	}
	again := a.Allocate(1000) // the memory of first
	if &again[0] != &first[0] {
		t.Error("freed memory is not given again")
	}
	if slices.ContainsFunc(again, func(c byte) bool { return c != 0 }) {
		t.Error("memory given again is not 0")
	}
	a.Free(again)
	a.Free(second)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("more than the limit is given")
			}
		}()
		a.Allocate(10_001)
	}()
	for size := 1; size < 1<<20; size += 1 + size/7 {
		if whole := roundUp(size); whole < size || whole > max(256, size+size/4+1) || roundUp(whole) != whole {
			t.Errorf("%d bytes become %d", size, whole)
		}
	}
}
