package table

import (
	"fmt"
	"math"
	"strconv"
	"sync"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/parallel"
)

// matrix is the [N, F] values being filled, row by row, and what was missing in them.
type matrix struct {
	file    string
	rows    int // N
	x       []float32
	width   int      // F
	names   []string // [F]
	missing bool     // NaN and infinities become NaN instead of errors
	row     int64    // items before the first row, for messages

	mu    sync.Mutex
	nan   int
	inf   int
	fault *Error // the first one in the file
}

func newMatrix(file string, rows int, names []string, missing bool) *matrix {
	m := &matrix{file: file, rows: rows, x: make([]float32, rows*len(names)), width: len(names), names: names,
		missing: missing}
	adviseHuge(m.x)
	return m
}

// tileColumns is how many columns are turned into rows together: with 32, a row's share is
// two lines of the processor's cache.
const tileColumns = 32

// blockRows is how many rows are filled before the next ones. They lie on as many pages of
// memory at most, which the processor remembers at a time.
const blockRows = 32

// transpose writes n values of each column to rows [row, row+n) and columns [at, at+len(cols)).
func (m *matrix) transpose(cols [][]float32, n, row, at int) {
	for from := 0; from < n; from += blockRows {
		m.transposeBlock(cols, from, min(n, from+blockRows), row, at)
	}
}

// transposeBlock is transpose for the values [from, to) of each column.
func (m *matrix) transposeBlock(cols [][]float32, from, to, row, at int) {
	for len(cols) >= 8 {
		if !m.transpose8(cols, from, to, row, at) {
			m.look(row+from, to-from, at, 8)
		}
		cols, at = cols[8:], at+8
	}
	for k, c := range cols {
		finite := float32(0)
		for i := from; i < to; i++ {
			finite += c[i] - c[i]
			m.x[(row+i)*m.width+at+k] = c[i]
		}
		if finite != 0 {
			m.look(row+from, to-from, at+k, 1)
		}
	}
}

// transpose8 is transposeBlock for 8 columns. It returns false where a value is not finite:
// only those differ from themselves by something other than 0.
func (m *matrix) transpose8(cols [][]float32, from, to, row, at int) bool {
	n := to - from
	c0, c1, c2, c3 := cols[0][from:to][:n], cols[1][from:to][:n], cols[2][from:to][:n], cols[3][from:to][:n]
	c4, c5, c6, c7 := cols[4][from:to][:n], cols[5][from:to][:n], cols[6][from:to][:n], cols[7][from:to][:n]
	var s0, s1, s2, s3 float32
	place := (row+from)*m.width + at
	for i := range n {
		d := m.x[place : place+8 : place+8]
		a, b, c, e := c0[i], c1[i], c2[i], c3[i]
		d[0], d[1], d[2], d[3] = a, b, c, e
		s0 += a - a
		s1 += b - b
		s2 += c - c
		s3 += e - e
		a, b, c, e = c4[i], c5[i], c6[i], c7[i]
		d[4], d[5], d[6], d[7] = a, b, c, e
		s0 += a - a
		s1 += b - b
		s2 += c - c
		s3 += e - e
		place += m.width
	}
	return s0+s1+s2+s3 == 0
}

// look goes through some columns of some rows that hold values which are not finite.
func (m *matrix) look(row, n, at, columns int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := row; i < row+n; i++ {
		values := m.x[i*m.width+at : i*m.width+at+columns]
		for k, v := range values {
			switch {
			case v-v == 0:
			case v != v:
				m.nan++
				m.refuse(i, at+k, "is missing (NaN or null)", "fill it")
			default:
				m.inf++
				m.refuse(i, at+k, "is "+strconv.FormatFloat(float64(v), 'g', -1,
					32)+": infinite, or beyond the range of float32 (3.4e38)", "scale or replace it")
				if m.missing {
					values[k] = float32(math.NaN())
				}
			}
		}
	}
}

func (m *matrix) refuse(row, column int, problem, fix string) {
	at := m.row + int64(row) + 1
	if m.missing || m.fault != nil && m.fault.Row <= at {
		return
	}
	m.fault = &Error{File: m.file, Row: at, Column: m.names[column], Problem: "the value " + problem,
		Fix: orMissing(option.Do(fix))}
}

// check looks at all values in parallel, for readers that fill x directly.
func (m *matrix) check() {
	const step = 64
	parallel.For((m.rows+step-1)/step, func(part int) {
		for i := part * step; i < min(m.rows, (part+1)*step); i++ {
			if !allFinite(m.x[i*m.width : (i+1)*m.width]) {
				m.look(i, 1, 0, m.width)
			}
		}
	})
}

func allFinite(x []float32) bool {
	var s0, s1, s2, s3 float32
	for ; len(x) >= 4; x = x[4:] {
		s0 += x[0] - x[0]
		s1 += x[1] - x[1]
		s2 += x[2] - x[2]
		s3 += x[3] - x[3]
	}
	for _, v := range x {
		s0 += v - v
	}
	return s0+s1+s2+s3 == 0
}

// err returns the first value that is not finite, where those are refused.
func (m *matrix) err() error {
	if m.fault == nil {
		return nil
	}
	return m.fault
}

// note tells what became NaN, "" = nothing.
func missingNote(nan, inf int) string {
	if nan+inf == 0 {
		return ""
	}
	return fmt.Sprintf("missing: %d values were missing and %d infinite ones became NaN", nan, inf)
}
