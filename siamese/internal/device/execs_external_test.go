package device_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// Of executors without a user only the latest are kept, and none once their backend is closed.
func TestExecsAreBounded(t *testing.T) {
	backend, cache := devicetest.OwnBackend(t)
	take := func(key string) *device.SharedExec {
		e, err := device.TakeExec(backend.Backend, key, func() (*graph.Exec, error) {
			return graph.NewExec(backend.Backend, func(x *graph.Node) *graph.Node { return x })
		})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	live := func(e *device.SharedExec) bool {
		_, err := e.Call1(float32(2))
		return err == nil
	}
	used := take("used")
	var all []*device.SharedExec
	for i := range device.MaxIdleExecs + 2 {
		all = append(all, take(fmt.Sprint("identity ", i)))
	}
	for _, e := range all {
		e.Release()
	}
	if len(cache.List) != device.MaxIdleExecs+1 || live(all[0]) || live(all[1]) || !live(all[2]) || !live(used) {
		t.Errorf("%d executors; of ten released ones in turn, alive: %v, %v, %v", len(cache.List), live(all[0]),
			live(all[1]), live(all[2]))
	}
	if e := take("identity 2"); e != all[2] || e.Name() != "identity" {
		t.Errorf("%q was not kept, or has another name", e.Name())
	}
	if e := take("identity 0"); e == all[0] || !live(e) {
		t.Error("an executor that was freed is given out again")
	}
	if take("used") != used || used.Users != 2 {
		t.Errorf("%d users", used.Users)
	}
	if e := take(""); slices.Contains(cache.List, e) {
		t.Error("what has no key is shared")
	}
	cache.Close()
	if live(all[3]) || !live(used) {
		t.Error("closing frees what is in use, or keeps what is not")
	}
	used.Release()
	if !live(used) {
		t.Error("one of two users frees what the other uses")
	}
	used.Release()
	if live(used) {
		t.Error("the last user leaves an executor of a closed backend behind")
	}
}
