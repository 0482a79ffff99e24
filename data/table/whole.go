package table

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/go-siamese/lab/data/option"
)

// maxWhole is the whole number up to which float64, and with it every other tool, tells all of
// them apart. A column with one beyond holds ids rather than a measurement.
const maxWhole = 1 << 53

// pastWhole is what a reader of columns finds where whole numbers become features.
type pastWhole struct {
	at    int // place among the values asked for
	value string
}

func (p *pastWhole) Error() string { return fmt.Sprintf("value %d is %s", p.at+1, p.value) }

// fault is the error for the item in that row, counted from 1.
func (p *pastWhole) fault(file string, row int64, column string) *Error {
	return &Error{File: file, Row: row, Column: column,
		Problem: "the value is " + p.value + ": whole numbers past 2^53 look like ids",
		Fix: option.Do("name the column in %s or %s", "ID", "Ignore").
			Or("write it as floating point if it is a measurement")}
}

// located turns a pastWhole, found reading w values in a row from that row of m, into the error
// that names its place.
func (m *matrix) located(err error, row int, column string, w int) error {
	var past *pastWhole
	if errors.As(err, &past) {
		return past.fault(m.file, m.row+int64(row+past.at/w)+1, column)
	}
	return err
}

// isPast says whether a whole number, which lies in v without a sign where unsigned, is past
// maxWhole.
func isPast(v uint64, unsigned bool) bool {
	if !unsigned && int64(v) < 0 {
		v = -v
	}
	return v > maxWhole
}

// findPast returns the first of the values that is past maxWhole, nil = none.
func findPast[T int64 | uint64](values []T, unsigned bool) *pastWhole {
	for i, v := range values {
		if isPast(uint64(v), unsigned) {
			return newPastWhole(i, uint64(v), unsigned)
		}
	}
	return nil
}

// findPastRaw is findPast for n values as they lie in an NPY array.
func (h npyHeader) findPastRaw(raw []byte, n int) *pastWhole {
	if h.size != 8 || h.kind != 'i' && h.kind != 'u' {
		return nil
	}
	order, unsigned := h.order(), h.kind == 'u'
	for i := range n {
		if v := order.Uint64(raw[8*i:]); isPast(v, unsigned) {
			return newPastWhole(i, v, unsigned)
		}
	}
	return nil
}

func newPastWhole(at int, v uint64, unsigned bool) *pastWhole {
	if unsigned {
		return &pastWhole{at, strconv.FormatUint(v, 10)}
	}
	return &pastWhole{at, strconv.FormatInt(int64(v), 10)}
}
