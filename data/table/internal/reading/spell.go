package reading

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/narrow"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// textFault is a value that cannot be an id, label or domain. Readers give it its place with
// [Matrix.TextAt].
type textFault struct {
	Problem string
	Fix     option.Fix
}

// Error returns what is wrong with the value.
func (t *textFault) Error() string { return t.Problem }

// TextAt returns err as an [*tableerr.Error] that names the row, counted in m from 0, and the
// column, where a [textFault] is in it.
func (m *Matrix) TextAt(err error, row int, column string) error {
	var fault *textFault
	if errors.As(err, &fault) {
		return &tableerr.Error{File: m.File, Row: m.Row + int64(row) + 1, Column: column, Problem: fault.Problem,
			Fix: fault.Fix}
	}
	return err
}

// NotUTF8 is the fault of text in another encoding.
func NotUTF8(text string) *textFault {
	return &textFault{fmt.Sprintf("the text %q is not UTF-8", tableerr.Shorten(text)),
		option.Do("write the text as UTF-8")}
}

// notWhole is the fault of a number that is no whole one.
func notWhole(value string) *textFault {
	return &textFault{"the value is " + value + ", which is not a whole number",
		option.Do("round the values, or write them as text").Or("choose another column with %s, %s or %s", "ID",
			"Label", "Domain")}
}

// AppendWhole appends a floating-point number that serves as id, label or domain: the digits
// of the whole number that it is, as in a table of text; nothing for NaN, which is missing.
// Other numbers, and those past [MaxWhole], which stand for several, are a [*textFault].
func AppendWhole(to []byte, v float64) ([]byte, error) {
	switch {
	case v != v:
		return to, nil
	case v != math.Trunc(v) || math.IsInf(v, 0):
		return to, notWhole(strconv.FormatFloat(v, 'g', -1, 64))
	case math.Abs(v) > MaxWhole:
		return to, &textFault{"the value is " + strconv.FormatFloat(v, 'g', -1, 64) + ": floating point cannot tell " +
			"whole numbers past 2^53 apart", option.Do("write the column as whole numbers or text")}
	}
	return strconv.AppendInt(to, int64(v), 10), nil
}

// AppendDecimal is [AppendWhole] for a decimal number in digits, such as "12.00".
func AppendDecimal(to []byte, digits string) ([]byte, error) {
	whole, fraction, _ := strings.Cut(digits, ".")
	if strings.Trim(fraction, "0") != "" || strings.ContainsAny(digits, "eE") {
		return to, notWhole(digits)
	}
	if whole == "-0" {
		whole = "0"
	}
	return append(to, whole...), nil
}

// DecimalValue returns the float32 nearest to a decimal number in digits. A whole number past
// [MaxWhole] of a type without a fraction is a [*PastWhole], as it is for other whole numbers. at is its place, by
// which lost counts what float32 cannot hold.
func DecimalValue(digits string, at int, lost *narrow.Run) (float32, error) {
	v, err := strconv.ParseFloat(digits, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, err
	}
	if !strings.ContainsAny(digits, ".eE") && math.Abs(v) >= MaxWhole {
		if whole := strings.TrimPrefix(digits, "-"); len(whole) > 16 || whole > strconv.Itoa(MaxWhole) {
			return 0, &PastWhole{at, digits}
		}
	}
	lost.Text(at, digits, float32(v))
	return float32(v), nil
}

// AppendDate appends a day, counted from 1970-01-01, as "2006-01-02".
func AppendDate(to []byte, day int64) []byte {
	return time.Unix(0, 0).UTC().AddDate(0, 0, int(day)).AppendFormat(to, time.DateOnly)
}

// AppendTime appends an instant, counted in units since 1970-01-01 00:00, as Python and pandas
// print it: "2006-01-02 15:04:05", with 6 or 9 digits of a second where it has a fraction, and
// "+00:00" where it is one in universal time.
func AppendTime(to []byte, count int64, unit time.Duration, universal bool) []byte {
	perSecond := int64(time.Second / unit)
	seconds, rest := count/perSecond, count%perSecond
	if rest < 0 {
		seconds, rest = seconds-1, rest+perSecond
	}
	t := time.Unix(seconds, rest*int64(unit)).UTC()
	layout := time.DateTime
	switch {
	case t.Nanosecond()%1000 != 0:
		layout += ".000000000"
	case t.Nanosecond() != 0:
		layout += ".000000"
	}
	if universal {
		layout += "+00:00"
	}
	return t.AppendFormat(to, layout)
}

// AppendUUID appends 16 bytes as "01234567-89ab-cdef-0123-456789abcdef" (RFC 9562).
func AppendUUID(to, b []byte) []byte {
	for k, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:16]} {
		if k > 0 {
			to = append(to, '-')
		}
		to = hex.AppendEncode(to, part)
	}
	return to
}
