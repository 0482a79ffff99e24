package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// key returns a key that begins with a digit.
func key(i int) string { return fmt.Sprintf("%02d", i) + strings.Repeat("0", 62) }

// put keeps a value of one file.
func put(t *testing.T, s *Store, i int, content string) {
	t.Helper()
	r := &Record{Key: key(i), Kind: "k", Name: fmt.Sprint(i), Made: time.Now()}
	err := s.Put(r, i%2 == 0, func(folder string) error {
		return os.WriteFile(filepath.Join(folder, "file"), []byte(content), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestKeptAcrossWorkers reads a value with another store of the same folder.
func TestKeptAcrossWorkers(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(key(1)); !errors.Is(err, ErrNone) {
		t.Errorf("nothing there: %v", err)
	}
	put(t, s, 1, "content")
	other, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	r, err := other.Get(key(1))
	if err != nil || r.Kind != "k" || r.Bytes() != 7 {
		t.Fatalf("record %+v, error %v", r, err)
	}
	text, err := os.ReadFile(other.Path(r.Key, "file"))
	if err != nil || string(text) != "content" {
		t.Errorf("%q, error %v", text, err)
	}
}

// TestDamage changes what was kept in every way, and sees that it is found and gone afterwards.
func TestDamage(t *testing.T) {
	flip := func(path string) error {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b[len(b)/2] ^= 1
		return os.WriteFile(path, b, 0o600)
	}
	for name, damage := range map[string]func(s *Store) error{
		"byte":    func(s *Store) error { return flip(s.Path(key(1), "file")) },
		"cut":     func(s *Store) error { return os.Truncate(s.Path(key(1), "file"), 3) },
		"lost":    func(s *Store) error { return os.Remove(s.Path(key(1), "file")) },
		"record":  func(s *Store) error { return flip(s.Path(key(1), recordName)) },
		"no JSON": func(s *Store) error { return os.WriteFile(s.Path(key(1), recordName), []byte("{"), 0o600) },
		"other's": func(s *Store) error {
			return os.Rename(s.folder(key(2)), s.folder(key(1)))
		},
	} {
		dir := t.TempDir()
		s, err := Open(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		put(t, s, 2, "content")
		if name != "other's" {
			put(t, s, 1, "content")
		}
		if err := damage(s); err != nil {
			t.Fatal(err)
		}
		if s, err = Open(dir, 0); err != nil { // another worker, that has not read it yet
			t.Fatal(err)
		}
		var damaged *DamagedError
		if _, err := s.Get(key(1)); !errors.As(err, &damaged) || damaged.Key != key(1) {
			t.Errorf("%s: error %v", name, err)
		}
		whole := name == "byte" || name == "cut" || name == "lost"
		if damaged != nil && (damaged.Record != nil) != whole {
			t.Errorf("%s: record %+v", name, damaged.Record)
		}
		if _, err := s.Get(key(1)); !errors.Is(err, ErrNone) {
			t.Errorf("%s: afterwards %v", name, err)
		}
	}
}

// TestBound removes what was not used for longest, and never the newest.
func TestBound(t *testing.T) {
	s, err := Open(t.TempDir(), 25)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if i == 3 { // 0 was used last
			if _, err := s.Get(key(0)); err != nil {
				t.Fatal(err)
			}
		}
		if i == 2 {
			if _, err := s.Get(key(0)); err != nil {
				t.Fatal(err)
			}
		}
		put(t, s, i, strings.Repeat("x", 8))
		time.Sleep(10 * time.Millisecond)
	}
	for i, want := range []bool{true, false, true, true} {
		if _, err := s.Get(key(i)); (err == nil) != want {
			t.Errorf("value %d: %v, want kept %v", i, err, want)
		}
	}
	put(t, s, 9, strings.Repeat("x", 1000))
	if list, err := s.List(); err != nil || len(list) != 1 || list[0].Key != key(9) {
		t.Errorf("list %v, error %v", list, err)
	}
}

// TestTwoWorkers keep, read, list and clear the same values at once: what is read is whole.
func TestTwoWorkers(t *testing.T) {
	dir := t.TempDir()
	var workers sync.WaitGroup
	for w := range 4 {
		s, err := Open(dir, 200)
		if err != nil {
			t.Fatal(err)
		}
		workers.Go(func() {
			for i := range 40 {
				n := (i*7 + w) % 10
				want := strings.Repeat(fmt.Sprint(n), 50)
				err := s.Put(&Record{Key: key(n), Kind: "k"}, false, func(folder string) error {
					return os.WriteFile(filepath.Join(folder, "file"), []byte(want), 0o600)
				})
				if err != nil {
					t.Errorf("put: %v", err)
				}
				r, err := s.Get(key(n))
				if errors.Is(err, ErrNone) { // another one removed it
					continue
				}
				if err != nil {
					t.Errorf("get: %v", err)
					continue
				}
				text, err := os.ReadFile(s.Path(r.Key, "file"))
				if err == nil && string(text) != want {
					t.Errorf("%q, want %q", text, want)
				}
				if i%9 == 0 {
					if _, _, err := s.Clear([]string{key(n)}); err != nil {
						t.Errorf("clear: %v", err)
					}
				}
			}
		})
	}
	workers.Wait()
}

// TestSweep removes what a process that is gone has begun, and not what this one has.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, 0); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(dir, "begun", "999999999-x")
	alive := filepath.Join(dir, "begun", fmt.Sprintf("%d-x", os.Getppid()))
	for _, d := range []string{gone, alive} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(dir, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of a process that is gone: %v", err)
	}
	if _, err := os.Stat(alive); err != nil {
		t.Errorf("of one that runs: %v", err)
	}
}

// TestHashes follows files and folders, whose changes it must see at once.
func TestHashes(t *testing.T) {
	s, err := Open(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	h, dir := s.OpenHashes(), t.TempDir()
	path := filepath.Join(dir, "file")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	of := func(path string) string {
		t.Helper()
		sum, err := h.Of(path)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	write(path, "one")
	one, folder := of(path), of(dir)
	write(path, "two") // within a tick of the clock, and of the same size
	if of(path) == one || of(dir) == folder {
		t.Error("a change was not seen")
	}
	write(path, "one")
	if of(path) != one || of(dir) != folder {
		t.Error("the same content has another hash")
	}
	if err := os.Rename(path, filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	if of(dir) == folder {
		t.Error("a new name was not seen")
	}
	// An old change is remembered, also for the next worker; a new one is seen although size and time are the same.
	path = filepath.Join(dir, "other")
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	time.Sleep(settled + 100*time.Millisecond)
	if of(path) != one {
		t.Error("another hash")
	}
	h = s.OpenHashes()
	if len(h.known) == 0 {
		t.Error("nothing is remembered")
	}
	write(path, "two")
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if of(path) == one {
		t.Error("a change behind an old time was not seen")
	}
	if _, err := h.Of(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// TestClaim lets one at a time compute a value, and passes the claim on.
func TestClaim(t *testing.T) {
	dir := t.TempDir()
	var claims sync.WaitGroup
	var inside, most, total int
	var mu sync.Mutex
	for range 6 {
		s, err := Open(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		claims.Go(func() {
			for range 5 {
				release, err := s.Claim(t.Context(), key(1))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				inside++
				most, total = max(most, inside), total+1
				mu.Unlock()
				time.Sleep(time.Millisecond)
				mu.Lock()
				inside--
				mu.Unlock()
				release()
			}
		})
	}
	claims.Wait()
	if most != 1 || total != 30 {
		t.Errorf("%d at once, %d in all", most, total)
	}
	s, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	release, err := s.Claim(t.Context(), key(1))
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Claim(ctx, key(1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("claimed twice: %v", err)
	}
}
