package beam

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
)

// function returns the DoFn of a small model, and a unit.
func function(t *testing.T) (*unitFn, Unit) {
	t.Helper()
	dir := t.TempDir()
	m, _ := toymodel.Trained(t)
	fn := &unitFn{Options: Options{Model: filepath.Join(dir, "m.safetensors"), Out: filepath.Join(dir, "out"),
		Backend: "go"}, Run: t.Name()}
	if err := m.Save(fn.Model); err != nil {
		t.Fatal(err)
	}
	var err error
	if _, fn.Digest, err = openfile.Hash(fn.Model); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "items.parquet")
	if err := table.Save(path, labtest.Toy("i", 4, 60, 9, 0.5, 3)); err != nil {
		t.Fatal(err)
	}
	all, err := units([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	return fn, all[0]
}

// written returns the files of a folder.
func written(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	names, err := openfile.Glob(dir, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if all[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// ending is a context that ends when it is asked the last time.
type ending struct {
	context.Context
	left atomic.Int64
}

// Err implements a context.
func (c *ending) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// A bundle that ends amid a unit, wherever, leaves no note. Done again it writes what it would have written at once.
func TestEndsAnywhere(t *testing.T) {
	fn, u := function(t)
	if err := fn.ProcessElement(t.Context(), u, func(Shard) {}); err != nil {
		t.Fatal(err)
	}
	want := written(t, fn.Out)
	if len(want) != 2 {
		t.Fatalf("%d files, want a shard and its note", len(want))
	}
	ends := 0
	for ; ; ends++ {
		if err := os.RemoveAll(fn.Out); err != nil {
			t.Fatal(err)
		}
		ctx := &ending{Context: t.Context()}
		ctx.left.Store(int64(ends))
		err := fn.ProcessElement(ctx, u, func(Shard) {})
		if err == nil {
			break
		}
		if left := written(t, fn.Out); left[u.name()+noteEnding] != nil {
			t.Fatalf("after %d looks: a note of what is not whole", ends)
		}
		if ends > 1000 {
			t.Fatal("it never ends")
		}
	}
	if ends < 5 {
		t.Errorf("the context was asked %d times", ends)
	}
	if got := written(t, fn.Out); !maps.EqualFunc(want, got, bytes.Equal) {
		t.Error("other files")
	}
}

// A bundle that panics when its unit is done is done again by the same process, and finds the shard.
func TestPanics(t *testing.T) {
	fn, u := function(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_ = fn.ProcessElement(t.Context(), u, func(Shard) { panic("the runner") })
	}()
	want := written(t, fn.Out)
	var got Shard
	if err := fn.ProcessElement(t.Context(), u, func(s Shard) { got = s }); err != nil || !got.Kept {
		t.Errorf("%+v, %v", got, err)
	}
	if !maps.EqualFunc(want, written(t, fn.Out), bytes.Equal) {
		t.Error("other files")
	}
}

// A unit that waits for another one ends with its context.
func TestWaits(t *testing.T) {
	fn, u := function(t)
	by, err := load(fn.Model, fn.Digest, fn.Backend)
	if err != nil {
		t.Fatal(err)
	}
	if err := by.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer by.unlock()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- fn.ProcessElement(ctx, u, func(Shard) {}) }()
	cancel()
	if err := <-ended; err == nil {
		t.Error("a unit did not wait")
	}
}

// The rows that this process leaves out end it early, each unit counted once; those of all units end the manifest.
func TestBadCount(t *testing.T) {
	fn := &unitFn{Run: t.Name(), Options: Options{MaxBad: 5}}
	for k, want := range []int64{3, 3, 7} {
		name := fmt.Sprint("part-", k/2)
		if got := fn.bad(Shard{Name: name, Bad: int64(3 + k/2)}); got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
	last := &manifestFn{Out: t.TempDir(), Units: 2, MaxBad: 5}
	for want, shards := range map[string][]Shard{
		"6 rows cannot be embedded": {{Name: "a", Bad: 2}, {Name: "b", Bad: 4}},
		"3 shards of 2 units":       {{Name: "a"}, {Name: "b"}, {Name: "c"}},
		"--backend":                 {{Name: "a", Bits: "go"}, {Name: "b", Bits: "xla:cpu"}},
		"":                          {{Name: "b"}, {Name: "a", Bad: 5}, {Name: "b"}},
	} {
		left := []string{filepath.Join(last.Out, ".group-17", "rows.arrow"), filepath.Join(last.Out, ".part-000000-000001.7.tmp")}
		for _, path := range left {
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		err := last.ProcessElement(t.Context(), 0, func(s *Shard) bool {
			if len(shards) == 0 {
				return false
			}
			*s, shards = shards[0], shards[1:]
			return true
		}, func(*Twin) bool { return false })
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if _, there := os.Stat(filepath.Join(last.Out, ManifestName)); (there == nil) != (want == "") {
			t.Errorf("%s: a manifest: %v", want, there == nil)
		}
		for _, path := range left { // what a killed worker leaves goes when all is there, and not before
			if _, there := os.Stat(path); (there != nil) != (want == "") {
				t.Errorf("%s: %s is there: %v", want, path, there == nil)
			}
		}
		_ = os.Remove(filepath.Join(last.Out, ManifestName))
	}
}

// Hashes that meet are told once, and ids of one hash that are others are no twins.
func TestTwins(t *testing.T) {
	pack := func(hashes ...uint64) (b []byte) {
		for _, h := range hashes {
			b = binary.LittleEndian.AppendUint64(b, h)
		}
		return b
	}
	parts := [][]byte{pack(7, 1), pack(7, 9, 3), pack(3, 7, 2)}
	var meet []uint64
	(&twinsFn{}).ProcessElement(0, func(to *[]byte) bool {
		if len(parts) == 0 {
			return false
		}
		*to, parts = parts[0], parts[1:]
		return true
	}, func(h uint64) { meet = append(meet, h) })
	if !slices.Equal(meet, []uint64{3, 7}) {
		t.Errorf("%d", meet)
	}
	for want, shards := range map[int][]string{0: {"a"}, 1: {"b", "a", "b"}} {
		found := 0
		(&sameFn{}).ProcessElement("x", func(to *string) bool {
			if len(shards) == 0 {
				return false
			}
			*to, shards = shards[0], shards[1:]
			return true
		}, func(twin Twin) {
			if found++; twin != (Twin{"x", "a", "b"}) {
				t.Errorf("%+v", twin)
			}
		})
		if found != want {
			t.Errorf("%d twins, want %d", found, want)
		}
	}
}
