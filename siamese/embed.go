package siamese

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
)

// Embeddings are the embeddings of N items, each of unit length so that a dot product is a cosine.
type Embeddings struct {
	Values []float32 // [N, E], row by row
	N, E   int
	// Zero lists the items whose embedding is the zero vector: their cosine with anything is 0, which means
	// "unknown" rather than "different". More than a few are a sign of a collapsed encoder.
	Zero []int
	// Unseen lists the domains of items, by name, that no training item had.
	Unseen []string
}

// Row returns the embedding of item i, shape [E]. It shares memory.
func (e *Embeddings) Row(i int) []float32 { return e.Values[i*e.E : (i+1)*e.E : (i+1)*e.E] }

// Cosine returns the similarity of items i and j, in [-1, 1]; 0 when either embedding is zero.
func (e *Embeddings) Cosine(i, j int) float64 {
	return max(-1, min(1, dot(e.Row(i), e.Row(j)))) // rounding can go a little beyond
}

// toUnit brings every row to unit length and lists those that are zero.
func (e *Embeddings) toUnit() {
	for i := range e.N {
		row := e.Row(i)
		norm := math.Sqrt(dot(row, row))
		if norm == 0 {
			e.Zero = append(e.Zero, i)
			continue
		}
		for k := range row {
			row[k] = float32(float64(row[k]) / norm)
		}
	}
}

// Warnings returns what is degenerate about the embeddings, in words; nil when nothing is.
func (e *Embeddings) Warnings() []string {
	var warnings []string
	if len(e.Zero) > 0 {
		warnings = append(warnings, fmt.Sprintf("%d of %d items have a zero embedding (first: item %d): their similarity with anything is 0", len(e.Zero), e.N, e.Zero[0]))
	}
	if len(e.Unseen) > 0 {
		warnings = append(warnings, fmt.Sprintf("no training item was of domain %q: how well similarities hold there was not measured", e.Unseen))
	}
	return warnings
}

// Compiled calls embed a fixed number of rows and the last one is padded, so that nothing recompiles:
// one size for many items, one for a query or two.
const (
	embedRows    = 512
	embedRowsFew = 8
)

// Embed returns the embeddings of all items of frame, in its order. Columns are matched by name: their order
// does not matter, missing or extra ones are an error that lists them. Labels are not needed. Dropout is off.
//
// An unsound frame (see [data.Frame.Validate]; missing values are sound where the model imputes them), features
// so large that an embedding is not finite, and a cancelled ctx are errors. Items of a domain that training never
// saw are embedded and named in Unseen. A frame without items gives no embeddings.
func (m *Model) Embed(ctx context.Context, backend compute.Backend, frame *data.Frame) (*Embeddings, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	rows, err := m.Transform.Rows(frame)
	if err != nil {
		return nil, fmt.Errorf("the model's features: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.compile(backend); err != nil {
		return nil, err
	}
	n, e := frame.N(), m.E()
	out := &Embeddings{Values: make([]float32, 0, n*e), N: n, E: e, Unseen: m.Transform.Unseen(frame)}
	if out.Values, err = m.embedAll(ctx, out.Values, rows, n); err != nil {
		return nil, err
	}
	for i := range n {
		size := magnitude(out.Row(i))
		if size != size {
			return nil, fmt.Errorf("the embedding of item %q is not a finite number: look for huge features", frame.IDs[i])
		}
		if size == 0 {
			out.Zero = append(out.Zero, i)
		}
	}
	return out, nil
}

// embedAll appends the embeddings of all n rows to to. m.mu is held. Rows are transformed where the device reads them,
// in two places by turns: while the device is at one batch the next is made ready.
func (m *Model) embedAll(ctx context.Context, to []float32, rows *preprocess.Rows, n int) (_ []float32, err error) {
	size, in := embedRows, m.Layers[0].In
	if n <= embedRowsFew {
		size = embedRowsFew
	}
	if err := m.compileBatch(size); err != nil {
		return nil, err
	}
	var places [2]*tensors.Tensor
	defer func() { err = errors.Join(err, finalize(places[:]...)) }()
	ready := func(start int) error {
		err := ctx.Err()
		if err != nil || start >= n {
			return err
		}
		place := &places[start/size%2]
		if *place == nil {
			if *place, err = tensors.FromShapeForBackend(m.backend, 0, shapes.Make(dtypes.Float32, size, in)); err != nil {
				return err
			}
		}
		count := min(size, n-start)
		var readErr error
		err = tensors.MutableFlatData(*place, func(flat []float32) {
			if err := rows.Read(flat[:count*in], start); err != nil {
				readErr = fmt.Errorf("the model's features: %w", err)
			}
			clear(flat[count*in:])
		})
		return errors.Join(err, readErr)
	}
	if err := ready(0); err != nil {
		return nil, err
	}
	for start := 0; start < n; start += size {
		next := make(chan error, 1)
		go func() { next <- ready(start + size) }()
		count := min(size, n-start)
		to, err = m.embedBatch(to, places[start/size%2], count)
		if err != nil {
			err = fmt.Errorf("embedding items %d to %d: %w", start, start+count-1, err)
		}
		if err := errors.Join(<-next, err); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// embedBatch appends the embeddings of the first count rows of batch to to. m.mu is held.
func (m *Model) embedBatch(to []float32, batch *tensors.Tensor, count int) ([]float32, error) {
	args := make([]any, 0, len(m.weights)+1)
	for _, t := range m.weights {
		args = append(args, t)
	}
	z, err := m.exec.Call1(append(args, batch)...)
	if err != nil {
		return nil, err
	}
	err = tensors.ConstFlatData(z, func(flat []float32) { to = append(to, flat[:count*m.E()]...) })
	return to, errors.Join(err, finalize(z))
}

// magnitude returns the sum of the absolute values of row: 0 where all are, NaN where one is NaN.
func magnitude(row []float32) float32 {
	const sign = 1 << 31
	var even, odd float32 // two sums do not wait for each other
	for ; len(row) >= 2; row = row[2:] {
		even += math.Float32frombits(math.Float32bits(row[0]) &^ sign)
		odd += math.Float32frombits(math.Float32bits(row[1]) &^ sign)
	}
	for _, v := range row {
		even += math.Float32frombits(math.Float32bits(v) &^ sign)
	}
	return even + odd
}

func dot(a, b []float32) float64 {
	var sum float64
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
