package parquet

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// maxDecimal is the most bytes of a decimal number, those of 76 digits.
const maxDecimal = 32

// digits reads the next values, which are decimal numbers: whole ones, of a type that says
// where the point is. It returns the function that writes out value i among those that are
// present, such as "12.50".
func (l *leaf) digits(want int64, def, rep []int16) (spell func(i int) (string, error), total int64, present int,
	err error) {
	n, scale := int(want), int(l.decimal.Scale())
	whole := func(at func(i int) int64) func(i int) (string, error) {
		return func(i int) (string, error) { return spellDecimal(big.NewInt(at(i)), scale), nil }
	}
	bytes := func(at func(i int) []byte) func(i int) (string, error) {
		return func(i int) (string, error) {
			b := at(i)
			if len(b) > maxDecimal {
				return "", fmt.Errorf("a decimal number of %d bytes", len(b))
			}
			v := new(big.Int).SetBytes(b)
			if len(b) > 0 && b[0]&0x80 != 0 { // two's complement
				v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
			}
			return spellDecimal(v, scale), nil
		}
	}
	switch r := l.reader.(type) {
	case *file.Int32ColumnChunkReader:
		values := columnar.Room(&l.scratch.i32, n)
		total, present, err = r.ReadBatch(want, values, def, rep)
		spell = whole(func(i int) int64 { return int64(values[i]) })
	case *file.Int64ColumnChunkReader:
		values := columnar.Room(&l.scratch.i64, n)
		total, present, err = r.ReadBatch(want, values, def, rep)
		spell = whole(func(i int) int64 { return values[i] })
	case *file.FixedLenByteArrayColumnChunkReader:
		values := columnar.Room(&l.scratch.fixed, n)
		total, present, err = r.ReadBatch(want, values, def, rep)
		spell = bytes(func(i int) []byte { return values[i] })
	case *file.ByteArrayColumnChunkReader:
		values := columnar.Room(&l.scratch.bytes, n)
		total, present, err = r.ReadBatch(want, values, def, rep)
		spell = bytes(func(i int) []byte { return values[i] })
	default:
		err = fmt.Errorf("it has the type %s where decimal numbers were expected", l.reader.Type())
	}
	return spell, total, present, err
}

// decimals reads the next values into dst, side by side, each rounded to the nearest float32.
func (l *leaf) decimals(dst []float32, def, rep []int16) (total int64, present int, err error) {
	spell, total, present, err := l.digits(int64(len(dst)), def, rep)
	for i := 0; i < present && err == nil; i++ {
		var text string
		if text, err = spell(i); err == nil {
			dst[i], err = reading.DecimalValue(text, i, &l.lost)
		}
		var past *reading.PastWhole
		if errors.As(err, &past) {
			if l.anyWhole {
				err = nil
				continue
			}
			past.At = l.placeOf(i, def[:total])
		}
	}
	return total, present, err
}

// spellDecimal writes out v / 10^scale.
func spellDecimal(v *big.Int, scale int) string {
	text := v.String()
	sign := ""
	if v.Sign() < 0 {
		sign, text = "-", text[1:]
	}
	switch {
	case scale <= 0:
		return sign + text + strings.Repeat("0", -scale)
	case len(text) <= scale:
		text = strings.Repeat("0", scale+1-len(text)) + text
	}
	return sign + text[:len(text)-scale] + "." + text[len(text)-scale:]
}
