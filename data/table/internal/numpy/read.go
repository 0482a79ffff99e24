package numpy

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/table/internal/narrow"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// readChunk is how many bytes of an array are converted at a time: they stay in a core's
// cache between reading and converting, and a cancelled context is noticed soon.
const readChunk = 1 << 18

// readMatrix reads an array of shape [rows, w], or [rows], from r, which stands at the
// first value, into columns [at, at+w) of m. tell is called with the rows done and may stop
// the reading by an error. Values that are not finite are copied: [reading.Matrix.Check]
// finds them. A whole number past 2^53 is an error at its place.
func (h header) readMatrix(ctx context.Context, r io.Reader, m *reading.Matrix, at int,
	account *reading.Account, tell func(rows int) error) error {
	// Arrays of one dimension are one column.
	rows, w := h.shape[0], 1
	if len(h.shape) == 2 {
		w = h.shape[1]
	}
	// With one column, or one dimension, both orders are the same.
	if h.fortran && w > 1 {
		return h.readColumns(ctx, r, m, rows, w, at, account, tell)
	}
	// float32 in the machine's byte order that fills whole rows of m needs no conversion:
	// it is read straight to its place, without a copy.
	direct := h.typ() == "f4" && h.big != raw.LittleEndian && w == m.Width
	// Whole rows, one at least, however wide.
	step := max(1, readChunk/max(1, w*h.size))
	var buffer []byte
	if !direct {
		buffer = make([]byte, min(step, rows)*w*h.size)
	}
	for row := 0; row < rows; row += step {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(step, rows-row)
		if direct {
			if _, err := io.ReadFull(r, raw.BytesOf(m.X[row*w:(row+n)*w])); err != nil {
				return tableerr.Unexpected(err)
			}
		} else {
			// Whole numbers are examined in the buffer, while they are exact.
			raw := buffer[:n*w*h.size]
			if _, err := io.ReadFull(r, raw); err != nil {
				return tableerr.Unexpected(err)
			}
			// p.At counts values, of which a row has w.
			if p := h.findPastRaw(raw, n*w); p != nil {
				return p.Fault(m.File, m.Row+int64(row+p.At/w)+1, m.Names[at+p.At%w])
			}
			var lost narrow.Run
			for i := range n {
				to := (row + i) * m.Width
				h.decode(m.X[to+at:to+at+w], raw[i*w*h.size:], i*w, &lost)
			}
			m.Lose(&lost, row, at, w)
		}
		if err := tell(row + n); err != nil {
			return err
		}
	}
	return nil
}

// readColumns is readMatrix for an array that lies column by column. Writing one column of
// m at a time would touch every line of its memory w times; so a tile of up to 32 columns
// is read and then written row by row. The tile takes 128 bytes for every row.
func (h header) readColumns(ctx context.Context, r io.Reader, m *reading.Matrix, rows, w, at int,
	account *reading.Account, tell func(rows int) error) error {
	// One column is read in parts of the buffer, from top to bottom.
	raw := make([]byte, min(rows, readChunk/h.size)*h.size)
	cols := make([][]float32, min(reading.TileColumns, w))
	tileBytes := 4 * int64(len(cols)) * int64(rows)
	if err := account.Take(tileBytes); err != nil {
		return err
	}
	defer account.Give(tileBytes)
	for k := range cols {
		cols[k] = make([]float32, rows)
	}
	for from := 0; from < w; from += len(cols) {
		tile := cols[:min(len(cols), w-from)]
		for k, c := range tile {
			if err := ctx.Err(); err != nil {
				return err
			}
			for row := 0; row < rows; {
				n := min(len(raw)/h.size, rows-row)
				if _, err := io.ReadFull(r, raw[:n*h.size]); err != nil {
					return tableerr.Unexpected(err)
				}
				if p := h.findPastRaw(raw, n); p != nil {
					return p.Fault(m.File, m.Row+int64(row+p.At)+1, m.Names[at+from+k])
				}
				var lost narrow.Run
				h.decode(c[row:row+n], raw, 0, &lost)
				m.Lose(&lost, row, at+from+k, 1)
				row += n
			}
		}
		// From columns to rows. Not by Matrix.Transpose: it counts values that are not
		// finite, and Check would count them again.
		for k := range tile {
			for i, v := range tile[k] {
				m.X[i*m.Width+at+from+k] = v
			}
		}
		// Progress is in rows, so a part of the columns counts as that part of the rows.
		if err := tell(int(int64(rows) * int64(from+len(tile)) / int64(w))); err != nil {
			return err
		}
	}
	return nil
}

