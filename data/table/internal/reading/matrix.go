package reading

import (
	"math"
	"strconv"
	"sync"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/table/internal/narrow"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Matrix holds the [N, F] values while they are read, row by row, and counts what is
// missing in them. Several goroutines may fill different values at a time, and call Look
// and Transpose; NaN and Inf are for reading afterwards.
type Matrix struct {
	File    string
	rows    int // N
	X       []float32
	Width   int      // F
	Names   []string // [F]
	missing bool     // NaN and infinities become NaN instead of errors
	Row     int64    // items before the first row, for messages

	mu    sync.Mutex
	NaN   int
	Inf   int
	Lost  narrow.Losses   // what float32 cannot hold
	fault *tableerr.Error // the first one in the file
}

// NewMatrix returns a matrix of that many rows and of the named features, all 0. With
// missing, values that are not finite become NaN instead of an error. Call [Admit] first:
// it makes room for whatever is asked.
func NewMatrix(file string, rows int, names []string, missing bool) *Matrix {
	m := &Matrix{File: file, rows: rows, X: make([]float32, rows*len(names)), Width: len(names), Names: names,
		missing: missing}
	raw.AdviseHuge(m.X)
	return m
}

// Look counts the values that are not finite in rows [row, row+n) and columns [at,
// at+columns), and refuses them or sets them to NaN. Look at a value once only, or it
// counts twice. Readers call it where a quick test says that some value is not finite,
// which is rare; so one lock does no harm.
func (m *Matrix) Look(row, n, at, columns int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := row; i < row+n; i++ {
		values := m.X[i*m.Width+at : i*m.Width+at+columns]
		for k, v := range values {
			switch {
			case v-v == 0:
			case v != v:
				m.NaN++
				m.refuse(i, at+k, "is missing (NaN or null)", "fill it")
			default:
				m.Inf++
				m.refuse(i, at+k, "is "+strconv.FormatFloat(float64(v), 'g', -1,
					32)+": infinite, or beyond the range of float32 (3.4e38)", "scale or replace it")
				if m.missing {
					values[k] = float32(math.NaN())
				}
			}
		}
	}
}

// Lose adds what was lost in values that lie in rows of width w, the first of them at that row and column of m.
func (m *Matrix) Lose(r *narrow.Run, row, at, w int) {
	if !r.Any() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Lost.Add(r.Losses(m.Row+int64(row)+1, at, w, m.Names))
}

// refuse records the first value of the file, by row, that is not allowed, whatever the
// order in which parts are read. m.mu is held.
func (m *Matrix) refuse(row, column int, problem, fix string) {
	at := m.Row + int64(row) + 1
	if m.missing || m.fault != nil && m.fault.Row <= at {
		return
	}
	m.fault = &tableerr.Error{File: m.File, Row: at, Column: m.Names[column], Problem: "the value " + problem,
		Fix: OrMissing(option.Do(fix))}
}

// Check does what [Matrix.Look] does for all values, in parallel, for readers that fill X
// directly. Call it once.
func (m *Matrix) Check() {
	const step = 64
	parallel.For((m.rows+step-1)/step, func(part int) {
		for i := part * step; i < min(m.rows, (part+1)*step); i++ {
			if !AllFinite(m.X[i*m.Width : (i+1)*m.Width]) {
				m.Look(i, 1, 0, m.Width)
			}
		}
	})
}

// AllFinite reports whether no value is NaN or infinite: only those differ from themselves by something other
// than 0.
func AllFinite(x []float32) bool {
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

// err returns the error for the first value that is not finite, where those are refused. It
// returns an untyped nil, unlike m.fault would.
func (m *Matrix) err() error {
	if m.fault == nil {
		return nil
	}
	return m.fault
}
