package table

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/mutate"
	"github.com/go-siamese/lab/data/table/internal/arrowipc"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// fileKind is a format as the fuzz targets know it.
type fileKind struct {
	name    string
	magic   string   // files of the format begin so
	endings []string // of the fixtures in it
}

var readers = []fileKind{
	{"Text", "", []string{".csv", ".tsv", ".csv.gz", ".csv.zst"}},
	{"Parquet", "PAR1", []string{".parquet"}},
	{"ArrowFile", "ARROW1\x00\x00", []string{".arrow", ".feather"}},
	{"ArrowStream", "\xff\xff\xff\xff", []string{".arrows"}},
	{"NPY", "\x93NUMPY", []string{".npy"}},
	{"NPZ", "PK\x03\x04", []string{".npz"}},
}

// seeds returns the fixtures and the malformed files of a format.
func (r fileKind) seeds(t testing.TB) [][]byte {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("testdata", "fixtures"))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for _, entry := range entries {
		if slices.ContainsFunc(r.endings, func(ending string) bool { return strings.HasSuffix(entry.Name(), ending) }) {
			all = append(all, fixtureBytes(t, entry.Name()))
		}
	}
	if len(all) == 0 {
		t.Fatalf("no fixtures end in %q", r.endings)
	}
	for _, m := range malformedFiles(t) {
		if r.magic != "" && strings.HasPrefix(string(m.content), r.magic) && len(m.content) < 1<<16 {
			all = append(all, m.content)
		}
	}
	return all
}

// mostAllocated bounds what reading a small file may allocate: a page of Parquet may claim
// 64 MiB, and the limit of the values is 4 MiB here.
const mostAllocated = 200 << 20

// allocated returns the bytes allocated so far; it is cheaper than runtime.ReadMemStats.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// checkRead reads a file of any content as a whole and in parts, and checks what every file
// must give: no panic, bounded memory, a sound frame or an error that names the file, the
// same frame either way, and from a copy of it.
func checkRead(t *testing.T, content []byte, missing bool) {
	t.Helper()
	ctx := context.Background()
	opt := Options{AllowMissing: missing, MaxBytes: 4 << 20, BatchRows: 2}
	in := &reading.Input{Name: "some/t.bin", Size: int64(len(content)), ReaderAt: bytes.NewReader(content)}
	start := allocated()
	f, e, err := read(ctx, in, &opt)
	if used := allocated() - start; used > mostAllocated {
		t.Fatalf("%d MiB were allocated for a file of %d bytes", used>>20, len(content))
	}
	if err != nil {
		if !strings.Contains(err.Error(), "some/t.bin") {
			t.Fatalf("does not name the file: %v", err)
		}
		if strings.Contains(err.Error(), "Schema.") || strings.Contains(err.Error(), " Options.") {
			t.Fatalf("spells options as Go code: %v", err)
		}
	} else {
		checkFrame(t, f, e, missing)
	}
	scanned := &data.Frame{}
	items := 0
	start = allocated()
	scanErr := scanInput(ctx, in, &opt, reading.Settler(&opt), func(part *data.Frame) error {
		if items += part.N(); items > 1<<16 {
			return errEnough
		}
		scanned.Columns, scanned.Blocks = part.Columns, part.Blocks
		scanned.X, scanned.IDs = append(scanned.X, part.X...), append(scanned.IDs, part.IDs...)
		scanned.Labels, scanned.Domains = append(scanned.Labels, part.Labels...),
			append(scanned.Domains, part.Domains...)
		return nil
	})
	if used := allocated() - start; used > 2*mostAllocated {
		t.Fatalf("%d MiB were allocated for scanning a file of %d bytes", used>>20, len(content))
	}
	switch {
	case scanErr != nil && !strings.Contains(scanErr.Error(), "some/t.bin") && items <= 1<<16:
		t.Fatalf("scanning does not name the file: %v", scanErr)
	case err == nil && scanErr == nil && items <= 1<<16:
		if reading.AllEmpty(scanned.Labels) {
			scanned.Labels = nil
		}
		if f.Hash() != scanned.Hash() {
			t.Fatalf("scanning gives another frame: %v, not %v", scanned, f)
		}
	case err == nil && scanErr != nil && items <= 1<<16 && !canOnlyOpen(scanErr):
		t.Fatalf("opens, and scanning says %v", scanErr)
	}
}