// readTexts reads an array of shape [N] as text: text unchanged, whole numbers in digits,
// truth values as true and false; item is the place of an error. Equal texts share their memory, up to the limit of
// [reading.Interner].
func (h header) readTexts(ctx context.Context, r io.Reader, account *reading.Account) (all []string, item int,
	err error) {
	// The header may claim any number of texts: more room is made only as they are read.
	all = make([]string, 0, min(h.shape[0], 1<<16))
	seen := make(reading.Interner)
	raw := make([]byte, h.size)
	var scratch []byte
	for i := range h.shape[0] {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, i, ctx.Err()
		}
		if _, err := io.ReadFull(r, raw); err != nil {
			return nil, i, tableerr.Unexpected(err)
		}
		if scratch, err = h.appendText(scratch[:0], raw); err != nil {
			return nil, i, fmt.Errorf("item %d: %w", i+1, err)
		}
		text, err := account.Text(seen, scratch)
		if err != nil {
			return nil, i, err
		}
		all = append(all, text)
	}
	return all, h.shape[0], nil
}

// readOneHot reads a matrix of truth values for the items of h and so many classes, as the number
// of the class whose value is 1; single is false where some row is anything but one 1 among zeros.
func (h header) readOneHot(ctx context.Context, r io.Reader, classes int, account *reading.Account) (all []string,
	single bool, err error) {
	n := h.shape[0]
	if err := account.Take(4 * int64(n)); err != nil {
		return nil, false, err
	}
	defer account.Give(4 * int64(n))
	class := make([]int32, n)
	for i := range class {
		class[i] = -1
	}
	raw := make([]byte, h.size)
	var value [1]float32
	for k := range n * classes {
		if k%4096 == 0 && ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		if _, err := io.ReadFull(r, raw); err != nil {
			return nil, false, tableerr.Unexpected(err)
		}
		i, j := k/classes, k%classes
		if h.fortran {
			i, j = k%n, k/n
		}
		h.decode(value[:], raw, 0, new(narrow.Run))
		switch {
		case value[0] == 0:
		case value[0] == 1 && class[i] < 0:
			class[i] = int32(j)
		default:
			return nil, false, nil
		}
	}
	all = make([]string, n)
	for i, c := range class {
		if c < 0 {
			return nil, false, nil
		}
		all[i] = strconv.Itoa(int(c))
	}
	return all, true, nil
}

// order returns the byte order of the values, which the header names; it does not matter where they have one byte.
func (h header) order() binary.ByteOrder {
	if h.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// appendText appends one value as text. Zeros at its end are padding in NumPy, which cannot
// tell them from zero characters. Text that is no Unicode is an error.
func (h header) appendText(to, raw []byte) ([]byte, error) {
	switch h.kind {
	// UTF-32, padded with zeros to the width of the array.
	case 'U':
		end := len(raw)
		for end > 0 && h.order().Uint32(raw[end-4:]) == 0 {
			end -= 4
		}
		for at := 0; at < end; at += 4 {
			c := h.order().Uint32(raw[at:])
			if c > math.MaxInt32 || !utf8.ValidRune(rune(c)) {
				return nil, fmt.Errorf("the text holds %#x, which is not a character", c)
			}
			to = utf8.AppendRune(to, rune(c))
		}
		return to, nil
	// Bytes of no known encoding. UTF-8, and so ASCII, is accepted; Latin-1 would be read
	// as other letters.
	case 'S':
		raw = bytes.TrimRight(raw, "\x00")
		if !utf8.Valid(raw) {
			return nil, reading.NotUTF8(string(raw))
		}
		return append(to, raw...), nil
	case 'f':
		var value [1]float64
		h.decodeFloats(value[:], raw)
		return reading.AppendWhole(to, value[0])
	case 'M':
		return h.appendTime(to, int64(h.order().Uint64(raw))), nil
	case 'i':
		return strconv.AppendInt(to, h.signed(h.order(), raw), 10), nil
	// As "true" and "false", the same as in Parquet and Arrow.
	case 'b':
		return strconv.AppendBool(to, raw[0] != 0), nil
	}
	return strconv.AppendUint(to, h.unsigned(h.order(), raw), 10), nil
}

// column describes the array as a column of a table: of one feature, id, label or domain
// for the shape [N], a list of W features for [N, W]. problem says why it cannot be one, ""
// = nothing.
func (h header) column(name string) (c reading.Column, problem string) {
	c = reading.Column{Name: name, Type: "values of the NumPy type " + h.typ(), Kind: reading.Numbers, Width: 1}
	switch h.kind {
	case 'U', 'S':
		c.Kind, c.Text = reading.Text, true
	case 'i', 'u', 'b', 'f':
		c.Text = true
	// Instants may name items, durations are nothing that is known here.
	case 'M':
		c.Kind, c.Text = reading.Other, true
	case 'm':
		c.Kind = reading.Other
	}
	switch len(h.shape) {
	case 1:
		return c, ""
	case 2:
		c.Width, c.List, c.Text = h.shape[1], true, false
		// No role of a column takes two-dimensional text.
		if c.Kind != reading.Numbers {
			c.Kind = reading.Other
		}
		return c, ""
	}
	return c, fmt.Sprintf("the array has the shape %v; save it with one row for every item, for instance with "+
		"reshape(len(x), -1)", h.shape)
}
