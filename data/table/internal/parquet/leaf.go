package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/narrow"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// leaf reads a column of a row group from beginning to end, as numbers or as text. It has a
// place in the column and is for one goroutine at a time. Close it, which gives its buffers
// back.
//
// In Parquet's words a value has levels: the definition level is the greatest one where a
// value is present and lower where it, or a list around it, is null or empty; the
// repetition level is 0 where a row begins.
type leaf struct {
	reader file.ColumnChunkReader
	descr  *schema.Column
	// Parquet has no unsigned types: they are int32 and int64 with a note.
	unsigned bool
	anyWhole bool // whole numbers may be past reading.MaxWhole
	name     string
	scratch  *scratch
	decimal  *schema.DecimalLogicalType // nil = the values are none
	account  *reading.Account
	// The most bytes of a page whose texts share their beginnings: see checkPages.
	shared int64
	lost   narrow.Run // in the last values that were read, by their places in dst
}

// scratch is the memory that a worker's leaves share: levels, values before they are
// converted, and the texts seen so far. Every field grows to what is asked for and is
// overwritten by each call, so nothing in it may be kept.
type scratch struct {
	def, rep []int16
	f32      []float32
	f64      []float64
	i32      []int32
	i64      []int64
	i96      []parquet.Int96
	bits     []bool
	fixed    []parquet.FixedLenByteArray
	bytes    []parquet.ByteArray
	text     []byte
	labels   reading.Interner
}

// newScratch returns empty memory for a worker.
func newScratch() *scratch {
	return &scratch{labels: make(reading.Interner), text: make([]byte, 0, 64)}
}

// leaf opens column j of a row group. s may be nil, but must be set before values are read.
// j counts the leaves of the schema.
func (p *source) leaf(group *file.RowGroupReader, j int, s *scratch) (*leaf, error) {
	l := &leaf{descr: p.reader.MetaData().Schema.Column(j), name: p.columns[j].Name, scratch: s, account: p.account}
	chunk, err := group.MetaData().ColumnChunk(j)
	if err != nil {
		return nil, err
	}
	if l.shared, err = p.checkPages(chunk, l.name); err != nil {
		return nil, fmt.Errorf("column %q: %w", l.name, err)
	}
	// Opens the column, without reading a page.
	if l.reader, err = group.Column(j); err != nil {
		return nil, err
	}
	switch t := l.descr.LogicalType().(type) {
	case schema.IntLogicalType:
		l.unsigned = !t.IsSigned()
	case schema.DecimalLogicalType:
		l.decimal = &t
	}
	return l, nil
}

// close gives the column's buffers back to the allocator.
func (l *leaf) close() error { return l.reader.Close() }

// numbers reads the next values into dst, up to its length, each rounded to the nearest
// float32; what is null there becomes NaN. n is how many there were, fewer than len(dst)
// only at the end of the column. In a column of lists, an empty list or a null one has a
// place too, as NaN. The levels are in l.scratch until the next call.
//
// A whole number past 2^53 is a [*reading.PastWhole] with its place in dst. Values past
// float32 become infinite, which the matrix finds.
func (l *leaf) numbers(dst []float32) (n int, err error) {
	want := int64(len(dst))
	def, rep := columnar.Room(&l.scratch.def, len(dst)), columnar.Room(&l.scratch.rep, len(dst))
	var total int64
	var present int
	l.lost = narrow.Run{}
	reader := l.reader
	if l.decimal != nil {
		total, present, err = l.decimals(dst, def, rep)
		reader = nil // read already
	}
	switch r := reader.(type) {
	case nil:
	case *file.Float32ColumnChunkReader:
		total, present, err = r.ReadBatch(want, dst, def, rep)
	case *file.Float64ColumnChunkReader:
		// The values that are present come side by side, without gaps for the nulls: see
		// spread.
		values := columnar.Room(&l.scratch.f64, len(dst))
		total, present, err = r.ReadBatch(want, values, def, rep)
		narrow.Floats(dst, values[:present], 0, &l.lost)
	// Also for the types of 8 and 16 bits, which Parquet stores in 32.
	case *file.Int32ColumnChunkReader:
		values := columnar.Room(&l.scratch.i32, len(dst))
		total, present, err = r.ReadBatch(want, values, def, rep)
		if l.unsigned {
			narrow.Wholes(dst, unsigned32(values[:present]), 0, &l.lost)
		} else {
			narrow.Wholes(dst, values[:present], 0, &l.lost)
		}
	// As float64 or float32 a large id would lose digits in silence; this looks at the
	// whole numbers.
	case *file.Int64ColumnChunkReader:
		values := columnar.Room(&l.scratch.i64, len(dst))
		total, present, err = r.ReadBatch(want, values, def, rep)
		if past := reading.FindPast(values[:present], l.unsigned); past != nil && !l.anyWhole {
			past.At = l.placeOf(past.At, def[:total])
			return 0, past
		}
		if l.unsigned {
			narrow.Wholes(dst, unsigned64(values[:present]), 0, &l.lost)
		} else {
			narrow.Wholes(dst, values[:present], 0, &l.lost)
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
	// Only float16 gets here: parquetKind refuses other bytes of fixed length.
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
	// arrow-go does not promise it for pages whose levels lie.
	if total > want || int64(present) > total {
		return 0, fmt.Errorf("column %q: more values than rows", l.name)
	}
	if l.lost.Any() && int64(present) < total {
		l.lost.FaintAt = l.placeOf(l.lost.FaintAt, def[:total])
		l.lost.RoundedAt = l.placeOf(l.lost.RoundedAt, def[:total])
	}
	if int64(present) < total {
		if err := l.spread(dst[:total], def[:total], present); err != nil {
			return 0, err
		}
	}
	return int(total), nil
}

// unsigned32 and unsigned64 return the same memory as unsigned numbers, which Parquet stores as signed ones.
func unsigned32(values []int32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(values))), len(values))
}

func unsigned64(values []int64) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(values))), len(values))
}

// placeOf returns where the value k that is present, counted from 0, lies among all values,
// of which def are the definition levels.
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

// spread moves the first present values of dst, which lie side by side, to the places that
// the levels give them, and writes NaN to the others. It goes from the end to the
// beginning, so that no value is overwritten before it has moved: O(len(dst)) without a
// second buffer. Levels that count other values than there are make an error.
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
		return fmt.Errorf("column %q: values and nulls do not add up to the rows", l.name)
	}
	return nil
}

// short is the error for a column that ends too early: the footer counts more rows.
func (l *leaf) short() error {
	return fmt.Errorf("column %q has fewer values than the file has rows", l.name)
}