func canOnlyOpen(err error) bool {
	return strings.Contains(err.Error(), "a part at a time") || strings.Contains(err.Error(), "Fortran order")
}

// checkFrame checks a frame that was read, and that a copy of it is the same.
func checkFrame(t *testing.T, f *data.Frame, e *Explanation, missing bool) {
	t.Helper()
	check := f.Validate
	if missing {
		check = f.ValidateStructure
	}
	if err := check(); err != nil {
		t.Fatalf("read a frame that is not sound: %v", err)
	}
	if e.Rows != f.N() || e.Features != f.F() || len(e.Notes) == 0 {
		t.Fatalf("another explanation: %+v", e)
	}
	if writing.Check(f) != nil {
		return // names that options made features
	}
	var out bytes.Buffer
	if err := arrowipc.WriteStream(&out, f); err != nil {
		t.Fatal(err)
	}
	copied := &reading.Input{Name: "copy", Size: int64(out.Len()), ReaderAt: bytes.NewReader(out.Bytes())}
	again, _, err := read(context.Background(), copied, &Options{AllowMissing: missing})
	if err != nil {
		t.Fatalf("a copy cannot be read: %v", err)
	}
	if again.Hash() != f.Hash() {
		t.Fatalf("a copy is another frame: %v, not %v", again, f)
	}
}

func fuzz(f *testing.F, format string) {
	r := readers[slices.IndexFunc(readers, func(r fileKind) bool { return r.name == format })]
	for k, content := range r.seeds(f) {
		f.Add(content, k%2 == 0)
	}
	f.Fuzz(func(t *testing.T, content []byte, missing bool) {
		// What is not of the format is the business of another target.
		checkRead(t, append([]byte(r.magic), content[min(len(content), len(r.magic)):]...), missing)
	})
}

func FuzzOpenText(f *testing.F)        { fuzz(f, "Text") }
func FuzzOpenParquet(f *testing.F)     { fuzz(f, "Parquet") }
func FuzzOpenArrowFile(f *testing.F)   { fuzz(f, "ArrowFile") }
func FuzzOpenArrowStream(f *testing.F) { fuzz(f, "ArrowStream") }
func FuzzOpenNPY(f *testing.F)         { fuzz(f, "NPY") }
func FuzzOpenNPZ(f *testing.F)         { fuzz(f, "NPZ") }

// TestMutations is a short run of the fuzz targets with mutations that are the same every time.
func TestMutations(t *testing.T) {
	for at, r := range readers {
		t.Run(r.name, func(t *testing.T) {
			seeds := r.seeds(t)
			rng := rand.New(rand.NewPCG(11, uint64(at)))
			for k := range 400 {
				content := mutate.Bytes(rng, seeds[rng.IntN(len(seeds))], seeds[rng.IntN(len(seeds))], len(r.magic))
				if !t.Run(fmt.Sprint(k), func(t *testing.T) { checkRead(t, content, k%2 == 0) }) {
					t.Fatalf("mutation %d: %q", k, content)
				}
			}
		})
	}
}

// TestMutationsLeakNothing: readers end their goroutines whatever the file.
func TestMutationsLeakNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 0))
	before := runtime.NumGoroutine()
	for _, r := range readers {
		seeds := r.seeds(t)
		for k := range 40 {
			checkRead(t, mutate.Bytes(rng, seeds[rng.IntN(len(seeds))], seeds[0], len(r.magic)), k%2 == 0)
		}
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if runtime.NumGoroutine() <= before+2 {
			return
		}
	}
	if after := runtime.NumGoroutine(); after > before+2 {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}
