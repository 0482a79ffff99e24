package siamese

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/device"
)

// Compiled calls embed a fixed number of rows, padded in the last call, because a graph is compiled for one shape and
// compiling takes longer than embedding thousands of items. There are two sizes: one for many items, and one for a few
// queries, which should not wait for 512 rows.
const (
	embedRows    = 512
	embedRowsFew = 8
)

// Embed returns the embeddings [N, E] of the items of frame, in its order, each of unit length or zero. Columns are
// matched by name; missing or extra ones are an error that lists them. Labels are not needed. Dropout is off.
//
// Errors are features that were made with other settings than those of training (a [*preprocess.SettingsError]), an
// invalid frame (see [data.Frame.Validate]; missing values are valid if the model imputes them), features
// so large that an embedding is not finite, and a cancelled ctx. Domains that were not in training are listed in
// Unseen. A frame without items gives no embeddings.
//
// The first call on a backend compiles the graph. Calls on one model wait for each other: they share its memory on the
// device.
func (m *Model) Embed(ctx context.Context, backend compute.Backend, frame *data.Frame) (*embedding.Embeddings, error) {
	return m.embed(ctx, backend, frame, false)
}

// embed is [Model.Embed]; part says that there are other items than those of frame, which has the bits of all of them.
func (m *Model) embed(ctx context.Context, backend compute.Backend, frame *data.Frame,
	part bool) (*embedding.Embeddings, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	// Rows checks the frame and matches its columns before anything is compiled.
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
	out := &embedding.Embeddings{Values: make([]float32, 0, n*e), N: n, E: e, Unseen: m.Transform.Unseen(frame),
		Unchecked: m.Transform.Unchecked(frame.Settings)}
	if out.Values, err = m.embedAll(ctx, out.Values, rows, n, part); err != nil {
		return nil, err
	}
	for i := range n {
		size := embedding.Magnitude(out.Row(i))
		if size != size { // NaN; unit vectors cannot be infinite
			return nil, fmt.Errorf("the embedding of item %q is not a finite number: look for huge features",
				frame.IDs[i])
		}
		if size == 0 {
			out.Zero = append(out.Zero, i)
		}
	}
	return out, nil
}

// embedAll appends the embeddings of all n rows to to. m.mu is held. Rows are transformed into the device's memory,
// double-buffered: while the device computes one batch the next is transformed.
func (m *Model) embedAll(ctx context.Context, to []float32, rows *preprocess.Rows, n int,
	part bool) (_ []float32, err error) {
	size, in := embedRows, m.Layers[0].In
	if n <= embedRowsFew && !part {
		size = embedRowsFew
	}
	if err := m.compileBatch(size); err != nil {
		return nil, err
	}
	var places [2]*tensors.Tensor // batch k is in places[k%2]
	defer func() { err = errors.Join(err, device.Finalize(places[:]...)) }()
	// ready transforms the batch of rows from start on into its place, and does nothing after the last.
	ready := func(start int) error {
		err := ctx.Err()
		if err != nil || start >= n {
			return err
		}
		place := &places[start/size%2]
		if *place == nil {
			if *place, err = tensors.FromShapeForBackend(m.backend, 0,
				shapes.Make(dtypes.Float32, size, in)); err != nil {
				return err
			}
		}
		count := min(size, n-start)
		var readErr error
		err = tensors.MutableFlatData(*place, func(flat []float32) {
			if err := rows.Read(flat[:count*in], start); err != nil {
				readErr = fmt.Errorf("the model's features: %w", err)
			}
			clear(flat[count*in:]) // padding must be finite, not what the memory held before
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
		// Wait for the goroutine even after a failure: it writes to a tensor that is freed on return.
		if err := errors.Join(<-next, err); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// embedBatch appends the embeddings of the first count rows of batch to to; the others are padding. m.mu is held.
func (m *Model) embedBatch(to []float32, batch *tensors.Tensor, count int) ([]float32, error) {
	args := make([]any, 0, len(m.weights)+1)
	for _, t := range m.weights { // resident: only the batch moves
		args = append(args, t)
	}
	z, err := m.exec.Call1(append(args, batch)...)
	if err != nil {
		return nil, err
	}
	err = tensors.ConstFlatData(z, func(flat []float32) { to = append(to, flat[:count*m.E()]...) })
	return to, errors.Join(err, device.Finalize(z))
}
