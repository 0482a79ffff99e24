package cache

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// The file of a frame that is made and used in bounded memory: X as it lies in memory, what is known of the items, as
// in the file of other frames, and at the end the fixed part that those have at the beginning: their number is known
// only when all have been read.
const (
	rowsEnding = ".rows"
	rowsMagic  = "SLROWS01"
)

// OpenRows returns a frame on disk, see package ondisk, of the file: from the cache, or where there is none or it is
// damaged, from scan, which yields all items in parts. Problems of the cache are errors: there is no other place.
func OpenRows(ctx context.Context, in *reading.Input, info os.FileInfo, opt *reading.Options,
	scan func(reading.Yielder) error) (*data.Frame, *reading.Explanation, error) {
	c := &cache{dir: opt.CacheDir, limit: opt.CacheBytes}
	if err := c.locate(ctx, in, info, opt, rowsEnding); err != nil {
		return nil, nil, err
	}
	f, e, err := loadRows(ctx, c.frame, opt)
	if err == nil {
		e.File, e.Cached = in.Name, true
		now := time.Now()
		_ = os.Chtimes(c.frame, now, now) // as load does
		return f, e, nil
	}
	if stopped := new(tableerr.Stopped); ctx.Err() != nil || errors.As(err, &stopped) {
		return nil, nil, err
	}
	if err := c.storeRows(in, info, scan); err != nil {
		return nil, nil, err
	}
	return loadRows(ctx, c.frame, opt)
}

// storeRows writes the items of scan to the cache, unless the file has changed meanwhile.
func (c *cache) storeRows(in *reading.Input, before os.FileInfo, scan func(reading.Yielder) error) error {
	var own error // of the table, which says where it is
	err := atomicfile.WriteCache(c.frame, func(w io.Writer) error {
		if err := WriteRows(w, in.Name, func(yield reading.Yielder) error {
			own = scan(yield)
			return own
		}); err != nil {
			return err
		}
		after, err := os.Stat(in.Name)
		if err != nil {
			return err
		}
		if identityOf(after) != identityOf(before) {
			return fmt.Errorf("%s changed while it was read: begin again when it is complete", quote.Text(in.Name))
		}
		return nil
	})
	switch {
	case own != nil:
		return own
	case err != nil:
		return err
	}
	return c.evict()
}

// OpenRowsOnce is [OpenRows] for what has no place in the cache: the file is in a folder for files of a day, and gone
// when the process ends.
func OpenRowsOnce(ctx context.Context, name string, opt *reading.Options, scan func(reading.Yielder) error) (*data.Frame, *reading.Explanation, error) {
	file, err := os.CreateTemp("", "siamese-table-*.tmp")
	if err != nil {
		return nil, nil, err
	}
	defer os.Remove(file.Name()) // a mapped file stays until the process ends
	if err := WriteRows(file, name, scan); err != nil {
		_ = file.Close()
		return nil, nil, err
	}
	if err := file.Close(); err != nil {
		return nil, nil, err
	}
	return loadRows(ctx, file.Name(), opt)
}

