package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"sync"
)

// originals are the float32 numbers of all rows: some at the start of a file, the others in memory or in a scratch file.
type originals struct {
	width   int
	sums    []uint32 // checksum of every row, see rowSum
	file    *os.File // that the index was loaded from; nil = none
	start   int64    // of the rows in it
	inFile  int      // rows in it
	values  []float32
	scratch *os.File // nil = values

	mu    sync.Mutex
	fault error // the first of reading, for callers that cannot return one
	bytes sync.Pool
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// rowSum returns the checksum of the bytes of a row.
func rowSum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// encode writes the bytes of numbers, little-endian.
func encode(b []byte, row []float32) {
	for k, v := range row {
		binary.LittleEndian.PutUint32(b[4*k:], math.Float32bits(v))
	}
}

func decode(row []float32, b []byte) {
	for k := range row {
		row[k] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:]))
	}
}

// add appends rows. What it has written to a scratch file before an error is overwritten by the next call.
func (o *originals) add(rows []float32) error {
	b, sums := make([]byte, 4*o.width), make([]uint32, 0, len(rows)/o.width)
	w := io.Discard
	var buffered *offsetWriter
	if o.scratch != nil {
		buffered = &offsetWriter{file: o.scratch, at: int64(len(o.sums)-o.inFile) * int64(4*o.width)}
		w = buffered
	}
	for i := 0; i < len(rows); i += o.width {
		encode(b, rows[i:i+o.width])
		sums = append(sums, rowSum(b))
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	if buffered != nil {
		if err := buffered.flush(); err != nil {
			return err
		}
	} else {
		o.values = append(o.values, rows...)
	}
	o.sums = append(o.sums, sums...)
	return nil
}

// offsetWriter writes blocks to a file from an offset on.
type offsetWriter struct {
	file *os.File
	at   int64
	b    []byte
}

func (w *offsetWriter) Write(b []byte) (int, error) {
	w.b = append(w.b, b...)
	if len(w.b) < 1<<20 {
		return len(b), nil
	}
	return len(b), w.flush()
}

func (w *offsetWriter) flush() error {
	n, err := w.file.WriteAt(w.b, w.at)
	w.at, w.b = w.at+int64(n), w.b[:0]
	return err
}

// read reads row i to buf or returns memory of its own. A damaged file is an error.
func (o *originals) read(i int, buf []float32) ([]float32, error) {
	size := 4 * o.width
	file, at := o.file, o.start+int64(i)*int64(size)
	if i >= o.inFile {
		if file, at = o.scratch, int64(i-o.inFile)*int64(size); file == nil {
			i -= o.inFile
			return o.values[i*o.width:][:o.width], nil
		}
	}
	b, _ := o.bytes.Get().(*[]byte)
	if b == nil {
		b = new(make([]byte, size))
	}
	defer o.bytes.Put(b)
	if _, err := file.ReadAt(*b, at); err != nil {
		return nil, fmt.Errorf("index: row %d: %w", i, err)
	}
	if rowSum(*b) != o.sums[i] {
		return nil, fmt.Errorf("index: %s: row %d: the checksum does not match: the file was changed after it was "+
			"opened", file.Name(), i)
	}
	decode(buf, *b)
	return buf, nil
}

// row is read for callers that look at failed afterwards: it returns zeros after an error.
func (o *originals) row(i int, buf []float32) []float32 {
	row, err := o.read(i, buf)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.fault == nil {
			o.fault = err
		}
		clear(buf)
		return buf
	}
	return row
}

// failed returns the first error of row. It stays: which of the searches at the same time it was of is not known, and a
// file that could not be read once is not to be trusted.
func (o *originals) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.fault
}

// close closes the files and removes the scratch file.
func (o *originals) close() error {
	var all []error
	if o.file != nil {
		all = append(all, o.file.Close())
	}
	if o.scratch != nil {
		all = append(all, o.scratch.Close(), os.Remove(o.scratch.Name()))
	}
	o.file, o.scratch = nil, nil
	return errors.Join(all...)
}
