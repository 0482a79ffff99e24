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

// columnsOf describes the fields of an Arrow schema, in their order. The width of lists of
// free length is not in it and stays 0: see newBatchReader.
func columnsOf(s *arrow.Schema) []reading.Column {
	columns := make([]reading.Column, s.NumFields())
	for j, field := range s.Fields() {
		c := reading.Column{Name: field.Name, Width: 1, Type: field.Type.String()}
		c.Kind, c.Text = arrowKind(field.Type)
		var items arrow.DataType
		// Other lists, such as views of lists, stay Other.
		switch t := field.Type.(type) {
		case *arrow.FixedSizeListType:
			items, c.Width = t.Elem(), int(t.Len())
		case *arrow.ListType:
			items, c.Width = t.Elem(), 0
		case *arrow.LargeListType:
			items, c.Width = t.Elem(), 0
		}
		// A list may be a feature if it holds numbers, and nothing else.
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

// arrowKind returns what the values of a type are, and whether they may be ids or labels.
// Whole numbers and truth values may be either, floating point may not: 1 and 1.0 would be
// two ids.
func arrowKind(t arrow.DataType) (k reading.Kind, asText bool) {
	switch t.ID() {
	case arrow.FLOAT16, arrow.FLOAT32, arrow.FLOAT64:
		return reading.Numbers, false
	case arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32,
		arrow.UINT64:
		return reading.Numbers, true
	// Binary is not among them: pandas and polars write text as text.
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW:
		return reading.Text, true
	// Categories of pandas, and of polars.
	case arrow.DICTIONARY:
		// Only dictionaries of what could be text itself.
		if k, asText := arrowKind(t.(*arrow.DictionaryType).ValueType); asText {
			// The codes of a dictionary of numbers are no numbers to compute with.
			return max(k, reading.Text), true
		}
	}
	return reading.Other, false
}

// arrowNumbers writes the values [from, from+len(dst)) of an array to dst, each rounded to
// the nearest float32; truth values are 0 and 1, null becomes NaN. A whole number past 2^53
// that is not null is a [*reading.PastWhole] with its place in dst.
func arrowNumbers(dst []float32, a arrow.Array, from int) error {
	n := len(dst)
	// A batch may claim more rows than its columns have.
	if from < 0 || from+n > a.Len() {
		return fmt.Errorf("the values %d to %d lie outside an array of %d", from, from+n, a.Len())
	}
	switch a := a.(type) {
	case *array.Float32:
		copy(dst, a.Values()[from:from+n])
	case *array.Float64:
		for i, v := range a.Values()[from : from+n] {
			dst[i] = float32(v)
		}
	// Any float16 is a float32.
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
	// What lies under a null is arbitrary: it is overwritten, not looked at.
	if a.NullN() > 0 {
		for i := range dst {
			if a.IsNull(from + i) {
				dst[i] = float32(math.NaN())
			}
		}
	}
	return nil
}

// arrowPast is [reading.FindPast] for the values of an array from place from on, without
// the nulls, under which anything may lie. It returns nil where there is none.
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

// whole converts whole numbers to float32, each rounded to the nearest.
func whole[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](dst []float32, src []T) {
	for i, v := range src {
		dst[i] = float32(v)
	}
}

// arrowText returns value i of an array as text; null is "", numbers are in digits, truth
// values are true and false. The text may lie in the memory of the array: copy what is to
// stay. The codes of a dictionary come from the file and are checked.
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
		// Codes are data, which nothing has checked so far.
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
