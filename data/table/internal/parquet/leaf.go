package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// leaf reads a column of a row group from beginning to end.
type leaf struct {
	reader   file.ColumnChunkReader
	descr    *schema.Column
	unsigned bool
	anyWhole bool // whole numbers may be past reading.MaxWhole
	name     string
	scratch  *scratch
}

// scratch is the memory that a worker's leaves share.
type scratch struct {
	def, rep []int16
	f32      []float32
	f64      []float64
	i32      []int32
	i64      []int64
	bits     []bool
	fixed    []parquet.FixedLenByteArray
	bytes    []parquet.ByteArray
	labels   reading.Interner
}

// newScratch returns the memory of a worker.
func newScratch() *scratch { return &scratch{labels: make(reading.Interner)} }

// leaf opens column j of a row group.
func (p *source) leaf(group *file.RowGroupReader, j int, s *scratch) (*leaf, error) {
	l := &leaf{descr: p.reader.MetaData().Schema.Column(j), name: p.columns[j].Name, scratch: s}
	var err error
	if l.reader, err = group.Column(j); err != nil {
		return nil, err
	}
	if whole, ok := l.descr.LogicalType().(schema.IntLogicalType); ok {
		l.unsigned = !whole.IsSigned()
	}
	return l, nil
}

func (l *leaf) close() error { return l.reader.Close() }

// numbers reads the next values into dst, up to its length; what is null there becomes NaN.
// n is how many there were. The levels are in l.scratch until the next call.
func (l *leaf) numbers(dst []float32) (n int, err error) {
	want := int64(len(dst))
	def, rep := columnar.Room(&l.scratch.def, len(dst)), columnar.Room(&l.scratch.rep, len(dst))
	var total int64
	var present int
	switch r := l.reader.(type) {
	case *file.Float32ColumnChunkReader:
		total, present, err = r.ReadBatch(want, dst, def, rep)
	case *file.Float64ColumnChunkReader:
		values := columnar.Room(&l.scratch.f64, len(dst))
		total, present, err = r.ReadBatch(want, values, def, rep)
		for i, v := range values[:present] {
			dst[i] = float32(v)
		}
	case *file.Int32ColumnChunkReader:
		values := columnar.Room(&l.scratch.i32, len(dst))
		total, present, err = r.ReadBatch(want, values, def, rep)
		for i, v := range values[:present] {
			dst[i] = float32(v)
			if l.unsigned {
				dst[i] = float32(uint32(v))
			}
		}
	case *file.Int64ColumnChunkReader:
		values := columnar.Room(&l.scratch.i64, len(dst))
		total, present, err = r.ReadBatch(want, values, def, rep)
		if past := reading.FindPast(values[:present], l.unsigned); past != nil && !l.anyWhole {
			past.At = l.placeOf(past.At, def[:total])
			return 0, past
		}
		for i, v := range values[:present] {
			dst[i] = float32(v)
			if l.unsigned {
				dst[i] = float32(uint64(v))
			}
		}
	case *file.BooleanColumnChunkReader:
		values := columnar.Room(&l.scratch.bits, len(dst))
		total, present, err = r.ReadBatch(want, values, def, rep)
		for i, v := range values[:present] {
			dst[i] = 0
			if v {
				dst[i] = 1
			}
		}
	case *file.FixedLenByteArrayColumnChunkReader:
		values := columnar.Room(&l.scratch.fixed, len(dst))
		total, present, err = r.ReadBatch(want, values, def, rep)
		for i, v := range values[:present] {
			dst[i] = raw.Float16(binary.LittleEndian.Uint16(v))
		}
	default:
		return 0, fmt.Errorf("column %q has the type %s where numbers were expected", l.name, l.reader.Type())
	}
	if err = errors.Join(err, l.reader.Err()); err != nil {
		return 0, fmt.Errorf("column %q: %w", l.name, err)
	}
	if total > want || int64(present) > total {
		return 0, fmt.Errorf("column %q: more values than rows", l.name)
	}
	if int64(present) < total {
		if err := l.spread(dst[:total], def[:total], present); err != nil {
			return 0, err
		}
	}
	return int(total), nil
}

// placeOf returns where the value k that is present lies among all of def.
func (l *leaf) placeOf(k int, def []int16) int {
	full := l.descr.MaxDefinitionLevel()
	for i, d := range def {
		if full > 0 && d < full {
			continue
		}
		if k--; k < 0 {
			return i
		}
	}
	return 0
}

// spread moves the values, which lie side by side, to the places that the levels give them.
func (l *leaf) spread(dst []float32, def []int16, present int) error {
	full := l.descr.MaxDefinitionLevel()
	for i := len(dst) - 1; i >= 0; i-- {
		if def[i] < full {
			dst[i] = nan
			continue
		}
		if present == 0 {
			break
		}
		present--
		dst[i] = dst[present]
		if present == i {
			return nil // the rest is in place
		}
	}
	if full == 0 || present != 0 {
		return fmt.Errorf("column %q: the number of values and of nulls do not add up", l.name)
	}
	return nil
}

// short is the error for a column that ends too early.
func (l *leaf) short() error {
	return fmt.Errorf("column %q has fewer values than the file has rows", l.name)
}
