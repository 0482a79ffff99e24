package arrowipc

import (
	"fmt"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// columnsOf describes the fields of an Arrow schema. The width of lists of free length is
// not in it.
func columnsOf(s *arrow.Schema) []reading.Column {
	columns := make([]reading.Column, s.NumFields())
	for j, field := range s.Fields() {
		c := reading.Column{Name: field.Name, Width: 1, Type: field.Type.String()}
		c.Kind, c.Text = arrowKind(field.Type)
		var items arrow.DataType
		switch t := field.Type.(type) {
		case *arrow.FixedSizeListType:
			items, c.Width = t.Elem(), int(t.Len())
		case *arrow.ListType:
			items, c.Width = t.Elem(), 0
		case *arrow.LargeListType:
			items, c.Width = t.Elem(), 0
		}
		if items != nil {
			c.List, c.Text = true, false
			if c.Kind, _ = arrowKind(items); c.Kind != reading.Numbers {
				c.Kind = reading.Other
			}
		}
		columns[j] = c
	}
	return columns
}

func arrowKind(t arrow.DataType) (k reading.Kind, asText bool) {
	switch t.ID() {
	case arrow.FLOAT16, arrow.FLOAT32, arrow.FLOAT64:
		return reading.Numbers, false
	case arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32,
		arrow.UINT64:
		return reading.Numbers, true
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW:
		return reading.Text, true
	case arrow.DICTIONARY:
		if k, asText := arrowKind(t.(*arrow.DictionaryType).ValueType); asText {
			// The codes of a dictionary of numbers are no numbers to compute with.
			return max(k, reading.Text), true
		}
	}
	return reading.Other, false
}

// arrowNumbers writes the values [from, from+len(dst)) of an array to dst; null becomes NaN.
func arrowNumbers(dst []float32, a arrow.Array, from int) error {
	n := len(dst)
	if from < 0 || from+n > a.Len() {
		return fmt.Errorf("an array of %d values is asked for those from %d to %d", a.Len(), from, from+n)
	}
	switch a := a.(type) {
	case *array.Float32:
		copy(dst, a.Values()[from:from+n])
	case *array.Float64:
		for i, v := range a.Values()[from : from+n] {
			dst[i] = float32(v)
		}
	case *array.Float16:
		for i, v := range a.Values()[from : from+n] {
			dst[i] = raw.Float16(v.Uint16())
		}
	case *array.Int8:
		whole(dst, a.Values()[from:from+n])
	case *array.Int16:
		whole(dst, a.Values()[from:from+n])
	case *array.Int32:
		whole(dst, a.Values()[from:from+n])
	case *array.Int64:
		whole(dst, a.Values()[from:from+n])
		if err := arrowPast(a, a.Values()[from:from+n], from, false); err != nil {
			return err
		}
	case *array.Uint8:
		whole(dst, a.Values()[from:from+n])
	case *array.Uint16:
		whole(dst, a.Values()[from:from+n])
	case *array.Uint32:
		whole(dst, a.Values()[from:from+n])
	case *array.Uint64:
		whole(dst, a.Values()[from:from+n])
		if err := arrowPast(a, a.Values()[from:from+n], from, true); err != nil {
			return err
		}
	case *array.Boolean:
		for i := range dst {
			dst[i] = 0
			if a.Value(from + i) {
				dst[i] = 1
			}
		}
	default:
		return fmt.Errorf("the type %s holds no numbers", a.DataType())
	}
	if a.NullN() > 0 {
		for i := range dst {
			if a.IsNull(from + i) {
				dst[i] = float32(math.NaN())
			}
		}
	}
	return nil
}

// arrowPast is reading.FindPast for an array, without the nulls.
func arrowPast[T int64 | uint64](a arrow.Array, values []T, from int, unsigned bool) error {
	for at := 0; ; at++ {
		p := reading.FindPast(values[at:], unsigned)
		if p == nil {
			return nil
		}
		if at += p.At; a.IsValid(from + at) {
			p.At = at
			return p
		}
	}
}

func whole[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](dst []float32, src []T) {
	for i, v := range src {
		dst[i] = float32(v)
	}
}

// arrowText returns value i of an array as text; null is "".
func arrowText(a arrow.Array, i int) (string, error) {
	if a.IsNull(i) {
		return "", nil
	}
	switch a := a.(type) {
	case *array.String:
		return a.Value(i), nil
	case *array.LargeString:
		return a.Value(i), nil
	case *array.StringView:
		return a.Value(i), nil
	case *array.Boolean:
		return strconv.FormatBool(a.Value(i)), nil
	case *array.Dictionary:
		code := a.GetValueIndex(i)
		if code < 0 || code >= a.Dictionary().Len() {
			return "", fmt.Errorf("the code %d lies outside a dictionary of %d", code, a.Dictionary().Len())
		}
		return arrowText(a.Dictionary(), code)
	case *array.Int8, *array.Int16, *array.Int32, *array.Int64, *array.Uint8, *array.Uint16, *array.Uint32,
		*array.Uint64:
		return a.ValueStr(i), nil
	}
	return "", fmt.Errorf("the type %s holds no text", a.DataType())
}
