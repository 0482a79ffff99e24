package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// speller appends the text of value i among those of a batch that are present.
type speller = func(to []byte, i int) ([]byte, error)

// texts reads the next len(dst) values as text, which are those of the rows from row on in m;
// null is "". Numbers are written in digits, truth values as true and false, days and
// instants as pandas prints them. Text that is not UTF-8 is an error. The strings in dst are
// copies, and equal ones mostly share their memory (see [reading.Interner]).
func (l *leaf) texts(dst []string, row int, m *reading.Matrix) error {
	if r, ok := l.reader.(*file.ByteArrayColumnChunkReader); ok && l.decimal == nil {
		// The values share the page's memory; they are copied page by page.
		return l.bytePages(r, dst, row, m)
	}
	want := int64(len(dst))
	def := columnar.Room(&l.scratch.def, len(dst))
	spell, total, present, err := l.batch(want, def)
	if err = errors.Join(err, l.reader.Err()); err != nil {
		return fmt.Errorf("column %q: %w", l.name, err)
	}
	if total < want {
		return l.short()
	}
	return l.place(dst, row, m, def, present, spell)
}

// batch reads the next values that are no text.
func (l *leaf) batch(want int64, def []int16) (spell speller, total int64, present int, err error) {
	n := int(want)
	if l.decimal != nil {
		digits, total, present, err := l.digits(want, def, nil)
		return func(to []byte, i int) ([]byte, error) {
			text, err := digits(i)
			if err != nil {
				return to, err
			}
			return reading.AppendDecimal(to, text)
		}, total, present, err
	}
	switch r := l.reader.(type) {
	case *file.Int32ColumnChunkReader:
		values := columnar.Room(&l.scratch.i32, n)
		total, present, err = r.ReadBatch(want, values, def, nil)
		spell = func(to []byte, i int) ([]byte, error) { return l.appendWhole(to, int64(values[i])), nil }
	case *file.Int64ColumnChunkReader:
		values := columnar.Room(&l.scratch.i64, n)
		total, present, err = r.ReadBatch(want, values, def, nil)
		spell = func(to []byte, i int) ([]byte, error) { return l.appendWhole(to, values[i]), nil }
	case *file.Int96ColumnChunkReader:
		values := columnar.Room(&l.scratch.i96, n)
		total, present, err = r.ReadBatch(want, values, def, nil)
		spell = func(to []byte, i int) ([]byte, error) { return appendInt96(to, values[i]) }
	case *file.BooleanColumnChunkReader:
		values := columnar.Room(&l.scratch.bits, n)
		total, present, err = r.ReadBatch(want, values, def, nil)
		spell = func(to []byte, i int) ([]byte, error) { return strconv.AppendBool(to, values[i]), nil }
	case *file.Float32ColumnChunkReader:
		values := columnar.Room(&l.scratch.f32, n)
		total, present, err = r.ReadBatch(want, values, def, nil)
		spell = func(to []byte, i int) ([]byte, error) { return reading.AppendWhole(to, float64(values[i])) }
	case *file.Float64ColumnChunkReader:
		values := columnar.Room(&l.scratch.f64, n)
		total, present, err = r.ReadBatch(want, values, def, nil)
		spell = func(to []byte, i int) ([]byte, error) { return reading.AppendWhole(to, values[i]) }
	case *file.FixedLenByteArrayColumnChunkReader:
		values := columnar.Room(&l.scratch.fixed, n)
		total, present, err = r.ReadBatch(want, values, def, nil)
		spell = func(to []byte, i int) ([]byte, error) {
			if v := values[i]; len(v) == 16 {
				return reading.AppendUUID(to, v), nil
			}
			return reading.AppendWhole(to, float64(raw.Float16(binary.LittleEndian.Uint16(values[i]))))
		}
	default:
		err = fmt.Errorf("it has the type %s where text was expected", l.reader.Type())
	}
	return spell, total, present, err
}

