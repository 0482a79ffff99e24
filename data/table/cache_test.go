package table

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
)

// cachedFile writes a frame large enough to be cached, last changed an hour ago.
func cachedFile(t *testing.T, f *data.Frame) (path string, opt Options) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "f.arrow")
	if err := Save(path, f); err != nil {
		t.Fatal(err)
	}
	age(t, path, time.Hour)
	return path, Options{CacheDir: filepath.Join(dir, "cache")}
}

func age(t *testing.T, path string, by time.Duration) {
	t.Helper()
	then := time.Now().Add(-by)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func mustOpen(t *testing.T, path string, opt Options, cached bool) *data.Frame {
	t.Helper()
	f, e, err := Open(context.Background(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	if e.Cached != cached {
		t.Fatalf("cached is %v, want %v: %s", e.Cached, cached, e)
	}
	if e.File != path || e.Rows != f.N() {
		t.Errorf("%+v", e)
	}
	return f
}

func frameFiles(t *testing.T, opt Options) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(opt.CacheDir, "*.frame"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCache(t *testing.T) {
	want := datatest.Wild(900, 333, 1)
	path, opt := cachedFile(t, want)
	first := mustOpen(t, path, opt, false)
	second := mustOpen(t, path, opt, true)
	if diff := cmp.Diff(first, second); diff != "" || second.Hash() != want.Hash() {
		t.Fatal("another frame came from the cache", diff)
	}
	_, e1, _ := Open(context.Background(), path, Options{NoCache: true})
	_, e2, _ := Open(context.Background(), path, opt)
	if e1.String() != e2.String() { // a notebook that prints it comes out the same
		t.Errorf("from the cache it says %q, else %q", e2, e1)
	}
	e2.Cached = false
	if diff := cmp.Diff(e1, e2); diff != "" {
		t.Error("another explanation came from the cache", diff)
	}

	// What is written to a frame stays with it.
	second.X[5], second.X[len(second.X)-1] = 77, 78
	if third := mustOpen(t, path, opt, true); third.Hash() != want.Hash() {
		t.Error("a change of a frame reached the cache")
	}
	if second.X[5] != 77 {
		t.Error("the change is lost")
	}

	// A copy elsewhere and a new date are the same content.
	copied := path + ".copy"
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, content, 0o644); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, copied, opt, true)
	age(t, path, time.Minute)
	mustOpen(t, path, opt, true)

	// Other options are another frame.
	other := opt
	other.Ignore = []string{want.Columns[0]}
	if f := mustOpen(t, path, other, false); f.F() != want.F()-1 {
		t.Errorf("%v", f)
	}
	mustOpen(t, path, other, true)
	if n := len(frameFiles(t, opt)); n != 2 {
		t.Errorf("%d frames are kept, want 2", n)
	}
	noCache := opt
	noCache.NoCache = true
	mustOpen(t, path, noCache, false)
}

// TestCacheChanged: the same size and time do not make another content the same.
func TestCacheChanged(t *testing.T) {
	a, b := datatest.Wild(900, 333, 1), datatest.Wild(900, 333, 1)
	b.X[7] = 42
	path, opt := cachedFile(t, a)
	mustOpen(t, path, opt, false)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Save(path, b); err != nil { // another inode
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got := mustOpen(t, path, opt, false); got.X[7] != 42 {
		t.Error("the old content came back")
	}
	mustOpen(t, path, opt, true)

	// A file that had only just been written when it was hashed may have changed in the same
	// tick of the clock.
	now := time.Now()
	if err := os.Chtimes(path, now, now); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, path, opt, true)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	at := int64(strings.Index(string(must(os.ReadFile(path))), le32(42)))
	if _, err := file.WriteAt([]byte(le32(43)), at); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, now, now); err != nil {
		t.Fatal(err)
	}
	if got := mustOpen(t, path, opt, false); got.X[7] != 43 {
		t.Error("the old content came back")
	}
}

// TestCacheTimePutBack: a file that is written in place, and whose time is put back, is another file, since the change
// of its inode is not. Only a file that is older than two seconds is known by its times alone.
func TestCacheTimePutBack(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" && runtime.GOOS != "freebsd" {
		t.Skip("no time of change is read on this system")
	}
	f := datatest.Wild(900, 333, 1)
	f.X[7] = 42
	path, opt := cachedFile(t, f)
	time.Sleep(2100 * time.Millisecond)
	mustOpen(t, path, opt, false)
	mustOpen(t, path, opt, true)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	content := must(os.ReadFile(path))
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte(le32(43)), int64(strings.Index(string(content), le32(42)))); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Close(), os.Chtimes(path, info.ModTime(), info.ModTime())); err != nil {
		t.Fatal(err)
	}
	if got := mustOpen(t, path, opt, false); got.X[7] != 43 {
		t.Error("the old content came back")
	}
}