// WriteRows writes the items of scan in the format of the cache; name is that of the table, for errors.
func WriteRows(w io.Writer, name string, scan func(reading.Yielder) error) error {
	var all *data.Frame // without X
	texts := map[string]string{}
	var sums []uint32
	var written, sum = int64(0), uint32(0)
	err := scan(func(f *data.Frame) error {
		if all == nil {
			all = &data.Frame{Columns: f.Columns, Blocks: f.Blocks, Numbered: f.Numbered, Settings: f.Settings}
		}
		all.IDs = append(all.IDs, f.IDs...)
		all.Labels, all.Domains = appendKnown(all.Labels, f.Labels, texts), appendKnown(all.Domains, f.Domains, texts)
		for x := raw.BytesOf(f.X); len(x) > 0; {
			part := x[:min(int64(len(x)), frameChunk-written%frameChunk)]
			if _, err := w.Write(part); err != nil {
				return err
			}
			sum, written, x = crc32.Update(sum, castagnoli, part), written+int64(len(part)), x[len(part):]
			if written%frameChunk == 0 {
				sums, sum = append(sums, sum), 0
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if all == nil {
		return reading.NoRows(name, 0)
	}
	if written%frameChunk != 0 {
		sums = append(sums, sum)
	}
	if err := uniqueIDs(name, all); err != nil {
		return err
	}
	for _, texts := range []*[]string{&all.Labels, &all.Domains} {
		if reading.AllEmpty(*texts) {
			*texts = nil
		}
	}
	return writeRowsMeta(w, name, all, sums, written)
}

// writeRowsMeta writes what follows X in the file.
func writeRowsMeta(w io.Writer, name string, all *data.Frame, sums []uint32, written int64) error {
	about, err := json.Marshal(&reading.Explanation{File: name, Format: "on disk", Rows: all.N(), Features: all.F(),
		Numbered: all.Numbered, Blocks: all.Blocks, Notes: []string{fmt.Sprintf("the features are read from disk as they "+
			"are needed: %s", memory.Size(float64(written)))}})
	if err != nil {
		return err
	}
	blocks, err := json.Marshal(all.Blocks)
	if err != nil {
		return err
	}
	hash, length := crc32.New(castagnoli), int64(0)
	put := func(b []byte) error {
		_, _ = hash.Write(b) // a hash never fails
		length += int64(len(b))
		_, err := w.Write(b)
		return err
	}
	for _, list := range [][]string{{string(about)}, all.Columns, all.IDs, all.Labels, all.Domains,
		{string(blocks), string(all.Settings)}} {
		if err := put(appendStrings(nil, list)); err != nil {
			return err
		}
	}
	for _, sum := range sums {
		if err := put(binary.LittleEndian.AppendUint32(nil, sum)); err != nil {
			return err
		}
	}
	_, err = w.Write(fixedPart{hash.Sum32(), length, written}.bytes(rowsMagic))
	return err
}

// loadRows maps a file of WriteRows and checks all of it, as loadFrame does: for a large one that takes a while, which
// opt.Progress is told.
func loadRows(ctx context.Context, path string, opt *reading.Options) (*data.Frame, *reading.Explanation, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	fixed, err := readFixed(file, max(0, info.Size()-fixedSize), info.Size(), rowsMagic)
	if err != nil {
		return nil, nil, err
	}
	if fixed.x+fixed.meta+fixedSize != info.Size() {
		return nil, nil, errFrameFile
	}
	f, e, sums, err := fixed.readMeta(file, fixed.x)
	if err != nil {
		return nil, nil, err
	}
	texts := map[string]string{}
	f.Labels, f.Domains = appendKnown(nil, f.Labels, texts), appendKnown(nil, f.Domains, texts)
	x, release, err := ondisk.Map(file, 0, int(fixed.x/4))
	if err != nil {
		return nil, nil, err
	}
	if f.X = x; len(x) != f.N()*f.F() {
		err = errFrameFile
	} else {
		err = checkChunks(ctx, raw.BytesOf(x), sums, opt)
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return f, e, nil
}

// appendKnown appends texts of which few differ, each once in memory.
func appendKnown(to, from []string, known map[string]string) []string {
	for _, s := range from {
		one, ok := known[s]
		if !ok {
			one = strings.Clone(s) // not a part of a longer text
			known[one] = one
		}
		to = append(to, one)
	}
	return to
}

// uniqueIDs returns an error that names both rows of the first id that is there twice. It compares hashes, which take
// less memory than a map of ids.
func uniqueIDs(name string, f *data.Frame) error {
	if f.Numbered {
		return nil
	}
	seed := maphash.MakeSeed()
	hashes := make([]uint64, f.N())
	for i, id := range f.IDs {
		hashes[i] = maphash.String(seed, id)
	}
	slices.Sort(hashes)
	twice := map[uint64]bool{}
	for i := 1; i < len(hashes); i++ {
		if hashes[i] == hashes[i-1] {
			twice[hashes[i]] = true
		}
	}
	first := map[string]int{}
	for i, id := range f.IDs {
		if len(twice) == 0 {
			break
		}
		if !twice[maphash.String(seed, id)] {
			continue
		}
		if other, ok := first[id]; ok {
			return &tableerr.Error{File: name, Row: int64(i) + 1, Text: id, Fix: reading.OwnIDs,
				Problem: fmt.Sprintf("is also the id of row %d", other+1)}
		}
		first[id] = i
	}
	return nil
}

// CheckDisk returns an error if what is read from a file of that many bytes surely does not fit on the disk of the
// cache.
func CheckDisk(opt *reading.Options, bytes float64) error {
	dir := opt.CacheDir
	if dir == "" {
		var err error
		if dir, err = Dir(); err != nil {
			return err
		}
	}
	for { // the nearest folder that is there
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return ondisk.CheckDisk("a copy of the features", dir, bytes)
}
