package arrowipc

import (
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/narrow"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// columnsOf describes the fields of an Arrow schema, in their order. The width of lists of
// free length is not in it and stays 0: see newBatchReader.
func columnsOf(s *arrow.Schema) []reading.Column {
	columns := make([]reading.Column, s.NumFields())
	for j, field := range s.Fields() {
		columns[j] = columnar.ColumnOf(field)
	}
	return columns
}

// arrowNumbers writes the values [from, from+len(dst)) of an array to dst, each rounded to
// the nearest float32; truth values are 0 and 1, null becomes NaN. A whole number past 2^53
// that is not null is a [*reading.PastWhole] with its place in dst. What float32 cannot hold is counted in lost, by its
// place in dst.
func arrowNumbers(dst []float32, a arrow.Array, from int, lost *narrow.Run) error {
	n := len(dst)
	// A batch may claim more rows than its columns have.
	if from < 0 || from+n > a.Len() {
		return fmt.Errorf("the values %d to %d lie outside an array of %d", from, from+n, a.Len())
	}
	switch a := a.(type) {
	case *array.Float32:
		copy(dst, a.Values()[from:from+n])
	case *array.Float64:
		narrowed(narrow.Floats, dst, a.Values()[from:from+n], a, from, lost)
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
		narrowed(narrow.Wholes, dst, a.Values()[from:from+n], a, from, lost)
	case *array.Int64:
		narrowed(narrow.Wholes, dst, a.Values()[from:from+n], a, from, lost)
		if err := arrowPast(a, a.Values()[from:from+n], from, false); err != nil {
			return err
		}
	case *array.Uint8:
		whole(dst, a.Values()[from:from+n])
	case *array.Uint16:
		whole(dst, a.Values()[from:from+n])
	case *array.Uint32:
		narrowed(narrow.Wholes, dst, a.Values()[from:from+n], a, from, lost)
	case *array.Uint64:
		narrowed(narrow.Wholes, dst, a.Values()[from:from+n], a, from, lost)
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
	case *array.Decimal32:
		return decimals(dst, a, a.Values(), from, lost)
	case *array.Decimal64:
		return decimals(dst, a, a.Values(), from, lost)
	case *array.Decimal128:
		return decimals(dst, a, a.Values(), from, lost)
	case *array.Decimal256:
		return decimals(dst, a, a.Values(), from, lost)
	case *array.RunEndEncoded:
		return runs(dst, a, from, lost)
	case array.ExtensionArray:
		return arrowNumbers(dst, a.Storage(), from, lost)
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

// whole converts whole numbers that float32 has all of.
func whole[T int8 | int16 | uint8 | uint16](dst []float32, src []T) {
	for i, v := range src {
		dst[i] = float32(v)
	}
}

// narrowed converts values, of the array from place from on, and counts what is lost but for the nulls, under which
// anything may lie.
func narrowed[T any](convert func([]float32, []T, int, *narrow.Run), dst []float32, src []T, a arrow.Array, from int,
	lost *narrow.Run) {
	before := *lost
	convert(dst, src, 0, lost)
	if *lost == before || a.NullN() == 0 {
		return
	}
	*lost = before
	for i := range src {
		if a.IsValid(from + i) {
			convert(dst[i:i+1], src[i:i+1], i, lost)
		}
	}
}

// decimals is arrowNumbers for decimal numbers, with their values: each is written out in digits and rounded once,
// since a division of the whole number would round twice.
func decimals[T interface{ ToString(scale int32) string }](dst []float32, a arrow.Array, values []T, from int,
	lost *narrow.Run) error {
	scale := a.DataType().(arrow.DecimalType).GetScale()
	for i := range dst {
		if dst[i] = float32(math.NaN()); a.IsNull(from + i) {
			continue
		}
		var err error
		if dst[i], err = reading.DecimalValue(values[from+i].ToString(scale), i, lost); err != nil {
			return err
		}
	}
	return nil
}

// runs is arrowNumbers for values that are stored once for as many rows as they fill.
func runs(dst []float32, a *array.RunEndEncoded, from int, lost *narrow.Run) error {
	for i := 0; i < len(dst); {
		k, end, err := runOf(a, from+i)
		if err != nil {
			return err
		}
		n := min(len(dst)-i, end-from-i)
		var one narrow.Run
		if err := arrowNumbers(dst[i:i+1], a.Values(), k, &one); err != nil {
			var past *reading.PastWhole
			if errors.As(err, &past) {
				past.At = i
			}
			return err
		}
		for j := 1; j < n; j++ {
			dst[i+j] = dst[i]
		}
		lost.Repeat(&one, i, n)
		i += n
	}
	return nil
}

// runOf returns the place of row i among the values of an array of runs, and the row after the
// last one of its run.
func runOf(a *array.RunEndEncoded, i int) (k, end int, err error) {
	k = a.GetPhysicalIndex(i)
	if k < 0 || k >= a.Values().Len() || k >= a.RunEndsArr().Len() {
		return 0, 0, fmt.Errorf("no run holds row %d", i+1)
	}
	switch ends := a.RunEndsArr().(type) {
	case *array.Int16:
		end = int(ends.Value(k))
	case *array.Int32:
		end = int(ends.Value(k))
	case *array.Int64:
		end = int(ends.Value(k))
	}
	if end -= a.Offset(); end <= i {
		return 0, 0, fmt.Errorf("the runs are not in order at row %d", i+1)
	}
	return k, end, nil
}
