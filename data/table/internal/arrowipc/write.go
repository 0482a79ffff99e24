package arrowipc

import (
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/blockmeta"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// Write writes the frame as an Arrow IPC file (Feather version 2), not compressed, so that
// others can map it: the columns "id", "label" and "domain" (the last two where the frame
// has them) as text, then the features as float32. The blocks lie in the metadata of the
// schema.
//
// Errors are those of [writing.Check], found before anything is written, and of w, which is
// not closed. NaN is written as the value NaN, not as null.
func Write(w io.Writer, f *data.Frame) error {
	return writeBatches(f, func(s *arrow.Schema) (batchWriter, error) {
		return ipc.NewFileWriter(w,
			ipc.WithSchema(s))
	})
}

// WriteStream is [Write] in the stream format, which is read from front to end.
func WriteStream(w io.Writer, f *data.Frame) error {
	return writeBatches(f, func(s *arrow.Schema) (batchWriter, error) {
		return ipc.NewWriter(w, ipc.WithSchema(s)),
			nil
	})
}

// batchWriter is what the writers of files and of streams have in common. Close ends the
// format, not the underlying writer.
type batchWriter interface {
	Write(arrow.RecordBatch) error
	Close() error
}

// writeBatches writes f in batches of about 128 MiB of values to the writer that open
// returns, so that readers need room for one of them, and closes that writer.
func writeBatches(f *data.Frame, open func(*arrow.Schema) (batchWriter, error)) (err error) {
	if err := writing.Check(f); err != nil {
		return err
	}
	// arrow-go panics where a column does not fit the schema.
	defer tableerr.Guard("write Arrow", &err)
	blocks, err := blockmeta.Text(f)
	if err != nil {
		return err
	}
	var fields []arrow.Field
	// Not dictionaries, which not all readers of files support in every position.
	for _, name := range writing.RoleColumns(f) {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.LargeString})
	}
	for _, name := range f.Columns {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Float32})
	}
	// The blocks go with the schema, which streams have as well as files.
	names, values := []string{blockmeta.Key}, []string{blocks}
	if f.Settings != "" {
		names, values = append(names, blockmeta.SettingsKey), append(values, string(f.Settings))
	}
	keys := arrow.NewMetadata(names, values)
	s := arrow.NewSchema(fields, &keys)
	out, err := open(s)
	if err != nil {
		return err
	}
	const group = 128 << 20 // bytes of values in a batch
	// One row at least, however wide.
	rows := max(1, group/4/f.F())
	for from := 0; from < f.N() && err == nil; from += rows {
		err = writeBatch(out, s, f, from, min(rows, f.N()-from))
	}
	return errors.Join(err, out.Close())
}

// writeBatch writes the items [from, from+n) of f, of which it makes a copy column by
// column. Texts are large strings, with offsets of 64 bits, which hold any number of bytes.
func writeBatch(out batchWriter, s *arrow.Schema, f *data.Frame, from, n int) error {
	columns := make([]arrow.Array, 0, s.NumFields())
	for _, all := range writing.RoleValues(f) {
		b := array.NewLargeStringBuilder(memory.DefaultAllocator)
		b.AppendValues(all[from:from+n], nil)
		columns = append(columns, b.NewLargeStringArray())
	}
	// All columns of the batch lie in one piece of memory.
	values := make([]float32, n*f.F())
	for j := range f.F() {
		column := values[j*n : (j+1)*n]
		writing.ColumnValues(column, f, j, from)
		// No buffer of validity: there are no nulls.
		buffers := []*memory.Buffer{nil, memory.NewBufferBytes(raw.BytesOf(column))}
		columns = append(columns, array.NewFloat32Data(array.NewData(arrow.PrimitiveTypes.Float32, n, buffers, nil, 0,
			0)))
	}
	batch := array.NewRecordBatch(s, columns, int64(n))
	defer batch.Release()
	return out.Write(batch)
}
