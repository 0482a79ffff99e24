package cache

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// The file of a frame: a fixed header, the names (lists of strings), zeros up to a multiple of frameAlign, then
// X as it lies in memory, so that it can be mapped. A checksum covers every part.
const (
	// fixedSize is that of the fixed header: magic (8 bytes), byte order (4), checksum of
	// the names (4), and the lengths of the names and of X (8 each). A machine of the other
	// byte order finds nativeOrder reversed and makes the frame anew.
	frameMagic  = "SLFRAME1"
	fixedSize   = 8 + 4 + 4 + 8 + 8
	frameAlign  = 1 << 16 // a page on every machine
	frameChunk  = 4 << 20 // bytes under one checksum, so that they are checked in parallel
	nativeOrder = 0x01020304
)

var (
	castagnoli    = crc32.MakeTable(crc32.Castagnoli) // computed by an instruction on amd64 and arm64
	errFrameFile  = errors.New("table: the cached frame is damaged")
	errStringList = errors.New("table: the cached names are damaged")
)

// saveFrame writes the file of a frame, as a whole or not at all. X is written from its
// memory, without a copy.
func saveFrame(path string, f *data.Frame, e *reading.Explanation) error {
	about, err := json.Marshal(e)
	if err != nil {
		return err
	}
	x := raw.BytesOf(f.X)
	meta := appendStrings(nil, []string{string(about)})
	for _, list := range [][]string{f.Columns, f.IDs, f.Labels, f.Domains} {
		meta = appendStrings(meta, list)
	}
	blocks, err := json.Marshal(f.Blocks)
	if err != nil {
		return err
	}
	meta = appendStrings(meta, []string{string(blocks), string(f.Settings)})
	for _, sum := range checksums(x) {
		meta = binary.LittleEndian.AppendUint32(meta, sum)
	}
	fixed := fixedPart{crc32.Checksum(meta, castagnoli), int64(len(meta)), int64(len(x))}.bytes(frameMagic)
	gap := make([]byte, xOffset(int64(len(meta)))-fixedSize-int64(len(meta)))
	return atomicfile.WriteCache(path, func(w io.Writer) error {
		for _, part := range [][]byte{fixed, meta, gap, x} {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		return nil
	})
}

// xOffset returns where X begins in the file, after names of that many bytes: at a multiple
// of frameAlign, as a mapping must.
func xOffset(meta int64) int64 { return (fixedSize + meta + frameAlign - 1) / frameAlign * frameAlign }

// loadFrame maps the file of a frame into memory and checks all of it, at the speed of
// memory, since a value that is wrong would never be noticed later. The mapping outlives
// the open file. Any error means that there is no usable copy.
func loadFrame(path string) (*data.Frame, *reading.Explanation, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	fixed, err := readFixed(file, 0, info.Size(), frameMagic)
	if err != nil {
		return nil, nil, err
	}
	if xOffset(fixed.meta)+fixed.x != info.Size() {
		return nil, nil, errFrameFile
	}
	f, e, sums, err := fixed.readMeta(file, fixedSize)
	if err != nil {
		return nil, nil, err
	}
	x, release, err := mapFile(file, xOffset(fixed.meta), int(fixed.x))
	if err != nil {
		return nil, nil, err
	}
	f.X = raw.FloatsOf(x)
	if len(f.X) != f.N()*f.F() || !slices.Equal(checksums(x), sums) {
		release()
		return nil, nil, errFrameFile
	}
	return f, e, nil
}

// fixedPart is what the part of fixed size in a file of a frame says, see fixedSize.
type fixedPart struct {
	sum     uint32 // checksum of the names
	meta, x int64  // bytes of the names and of X
}

// bytes returns the part as it is in the file.
func (p fixedPart) bytes(magic string) []byte {
	b := binary.NativeEndian.AppendUint32([]byte(magic), nativeOrder)
	b = binary.LittleEndian.AppendUint32(b, p.sum)
	b = binary.LittleEndian.AppendUint64(b, uint64(p.meta))
	return binary.LittleEndian.AppendUint64(b, uint64(p.x))
}

// readFixed reads the part at byte at of a file of that size. Lengths are compared with the size before anything is done
// with them.
func readFixed(file *os.File, at, size int64, magic string) (fixedPart, error) {
	var b [fixedSize]byte
	if _, err := file.ReadAt(b[:], at); err != nil {
		return fixedPart{}, err
	}
	p := fixedPart{binary.LittleEndian.Uint32(b[12:]), int64(binary.LittleEndian.Uint64(b[16:])),
		int64(binary.LittleEndian.Uint64(b[24:]))}
	if string(b[:8]) != magic || binary.NativeEndian.Uint32(b[8:]) != nativeOrder || p.meta < 0 || p.meta > size ||
		p.x <= 0 || p.x%4 != 0 {
		return fixedPart{}, errFrameFile
	}
	return p, nil
}

// readMeta reads and checks the names at byte at of the file, as parseMeta returns them.
func (p fixedPart) readMeta(file *os.File, at int64) (*data.Frame, *reading.Explanation, []uint32, error) {
	meta := make([]byte, p.meta)
	if _, err := file.ReadAt(meta, at); err != nil {
		return nil, nil, nil, err
	}
	if crc32.Checksum(meta, castagnoli) != p.sum {
		return nil, nil, nil, errFrameFile
	}
	return parseMeta(meta)
}

// parseMeta reads the names of a frame, its explanation and the checksums of X, in the
// order of saveFrame. The frame has no X yet.
func parseMeta(meta []byte) (*data.Frame, *reading.Explanation, []uint32, error) {
	f, e := &data.Frame{}, &reading.Explanation{}
	var about, blocks []string // blocks: their JSON, and the settings
	for _, list := range []*[]string{&about, &f.Columns, &f.IDs, &f.Labels, &f.Domains, &blocks} {
		var err error
		if *list, meta, err = cutStrings(meta); err != nil {
			return nil, nil, nil, err
		}
	}
	if len(about) != 1 || len(blocks) != 2 || len(meta)%4 != 0 {
		return nil, nil, nil, errFrameFile
	}
	if err := errors.Join(json.Unmarshal([]byte(about[0]), e), json.Unmarshal([]byte(blocks[0]),
		&f.Blocks)); err != nil {
		return nil, nil, nil, err
	}
	f.Numbered = e.Numbered
	f.Settings = data.Settings(blocks[1])
	var sums []uint32
	for ; len(meta) > 0; meta = meta[4:] {
		sums = append(sums, binary.LittleEndian.Uint32(meta))
	}
	return f, e, sums, nil
}

// checksums returns the CRC-32C of every chunk of frameChunk bytes, computed in parallel.
func checksums(x []byte) []uint32 {
	sums := make([]uint32, (len(x)+frameChunk-1)/frameChunk)
	parallel.For(len(sums), func(k int) { sums[k] = checksum(x, k) })
	return sums
}

// checksum returns that of chunk k.
func checksum(x []byte, k int) uint32 {
	return crc32.Checksum(x[k*frameChunk:min(len(x), (k+1)*frameChunk)], castagnoli)
}

// checkChunks returns an error if the chunks of x have other checksums than sums. opt.Progress is told of the bytes.
func checkChunks(ctx context.Context, x []byte, sums []uint32, opt *reading.Options) error {
	if len(sums) != (len(x)+frameChunk-1)/frameChunk {
		return errFrameFile
	}
	tell := reading.Teller(opt, len(x))
	var mu sync.Mutex // guards the rest
	done := 0
	return parallel.Each(ctx, len(sums), 0, func(_, k int) error {
		if checksum(x, k) != sums[k] {
			return errFrameFile
		}
		ondisk.Touched(frameChunk / 4)
		mu.Lock()
		defer mu.Unlock()
		done++
		return tell(min(len(x), done*frameChunk))
	})
}

// appendStrings appends a list: its length plus 1 (0 = nil), the lengths of the texts, then
// all text. nil and an empty list differ, because a frame without labels is none whose
// labels are missing.
func appendStrings(to []byte, list []string) []byte {
	if list == nil {
		return binary.AppendUvarint(to, 0)
	}
	to = binary.AppendUvarint(to, uint64(len(list))+1)
	for _, s := range list {
		to = binary.AppendUvarint(to, uint64(len(s)))
	}
	for _, s := range list {
		to = append(to, s...)
	}
	return to
}

// cutStrings reads a list of appendStrings and returns what follows it. The strings share
// one memory, which stays as long as any of them: one allocation instead of one for each of
// 20,000 ids. Claims beyond the bytes are an error.
func cutStrings(from []byte) (list []string, rest []byte, err error) {
	number := func() uint64 {
		v, n := binary.Uvarint(from)
		if n <= 0 {
			err = errStringList
			return 0
		}
		from = from[n:]
		return v
	}
	count := number()
	if err != nil || count == 0 {
		return nil, from, err
	}
	if count-1 > uint64(len(from)) {
		return nil, nil, errStringList
	}
	lengths := make([]uint64, count-1)
	total := uint64(0)
	for k := range lengths {
		lengths[k] = number()
		if total += lengths[k]; err != nil || lengths[k] > uint64(len(from)) || total > uint64(len(from)) {
			return nil, nil, errStringList
		}
	}
	text := string(from[:total])
	list = make([]string, len(lengths))
	for k, n := range lengths {
		list[k], text = text[:n], text[n:]
	}
	return list, from[total:], nil
}