// le32 is the value as it lies in an Arrow file.
func le32(v float32) string {
	return string(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// frameFixed is the size of the fixed header of a cached frame; the length of the names is at byte 16 of it, and the
// values begin at the next multiple of 64 KiB.
const frameFixed = 32

// TestCacheDamaged: a copy with any byte changed or missing is made anew.
func TestCacheDamaged(t *testing.T) {
	want := datatest.Wild(900, 333, 1)
	path, opt := cachedFile(t, want)
	mustOpen(t, path, opt, false)
	name := frameFiles(t, opt)[0]
	content := must(os.ReadFile(name))
	start := (frameFixed + int(binary.LittleEndian.Uint64(content[16:])) + 1<<16 - 1) &^ (1<<16 - 1)
	for _, at := range []int{0, 8, 12, 16, 20, 24, 31, frameFixed, frameFixed + 100, frameFixed + 5000, start,
		start + 1000, len(content) - 1} {
		bad := []byte(string(content))
		bad[at] ^= 0x10
		if err := os.WriteFile(name, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := mustOpen(t, path, opt, false); got.Hash() != want.Hash() {
			t.Errorf("byte %d: another frame", at)
		}
		mustOpen(t, path, opt, true)
	}
	for _, length := range []int{0, 5, frameFixed, frameFixed + 9, start - 1, start, len(content) - 1} {
		if err := os.Truncate(name, int64(length)); err != nil {
			t.Fatal(err)
		}
		mustOpen(t, path, opt, false)
		mustOpen(t, path, opt, true)
	}
	for _, ref := range must(filepath.Glob(filepath.Join(opt.CacheDir, "*.ref"))) {
		for _, text := range []string{"", "{}", "[1]", `{"path":"x","hash":"../../x"}`} {
			if err := os.WriteFile(ref, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			mustOpen(t, path, opt, true)
		}
	}
}

func TestCacheLimit(t *testing.T) {
	f := datatest.Wild(900, 333, 1)
	path, opt := cachedFile(t, f)
	mustOpen(t, path, opt, false)
	size := must(os.Stat(frameFiles(t, opt)[0])).Size()
	opt.CacheBytes = 2*size + size/2
	for k := range 4 {
		other := opt
		other.Ignore = f.Columns[k : k+1]
		mustOpen(t, path, other, false)
		if n := len(frameFiles(t, opt)); n > 2 {
			t.Fatalf("%d frames are kept", n)
		}
		mustOpen(t, path, other, true)
	}
	// One that is larger than the limit alone is kept: it was just asked for.
	opt.CacheBytes = 1
	opt.AllowMissing = true
	mustOpen(t, path, opt, false)
	mustOpen(t, path, opt, true)
	if n := len(frameFiles(t, opt)); n != 1 {
		t.Errorf("%d frames are kept", n)
	}
}

// TestCacheUnusable: reading works without the cache, and says so.
func TestCacheUnusable(t *testing.T) {
	path, opt := cachedFile(t, datatest.Wild(900, 333, 1))
	if err := os.WriteFile(opt.CacheDir, nil, 0o644); err != nil { // a file where the folder would be
		t.Fatal(err)
	}
	_, e, err := Open(context.Background(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	if last := e.Notes[len(e.Notes)-1]; !strings.HasPrefix(last, "cache: no copy was kept") {
		t.Errorf("%q", e.Notes)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Open(ctx, path, Options{CacheDir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
