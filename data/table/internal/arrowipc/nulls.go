package arrowipc

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/go-siamese/lab/data/table/internal/columnar"
)

// nullWalk goes through the arrays of a batch with their types. An array that claims no nulls may
// have a bitmap nevertheless, which arrow-go then does not look at.
type nullWalk struct {
	batch           flatbuffers.Table
	body            []byte
	node, buffer    int
	variadic        int
	nodes, buffers  flatbuffers.UOffsetT // where the lists begin
	counts          flatbuffers.UOffsetT
	nNodes, nBuffer int
}

// checkNulls refuses a batch in which an array claims no nulls and has some. meta and body are those
// of a message, unpacked.
func checkNulls(schema *arrow.Schema, meta, body []byte) (err error) {
	defer columnar.GuardMetadata(&err)
	t := root(meta)
	// Before version 5 (2020) unions had one more buffer.
	const version5 = 4
	if t.GetByteSlot(slot(messageHeaderType), 0) != headerBatch || t.GetInt16Slot(slot(messageVersion), 0) < version5 {
		return nil
	}
	batch, ok := follow(t, messageHeader)
	if !ok {
		return nil
	}
	w := &nullWalk{batch: batch, body: body}
	w.nodes, w.nNodes = vectorOf(batch, batchNodes)
	w.buffers, w.nBuffer = vectorOf(batch, batchBuffers)
	w.counts, _ = vectorOf(batch, batchCounts)
	for _, f := range schema.Fields() {
		if err := w.array(f.Type); err != nil {
			return fmt.Errorf("column %q: %w", f.Name, err)
		}
	}
	return nil
}

// vectorOf returns where a list begins and how many elements it has; both 0 where field k of the table is not there.
func vectorOf(t flatbuffers.Table, k int) (at flatbuffers.UOffsetT, n int) {
	o := flatbuffers.UOffsetT(t.Offset(slot(k)))
	if o == 0 {
		return 0, 0
	}
	return t.Vector(o), t.VectorLen(o)
}

// array looks at the next array and those within it.
func (w *nullWalk) array(t arrow.DataType) error {
	if ext, ok := t.(arrow.ExtensionType); ok {
		return w.array(ext.StorageType())
	}
	if w.node >= w.nNodes {
		return errors.New("the batch lacks an array")
	}
	at := w.nodes + flatbuffers.UOffsetT(16*w.node)
	rows, nulls := w.batch.GetInt64(at), w.batch.GetInt64(at+8)
	w.node++
	if t.ID() == arrow.NULL {
		return nil
	}
	layout := t.Layout()
	if len(layout.Buffers) > 0 && layout.Buffers[0].Kind == arrow.KindBitmap && nulls == 0 && rows > 0 {
		bitmap, err := w.bytes(w.buffer)
		if err != nil {
			return err
		}
		if bits := int64(8 * len(bitmap)); bits > 0 && bits >= rows &&
			bitutil.CountSetBits(bitmap, 0, int(rows)) < int(rows) {
			return errors.New("an array claims no nulls and has some")
		}
	}
	for _, spec := range layout.Buffers {
		if spec.Kind != arrow.KindAlwaysNull { // those are not in a batch
			w.buffer++
		}
	}
	if layout.VariadicSpec != nil {
		w.buffer += int(w.batch.GetInt64(w.counts + flatbuffers.UOffsetT(8*w.variadic)))
		w.variadic++
	}
	if nested, ok := t.(arrow.NestedType); ok {
		for _, f := range nested.Fields() {
			if err := w.array(f.Type); err != nil {
				return err
			}
		}
	}
	return nil
}

// bytes returns buffer k, without the length before one of a batch that was packed; nil where it is empty. The body has
// been checked to hold all buffers.
func (w *nullWalk) bytes(k int) ([]byte, error) {
	if k >= w.nBuffer {
		return nil, errors.New("the batch lacks a buffer")
	}
	at := w.buffers + flatbuffers.UOffsetT(16*k)
	from, length := w.batch.GetInt64(at), w.batch.GetInt64(at+8)
	if length == 0 {
		return nil, nil // it may lie anywhere
	}
	b := w.body[from : from+length]
	if _, packed := follow(w.batch, batchCompression); packed && len(b) >= 8 &&
		binary.LittleEndian.Uint64(b) == notPacked {
		b = b[8:]
	}
	return b, nil
}