// appendWhole appends a whole number, or the day or instant that it stands for.
func (l *leaf) appendWhole(to []byte, v int64) []byte {
	switch t := l.descr.LogicalType().(type) {
	case schema.DateLogicalType:
		return reading.AppendDate(to, v)
	case schema.TimestampLogicalType:
		unit := map[schema.TimeUnitType]time.Duration{schema.TimeUnitMillis: time.Millisecond,
			schema.TimeUnitMicros: time.Microsecond, schema.TimeUnitNanos: time.Nanosecond}[t.TimeUnit()]
		return reading.AppendTime(to, v, max(unit, time.Nanosecond), t.IsAdjustedToUTC())
	}
	switch {
	case l.unsigned && l.descr.PhysicalType() == parquet.Types.Int32:
		return strconv.AppendUint(to, uint64(uint32(v)), 10)
	case l.unsigned:
		return strconv.AppendUint(to, uint64(v), 10)
	}
	return strconv.AppendInt(to, v, 10)
}

// appendInt96 appends an instant as Impala, Hive and old Spark store it: nanoseconds within a day, and the number of
// the Julian day. Whether it is in universal time is not in the file; pandas prints it as if it were not.
func appendInt96(to []byte, v parquet.Int96) ([]byte, error) {
	const epoch, perDay = 2440588, 86400 * int64(time.Second) // the Julian day of 1970-01-01
	nanos := int64(binary.LittleEndian.Uint64(v[:8]))
	days := int64(int32(binary.LittleEndian.Uint32(v[8:]))) - epoch
	switch {
	case nanos < 0 || nanos > perDay:
		return to, fmt.Errorf("an instant of %d nanoseconds within a day", nanos)
	case nanos%1000 == 0 && -1e8 < days && days < 1e8:
		return reading.AppendTime(to, days*(perDay/1000)+nanos/1000, time.Microsecond, false), nil
	case -1e5 < days && days < 1e5:
		return reading.AppendTime(to, days*perDay+nanos, time.Nanosecond, false), nil
	}
	return to, fmt.Errorf("an instant %d days from 1970", days)
}

// sharedRoom is how many bytes texts that share their beginnings may unfold to at a time.
const sharedRoom = 4 << 20

// bytePages reads text. A batch may not reach across pages, whose memory is reused: the
// values of the first page would change under the ones of the second. Texts that share their
// beginnings (DELTA_BYTE_ARRAY) are unfolded by arrow-go a batch at a time, each to no more than
// the page has bytes; the batches are as small as the page is large.
func (l *leaf) bytePages(r *file.ByteArrayColumnChunkReader, dst []string, row int, m *reading.Matrix) error {
	values, def := columnar.Room(&l.scratch.bytes, len(dst)), columnar.Room(&l.scratch.def, len(dst))
	for len(dst) > 0 {
		// HasNext opens the next page, after the values of the last one were copied.
		if !r.HasNext() {
			return errors.Join(l.short(), r.Err())
		}
		want := int64(len(dst))
		if l.shared > 0 {
			want = min(want, max(1, sharedRoom/l.shared))
		}
		total, present, err := r.ReadBatchInPage(want, values, def, nil)
		if err = errors.Join(err, r.Err()); err != nil {
			return fmt.Errorf("column %q: %w", l.name, err)
		}
		if total <= 0 || total > want {
			return l.short()
		}
		err = l.place(dst[:total], row, m, def, present, func(_ []byte, i int) ([]byte, error) {
			if !utf8.Valid(values[i]) {
				return nil, reading.NotUTF8(string(values[i]))
			}
			return values[i], nil
		})
		if err != nil {
			return err
		}
		dst, row = dst[total:], row+int(total)
	}
	return nil
}

// place writes the present values, as text, to the places that are not null.
func (l *leaf) place(dst []string, row int, m *reading.Matrix, def []int16, present int, spell speller) error {
	full := l.descr.MaxDefinitionLevel()
	next := 0
	for i := range dst {
		if full > 0 && def[i] < full {
			dst[i] = ""
			continue
		}
		if next == present {
			return l.short()
		}
		text, err := spell(l.scratch.text[:0], next)
		if err != nil {
			return m.TextAt(fmt.Errorf("column %q: %w", l.name, err), row+i, l.name)
		}
		if dst[i], err = l.account.Text(l.scratch.labels, text); err != nil {
			return err
		}
		next++
	}
	return nil
}
