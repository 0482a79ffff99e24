package arrowipc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"
	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Buffers of a batch may be packed one by one; each has its unpacked length before it.
// arrow-go unpacks them as streams, for which zstd takes twice the window that a buffer of a
// few bytes claims, and reads only as many bytes as the length says, whether there are more or
// not. Here they are unpacked in one piece, in parallel, and have to agree with their lengths.

// notPacked is the length before a buffer that is kept as it is (-1).
const notPacked = ^uint64(0)

// zstdBuffers unpacks to no more than the room it is given. The window is part of that room,
// so that it may be of any size.
var zstdBuffers = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxWindow(1<<41))
})

// packed is one buffer: where it lies in the body, and where it goes.
type packed struct {
	from, to []byte
}

// unpack returns the body of a batch with all buffers as they are, each behind notPacked, and
// changes their places in meta; nil where nothing is packed. meta was checked.
func (m *messages) unpack(meta, body []byte) (out *memory.Buffer, err error) {
	defer columnar.GuardMetadata(&err)
	t := root(meta)
	batch, ok := follow(t, messageHeader)
	switch kind := t.GetByteSlot(slot(messageHeaderType), 0); {
	case ok && kind == headerDictionary:
		batch, ok = follow(batch, dictionaryBatch)
	case kind != headerBatch:
		ok = false
	}
	if !ok {
		return nil, nil
	}
	compression, ok := follow(batch, batchCompression)
	if !ok {
		return nil, nil
	}
	codec := compression.GetByteSlot(slot(compressionCodec), codecLZ4)
	o := flatbuffers.UOffsetT(batch.Offset(slot(batchBuffers)))
	if o == 0 {
		return nil, nil
	}
	first, n := batch.Vector(o), batch.VectorLen(o)
	// Places first, so that what is needed is taken at once.
	total := int64(0)
	for k := range n {
		at := first + flatbuffers.UOffsetT(16*k)
		from, length := batch.GetInt64(at), batch.GetInt64(at+8)
		if length == 0 {
			continue
		}
		if length < 8 {
			return nil, fmt.Errorf("a packed buffer of %d bytes has no length", length)
		}
		size := binary.LittleEndian.Uint64(body[from:])
		if size == notPacked {
			size = uint64(length - 8)
		}
		if size > 1<<40 {
			return nil, fmt.Errorf("a buffer of %d bytes claims to unpack to %d", length, size)
		}
		total += (8 + int64(size) + 7) &^ 7
	}
	out = memory.NewResizableBuffer(m.mem)
	defer func() {
		if err != nil {
			out.Release()
			out = nil
		}
	}()
	out.Resize(int(total))
	all := make([]packed, 0, n)
	place := int64(0)
	for k := range n {
		at := first + flatbuffers.UOffsetT(16*k)
		from, length := batch.GetInt64(at), batch.GetInt64(at+8)
		if length == 0 {
			continue
		}
		p := packed{from: body[from : from+length]}
		size := int64(binary.LittleEndian.Uint64(p.from))
		if uint64(size) == notPacked {
			size = length - 8
		}
		p.to = out.Bytes()[place : place+8+size : place+8+size]
		all = append(all, p)
		batch.MutateInt64(at, place)
		batch.MutateInt64(at+8, 8+size)
		place += (8 + size + 7) &^ 7
	}
	faults := make([]error, len(all))
	parallel.For(len(all), func(k int) {
		defer tableerr.Guard(m.in.Name, &faults[k])
		faults[k] = all[k].unpack(codec)
	})
	return out, errors.Join(faults...)
}

// unpack writes the buffer as one that is not packed.
func (p packed) unpack(codec byte) error {
	size := binary.LittleEndian.Uint64(p.from)
	binary.LittleEndian.PutUint64(p.to, notPacked)
	from, to := p.from[8:], p.to[8:]
	n := 0
	switch {
	case size == notPacked:
		copy(to, from)
		return nil
	case codec == codecZstd:
		d, err := zstdBuffers()
		if err != nil {
			return err
		}
		got, err := d.DecodeAll(from, to[:0])
		if n = len(got); err != nil {
			return fmt.Errorf("a buffer that claims to unpack to %d bytes: %w", size, err)
		}
	case codec == codecLZ4:
		r := lz4.NewReader(bytes.NewReader(from))
		var err error
		if n, err = io.ReadFull(r, to); err != nil {
			return fmt.Errorf("a buffer that claims to unpack to %d bytes: %w", size, tableerr.Unexpected(err))
		}
		// To the end, where the checksum is compared.
		more, err := r.Read(make([]byte, 1))
		if n += more; err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	default:
		return fmt.Errorf("buffers are packed in the unknown way %d", codec)
	}
	if uint64(n) != size {
		return fmt.Errorf("a buffer claims to unpack to %d bytes and has others", size)
	}
	return nil
}
