package table

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/go-siamese/lab/data/table/internal/reading"
)

// heapPeak returns by how much the heap grew at most while work ran, garbage that was not collected yet included.
func heapPeak(work func()) int64 {
	before := live()
	var peak atomic.Int64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		var stats runtime.MemStats
		for {
			runtime.ReadMemStats(&stats)
			peak.Store(max(peak.Load(), int64(stats.HeapAlloc)-before))
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	work()
	close(stop)
	<-done
	return peak.Load()
}

// zipFile writes a gzip file of what write writes and returns its path.
func zipFile(t *testing.T, write func(io.Writer)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.csv.gz")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewWriterLevel(file, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriterSize(zip, 1<<20)
	write(out)
	for _, err := range []error{out.Flush(), zip.Close(), file.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// TestTextMemory: small files of text that unpack to much are refused before they take more than MaxBytes, whatever it
// is that takes it: rows, numbered ids, ids, labels, domains or columns.
func TestTextMemory(t *testing.T) {
	const limit = 64 << 20
	long := strings.Repeat("x", 1<<20)
	for name, write := range map[string]func(io.Writer){
		"rows of one number": func(w io.Writer) {
			io.WriteString(w, "f\n")
			for range 256 {
				io.WriteString(w, strings.Repeat("1\n", 1<<16))
			}
		},
		"ids": func(w io.Writer) {
			io.WriteString(w, "id,f\n")
			for i := range 1 << 20 {
				fmt.Fprintf(w, "%d,1\n", i)
			}
		},
		"long labels": func(w io.Writer) {
			io.WriteString(w, "label,f\n")
			for i := range 120 {
				fmt.Fprintf(w, "%d%s,1\n", i, long)
			}
		},
		"long domains and ids": func(w io.Writer) {
			io.WriteString(w, "id,domain,f\n")
			for i := range 80 {
				fmt.Fprintf(w, "%d%s,%d%s,1\n", i, long, i, long)
			}
		},
		"one label many times": func(w io.Writer) {
			io.WriteString(w, "label,f\n")
			for range 128 {
				io.WriteString(w, strings.Repeat("a,1\n", 1<<16))
			}
		},
		"columns": func(w io.Writer) {
			for range 32 {
				io.WriteString(w, strings.Repeat(",", 1<<20))
			}
			io.WriteString(w, "\n1\n")
		},
		"a row without an end": func(w io.Writer) {
			io.WriteString(w, "id,f\n\"")
			for range 64 {
				io.WriteString(w, long)
			}
		},
		"values": func(w io.Writer) {
			io.WriteString(w, "f/1,f/2,f/3,f/4\n")
			for range 128 {
				io.WriteString(w, strings.Repeat("1,2,3,4\n", 1<<16))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := zipFile(t, write)
			var err error
			peak := heapPeak(func() { _, _, err = Open(t.Context(), path, Options{MaxBytes: limit, NoCache: true}) })
			if err == nil {
				t.Fatal("it is read")
			}
			t.Logf("%d MiB: %v", peak>>20, err)
			// Chunks of text in the making and garbage come on top.
			if peak > limit+limit/2+32<<20 {
				t.Errorf("the heap grew by %d MiB, the limit is %d MiB: %v", peak>>20, limit>>20, err)
			}
		})
	}
}

// TestTextZstdWindow: a window is read if it fits into the bound.
func TestTextZstdWindow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv.zst")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zip, err := zstd.NewWriter(file, zstd.WithWindowSize(256<<20), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(zip, "f\n")
	for range 1000 { // in parts: the size is unknown, and the header has that of the window
		_, failed := io.WriteString(zip, "1.5\n2\n")
		err = errors.Join(err, failed, zip.Flush())
	}
	if err := errors.Join(err, zip.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	if f, _, err := Open(t.Context(), path, Options{NoCache: true}); err != nil || f.N() != 2000 {
		t.Errorf("%v %v", f, err)
	}
	_, _, err = Open(t.Context(), path, Options{NoCache: true, MaxBytes: 64 << 20})
	says("window", "MaxBytes").check(t, path, err)
}

// TestBudget: without MaxBytes the bound is a share of the memory that is left, here of what Go is given.
func TestBudget(t *testing.T) {
	const given = 256 << 20
	old := debug.SetMemoryLimit(given)
	defer debug.SetMemoryLimit(old)
	for _, size := range []int64{10, 1 << 40} {
		if got := reading.Budget(&Options{}, size); got > given || got < given/2 {
			t.Errorf("a file of %d bytes may take %d MiB of %d", size, got>>20, given>>20)
		}
	}
	if got := reading.Budget(&Options{MaxBytes: 1 << 40}, 10); got != 1<<40 {
		t.Errorf("MaxBytes became %d", got)
	}
}
