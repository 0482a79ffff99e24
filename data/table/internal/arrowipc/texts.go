package arrowipc

import (
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// fillTexts copies a column of text, or of values that may serve as text, to dst; null is "".
// Text that is not UTF-8, which arrow-go does not check, is an error. Equal texts share
// their memory, up to as many as [reading.Interner] remembers. row is the place of dst in m.
func (b *batchReader) fillTexts(s *scratch, a arrow.Array, from, row int, dst []string, j int, m *reading.Matrix,
	account *reading.Account) error {
	name := b.plan.Columns[j].Name
	// A batch may claim more rows than its columns have.
	if from+len(dst) > a.Len() {
		return fmt.Errorf("column %q has %d values of %d", name, a.Len(), from+len(dst))
	}
	for i := range dst {
		text, err := arrowText(s.text[:0], a, from+i)
		if err == nil && !utf8.Valid(text) {
			err = reading.NotUTF8(string(text))
		}
		if err != nil {
			return m.TextAt(fmt.Errorf("column %q: %w", name, err), row+i, name)
		}
		// A copy: the text lies in the memory of the batch or of s.
		if dst[i], err = account.Text(s.labels, text); err != nil {
			return err
		}
	}
	return nil
}

// arrowText returns value i of an array as text; null is nothing, numbers are in digits, truth
// values are true and false, days and instants as pandas prints them. The text may lie in the
// memory of the array, or behind scratch: copy what is to stay. The codes of a dictionary
// come from the file and are checked.
func arrowText(scratch []byte, a arrow.Array, i int) ([]byte, error) {
	if a.IsNull(i) || a.DataType().ID() == arrow.NULL {
		return nil, nil
	}
	switch a := a.(type) {
	case *array.String:
		return bytesOf(a.Value(i)), nil
	case *array.LargeString:
		return bytesOf(a.Value(i)), nil
	case *array.StringView:
		return bytesOf(a.Value(i)), nil
	case *array.Binary:
		return a.Value(i), nil
	case *array.LargeBinary:
		return a.Value(i), nil
	case *array.BinaryView:
		return a.Value(i), nil
	case *array.FixedSizeBinary:
		if columnar.IsUUID(a.DataType()) {
			return reading.AppendUUID(scratch, a.Value(i)), nil
		}
	case *array.Boolean:
		return strconv.AppendBool(scratch, a.Value(i)), nil
	case *array.Dictionary:
		code := a.GetValueIndex(i)
		// Codes are data, which nothing has checked so far.
		if code < 0 || code >= a.Dictionary().Len() {
			return nil, fmt.Errorf("the code %d lies outside a dictionary of %d", code, a.Dictionary().Len())
		}
		return arrowText(scratch, a.Dictionary(), code)
	case *array.RunEndEncoded:
		k, _, err := runOf(a, i)
		if err != nil {
			return nil, err
		}
		return arrowText(scratch, a.Values(), k)
	case array.ExtensionArray:
		return arrowText(scratch, a.Storage(), i)
	case *array.Int8, *array.Int16, *array.Int32, *array.Int64, *array.Uint8, *array.Uint16, *array.Uint32,
		*array.Uint64:
		return append(scratch, a.ValueStr(i)...), nil
	case *array.Float16:
		return reading.AppendWhole(scratch, float64(raw.Float16(a.Value(i).Uint16())))
	case *array.Float32:
		return reading.AppendWhole(scratch, float64(a.Value(i)))
	case *array.Float64:
		return reading.AppendWhole(scratch, a.Value(i))
	}
	return namedText(scratch, a, i)
}

// namedText is arrowText for decimals, days and instants.
func namedText(scratch []byte, a arrow.Array, i int) ([]byte, error) {
	decimal := func(v interface{ ToString(scale int32) string }) ([]byte, error) {
		return reading.AppendDecimal(scratch, v.ToString(a.DataType().(arrow.DecimalType).GetScale()))
	}
	switch a := a.(type) {
	case *array.Decimal32:
		return decimal(a.Value(i))
	case *array.Decimal64:
		return decimal(a.Value(i))
	case *array.Decimal128:
		return decimal(a.Value(i))
	case *array.Decimal256:
		return decimal(a.Value(i))
	case *array.Date32:
		return reading.AppendDate(scratch, int64(a.Value(i))), nil
	case *array.Date64:
		const day = int64(24 * time.Hour / time.Millisecond)
		if v := int64(a.Value(i)); v%day != 0 {
			return reading.AppendTime(scratch, v, time.Millisecond, false), nil
		}
		return reading.AppendDate(scratch, int64(a.Value(i))/day), nil
	case *array.Timestamp:
		t := a.DataType().(*arrow.TimestampType)
		return reading.AppendTime(scratch, int64(a.Value(i)), t.Unit.Multiplier(), t.TimeZone != ""), nil
	}
	return nil, fmt.Errorf("the type %s holds no text", a.DataType())
}

// bytesOf returns the memory of s, which is only read.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
