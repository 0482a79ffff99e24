// Package ondisk keeps features in files instead of memory, for frames larger than it.
//
// A frame's X may be a mapping of a file ([Map]): everything that reads a frame reads it, and what was read does not
// stay in this process: a goroutine gives pages back, so that passes over a file of any size, in order or at random,
// leave some hundred megabytes: by the clock, and, because the clock is late on a busy
// machine, where whoever makes fast passes tells of them ([Touched]). Rows here and there are read by [Copy], since the
// system maps many pages around one that is touched. The system keeps what it can of the file in its own cache.
// [Select] makes such a frame of some items of another one, and [Prefetch] has the disk begin to read what is
// needed soon.
//
// A frame on disk must not be written to: the pages are read-only, and a write ends the process. A file that another
// process cuts off while it is mapped does so too; those of this package and of the table's cache are replaced as a
// whole, never changed.
package ondisk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"unsafe"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/quote"
)

// Select returns a frame of the given items of f, in that order, whose features are in a temporary file in folder dir;
// "" = that of [os.TempDir]. Nobody else sees the file, and it is gone when the process ends or release is called,
// after which the frame must not be used. Ids, labels and domains are in memory. It costs a pass over the items and
// 4 N F bytes of disk: where there are fewer, that is an error before anything is written. It panics when an index is
// out of range, as [data.Frame.Select] does. Items that follow one another in a frame on disk are not copied. tell is
// called with the number of items copied so far, one call at a time; nil = silent.
func Select(ctx context.Context, f *data.Frame, items []int, dir string, tell func(done int)) (out *data.Frame,
	release func(), err error) {
	out = &data.Frame{Columns: f.Columns, Blocks: f.Blocks, IDs: selection.Pick(f.IDs, items), Numbered: f.Numbered,
		Labels: selection.Pick(f.Labels, items), Domains: selection.Pick(f.Domains, items), Settings: f.Settings}
	if n := len(items); n > 0 && items[n-1]-items[0] == n-1 && slices.IsSorted(items) && Holds(f.X) {
		out.X = f.X[items[0]*f.F() : (items[0]+n)*f.F()]
		return out, func() {}, nil
	}
	if dir == "" {
		dir = os.TempDir()
	}
	need := 4 * float64(len(items)) * float64(f.F())
	if err := CheckDisk(fmt.Sprintf("a copy of %d items", len(items)), dir, need); err != nil {
		return nil, nil, err
	}
	file, err := os.CreateTemp(dir, "siamese-items-*.tmp")
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name()) // a mapped file stays until it is unmapped
	}()
	to := bufio.NewWriterSize(file, 1<<20)
	const ahead = 64 // rows, which may be anywhere
	for k, i := range items {
		if k%ahead == 0 {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			if tell != nil {
				tell(k)
			}
			for _, next := range items[min(len(items), k+ahead):min(len(items), k+2*ahead)] {
				Prefetch(f.Row(next))
			}
		}
		if _, err := to.Write(bytesOf(f.Row(i))); err != nil {
			return nil, nil, fmt.Errorf("a copy of %d items: %w", len(items), err)
		}
	}
	if err := to.Flush(); err != nil {
		return nil, nil, fmt.Errorf("a copy of %d items: %w", len(items), err)
	}
	if out.X, release, err = Map(file, 0, len(items)*f.F()); err != nil {
		return nil, nil, err
	}
	return out, release, nil
}

// Map maps n numbers of a file, from offset on, which is a multiple of 64 KiB. They are as they lie in memory. The file
// may be closed. After release the numbers must not be read any more.
func Map(file *os.File, offset int64, n int) (x []float32, release func(), err error) {
	if n == 0 {
		return nil, func() {}, nil
	}
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	if info.Size() < offset+4*int64(n) {
		return nil, nil, fmt.Errorf("%s has %d bytes, and %d numbers from byte %d on are asked for: it was cut off",
			quote.Text(file.Name()), info.Size(), n, offset)
	}
	b, again, err := mapFile(file, offset, 4*n)
	if err != nil {
		return nil, nil, fmt.Errorf("mapping %s: %w", quote.Text(file.Name()), err)
	}
	mapped := add(&mapping{b, again, offset})
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), n), func() {
		if remove(mapped) {
			_ = unmap(b) // what was mapped can be unmapped
			_ = again.Close()
		}
	}, nil
}

// CheckDisk returns an error if a file of that many bytes does not fit into folder dir, nil where that is not known.
func CheckDisk(what, dir string, bytes float64) error {
	free, err := freeDisk(dir)
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("%s: %w", quote.Text(dir), err)
	}
	if err == nil && bytes > free {
		return fmt.Errorf("%s takes %s of disk, and %s has %s left: free some, or choose another folder", what,
			memory.Size(bytes), quote.Text(dir), memory.Size(free))
	}
	return nil
}

// bytesOf returns the memory of x as bytes.
func bytesOf(x []float32) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
}
