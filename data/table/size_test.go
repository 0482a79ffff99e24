package table

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/go-siamese/lab/data"
)

// plain returns a frame of n items whose values are known: item i has i*width+j, scaled.
func plain(n, width int) *data.Frame {
	f := &data.Frame{X: make([]float32, n*width), IDs: make([]string, n),
		Blocks: []data.Block{{Name: "f", Start: 0, End: width}}}
	for j := range width {
		f.Columns = append(f.Columns, "f/"+strconv.Itoa(j))
	}
	for i := range n {
		f.IDs[i] = strconv.Itoa(i)
	}
	for k := range f.X {
		f.X[k] = float32(k) / 1024
	}
	return f
}

// pack writes a packed copy of a file.
func pack(from, to string, with func(io.Writer) (io.WriteCloser, error)) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	zip, err := with(out)
	if err != nil {
		return errors.Join(err, out.Close())
	}
	_, err = io.Copy(zip, in)
	return errors.Join(err, zip.Close(), out.Close())
}

// live returns the bytes in use after a collection.
func live() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// TestScanMemory: what a scan holds depends on the size of its frames, not on the length of
// the table. testdata/bench_table.py does the same with 10 million rows.
func TestScanMemory(t *testing.T) {
	const width, batch, looks = 8, 5_000, 12
	dir := t.TempDir()
	// save writes a table of n rows. Packed ones are made of the one before, quickly rather than small.
	save := func(ending string, n int) (path string, err error) {
		path = filepath.Join(dir, strconv.Itoa(n)+ending)
		text := filepath.Join(dir, strconv.Itoa(n)+".csv")
		if _, err := os.Stat(text); err != nil && strings.HasPrefix(ending, ".csv.") {
			if err := Save(text, plain(n, width)); err != nil {
				return "", err
			}
		}
		switch ending {
		case ".csv.gz":
			return path, pack(text, path, func(w io.Writer) (io.WriteCloser, error) {
				return gzip.NewWriterLevel(w, gzip.BestSpeed)
			})
		case ".csv.zst":
			return path, pack(text, path, func(w io.Writer) (io.WriteCloser, error) {
				return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest))
			})
		}
		return path, Save(path, plain(n, width))
	}
	for _, ending := range []string{".csv", ".csv.gz", ".csv.zst", ".tsv", ".parquet", ".npy"} {
		t.Run(ending, func(t *testing.T) {
			var peaks []int64
			most := int64(64 << 20) // that may be held
			// Both are longer than what is read ahead, and are looked at as often.
			for _, n := range []int{160_000, 560_000} {
				path, err := save(ending, n)
				if err != nil {
					t.Fatal(err)
				}
				before, peak, rows, parts := min(live(), live(), live()), int64(0), 0, 0
				for f, err := range Scan(context.Background(), path, Options{BatchRows: batch}) {
					if err != nil {
						t.Fatal(err)
					}
					for i := range f.N() {
						if want := float32((rows+i)*width) / 1024; f.Row(i)[0] != want {
							t.Fatalf("row %d begins with %g, want %g", rows+i, f.Row(i)[0], want)
						}
					}
					rows += f.N()
					if parts++; parts%(n/batch/looks) == 0 {
						held := live() - before
						// What is read ahead between the collection and the look is not held: it is gone at another look.
						for again := 0; held > most && again < 20; again++ {
							held = min(held, live()-before)
						}
						peak = max(peak, held)
					}
				}
				if rows != n {
					t.Fatalf("%d rows of %d", rows, n)
				}
				peaks = append(peaks, peak)
				most = min(most, peak+10<<20)
			}
			// The other 400,000 rows take 12 MiB as values alone and 9 MiB as ids; the window of zstd is 8 MiB.
			t.Logf("%d KiB and %d KiB", peaks[0]>>10, peaks[1]>>10)
			if peaks[1] > peaks[0]+10<<20 || peaks[1] > 64<<20 {
				t.Errorf("%d KiB were held for 160,000 rows, %d KiB for 560,000", peaks[0]>>10, peaks[1]>>10)
			}
		})
	}
}

// raced reports whether this program looks for races: then a sync.Pool forgets buffers, so that more are allocated.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// TestWide reads tables of 20,000 columns.
func TestWide(t *testing.T) {
	want := plain(25, 20_000)
	for _, ending := range []string{".csv", ".tsv.gz", ".parquet", ".arrow", ".arrows", ".npz"} {
		t.Run(ending, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "wide"+ending)
			if err := Save(path, want); err != nil {
				t.Fatal(err)
			}
			opt := Options{NoCache: true}
			if ending == ".npz" {
				opt.X = "X"
			}
			before := allocated()
			got, _, err := Open(context.Background(), path, opt)
			used := allocated() - before
			if err != nil {
				t.Fatal(err)
			}
			if got.Hash() != want.Hash() {
				t.Errorf("another frame came back: %v", got)
			}
			if ending == ".npz" {
				return // cannot be scanned
			}
			rows := 0
			for f, err := range Scan(context.Background(), path, Options{BatchRows: 10}) {
				if err != nil {
					t.Fatal(err)
				}
				if f.F() != 20_000 || f.Row(0)[19_999] != want.Row(rows)[19_999] {
					t.Fatalf("row %d is another one", rows)
				}
				rows += f.N()
			}
			if rows != want.N() {
				t.Errorf("%d rows of %d", rows, want.N())
			}
			// arrow-go has two buffers of 16 KiB for each column of Parquet: one of them is
			// its own and made anew.
			limit := uint64(64 << 20)
			if ending == ".parquet" {
				limit += 20_000 * 24 << 10
			}
			if used > limit && !raced() {
				t.Errorf("reading 2 MB of values allocated %d MiB", used>>20)
			}
		})
	}
}
