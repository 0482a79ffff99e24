package parquet

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// texts reads the next len(dst) values as text; null is "". Numbers are written in digits,
// truth values as true and false. Text that is not UTF-8 is an error. The strings in dst
// are copies, and equal ones mostly share their memory (see [reading.Interner]).
func (l *leaf) texts(dst []string) error {
	want := int64(len(dst))
	def := columnar.Room(&l.scratch.def, len(dst))
	var spell func(i int) (string, error)
	var total int64
	var present int
	var err error
	switch r := l.reader.(type) {
	case *file.ByteArrayColumnChunkReader:
		values := columnar.Room(&l.scratch.bytes, len(dst))
		// The values share the page's memory; they are copied page by page.
		return l.bytePages(r, dst, values, def)
	case *file.Int32ColumnChunkReader:
		values := columnar.Room(&l.scratch.i32, len(dst))
		total, present, err = r.ReadBatch(want, values, def, nil)
		spell = func(i int) (string, error) {
			if l.unsigned {
				return strconv.FormatUint(uint64(uint32(values[i])), 10), nil
			}
			return strconv.FormatInt(int64(values[i]), 10), nil
		}
	case *file.Int64ColumnChunkReader:
		values := columnar.Room(&l.scratch.i64, len(dst))
		total, present, err = r.ReadBatch(want, values, def, nil)
		spell = func(i int) (string, error) {
			if l.unsigned {
				return strconv.FormatUint(uint64(values[i]), 10), nil
			}
			return strconv.FormatInt(values[i], 10), nil
		}
	case *file.BooleanColumnChunkReader:
		values := columnar.Room(&l.scratch.bits, len(dst))
		total, present, err = r.ReadBatch(want, values, def, nil)
		spell = func(i int) (string, error) { return strconv.FormatBool(values[i]), nil }
	default:
		return fmt.Errorf("column %q has the type %s where text was expected", l.name, l.reader.Type())
	}
	if err = errors.Join(err, l.reader.Err()); err != nil {
		return fmt.Errorf("column %q: %w", l.name, err)
	}
	if total < want {
		return l.short()
	}
	return l.place(dst, def, present, spell)
}

// bytePages reads text. A batch may not reach across pages, whose memory is reused: the
// values of the first page would change under the ones of the second. values and def have
// room for len(dst).
func (l *leaf) bytePages(r *file.ByteArrayColumnChunkReader, dst []string, values []parquet.ByteArray,
	def []int16) error {
	for len(dst) > 0 {
		// HasNext opens the next page, after the values of the last one were copied.
		if !r.HasNext() {
			return errors.Join(l.short(), r.Err())
		}
		total, present, err := r.ReadBatchInPage(int64(len(dst)), values, def, nil)
		if err = errors.Join(err, r.Err()); err != nil {
			return fmt.Errorf("column %q: %w", l.name, err)
		}
		if total <= 0 || total > int64(len(dst)) {
			return l.short()
		}
		err = l.place(dst[:total], def, present, func(i int) (string, error) {
			if !utf8.Valid(values[i]) {
				return "", fmt.Errorf("column %q: the text %q is not UTF-8", l.name,
					tableerr.Shorten(string(values[i])))
			}
			return l.scratch.labels.Get(values[i]), nil
		})
		if err != nil {
			return err
		}
		dst = dst[total:]
	}
	return nil
}

// place writes the present values, as text, to the places that are not null. spell returns
// the text of the value i among those that are present.
func (l *leaf) place(dst []string, def []int16, present int, spell func(i int) (string, error)) error {
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
		var err error
		if dst[i], err = spell(next); err != nil {
			return err
		}
		next++
	}
	return nil
}
