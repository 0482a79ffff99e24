package reading

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// MaxWhole is the largest whole number up to which float64, and with it every other tool, represents all of
// them. A column with a larger one holds ids rather than a measurement.
const MaxWhole = 1 << 53

// PastWhole is a whole number past 2^53 in a column of features: the error of decoders,
// which know the place among the values asked for but not the row. [Matrix.Located] adds
// that.
type PastWhole struct {
	At    int // place among the values asked for
	value string
}

// Error gives the place among the values asked for, and the value.
func (p *PastWhole) Error() string { return fmt.Sprintf("value %d is %s", p.At+1, p.value) }

// Fault is the error for the item in that row, counted from 1.
func (p *PastWhole) Fault(file string, row int64, column string) *tableerr.Error {
	return &tableerr.Error{File: file, Row: row, Column: column,
		Problem: "the value is " + p.value + ": whole numbers past 2^53 look like ids",
		Fix: option.Do("name the column in %s or %s", "ID", "Ignore").
			Or("write it as floating point if it is a measurement")}
}

// Located turns a [PastWhole], found reading w values in a row from that row of m, into the
// error that names its place. Other errors, and nil, are returned unchanged.
func (m *Matrix) Located(err error, row int, column string, w int) error {
	var past *PastWhole
	if errors.As(err, &past) {
		return past.Fault(m.File, m.Row+int64(row+past.At/w)+1, column)
	}
	return err
}

// IsPast reports whether the magnitude of a whole number is past MaxWhole. v holds the bits
// of a signed number unless unsigned.
func IsPast(v uint64, unsigned bool) bool {
	if !unsigned && int64(v) < 0 {
		v = -v
	}
	return v > MaxWhole
}

// FindPast returns the first of the values that is past MaxWhole, nil = none.
func FindPast[T int64 | uint64](values []T, unsigned bool) *PastWhole {
	for i, v := range values {
		if IsPast(uint64(v), unsigned) {
			return NewPastWhole(i, uint64(v), unsigned)
		}
	}
	return nil
}

// NewPastWhole returns the error for value v at that place; v holds the bits of a signed number unless
// unsigned.
func NewPastWhole(at int, v uint64, unsigned bool) *PastWhole {
	if unsigned {
		return &PastWhole{at, strconv.FormatUint(v, 10)}
	}
	return &PastWhole{at, strconv.FormatInt(int64(v), 10)}
}
