package siamese

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
)

// Layer is one dense layer: y = ReLU(x W + b).
type Layer struct {
	In, Out int
	Weights []float32 // [In, Out], row by row
	Biases  []float32 // [Out]
}

// Model is a trained encoder with all that prediction needs: the scaler with its columns, and the threshold chosen on validation pairs. It is safe for use by several goroutines, but not to be copied.
type Model struct {
	Config Config
	Scaler *data.Scaler // fitted on training items; its columns are the F features in the encoder's order
	Layers []Layer
	// Threshold is the cosine from which on two items are called the same, chosen on validation pairs.
	Threshold float64

	mu      sync.Mutex
	backend compute.Backend // of exec
	exec    *Exec
	weights []*tensors.Tensor
}

// F is the number of features the model wants.
func (m *Model) F() int { return m.Layers[0].In }

// E is the width of an embedding.
func (m *Model) E() int { return m.Layers[len(m.Layers)-1].Out }

// initLayers returns layers with weights drawn evenly from ±sqrt(6/(in+out)) (Glorot and Bengio 2010) and
// zero biases. The numbers come from the seed alone, so every backend starts from the same ones.
func initLayers(f int, widths []int, rng *rand.Rand) []Layer {
	layers := make([]Layer, len(widths))
	for i, width := range widths {
		layer := Layer{In: f, Out: width, Weights: make([]float32, f*width), Biases: make([]float32, width)}
		limit := math.Sqrt(6 / float64(f+width))
		for k := range layer.Weights {
			layer.Weights[k] = float32((2*rng.Float64() - 1) * limit)
		}
		layers[i], f = layer, width
	}
	return layers
}

// Embeddings are the embeddings of N items, each of unit length so that a dot product is a cosine.
type Embeddings struct {
	Values []float32 // [N, E], row by row
	N, E   int
	// Zero lists the items whose embedding is the zero vector: their cosine with anything is 0, which means
	// "unknown" rather than "different". More than a few are a sign of a collapsed encoder.
	Zero []int
}

// Row returns the embedding of item i, shape [E]. It shares memory.
func (e *Embeddings) Row(i int) []float32 { return e.Values[i*e.E : (i+1)*e.E : (i+1)*e.E] }

// Cosine returns the similarity of items i and j, in [-1, 1]; 0 when either embedding is zero.
func (e *Embeddings) Cosine(i, j int) float64 { return dot(e.Row(i), e.Row(j)) }

// Warnings returns what is degenerate about the embeddings, in words; nil when nothing is.
func (e *Embeddings) Warnings() []string {
	if len(e.Zero) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %d items have a zero embedding (first: item %d): their similarity with anything is 0", len(e.Zero), e.N, e.Zero[0])}
}

// embedRows is the number of rows a compiled call embeds: the last call is padded, so nothing recompiles.
const embedRows = 512

// Embed returns the embeddings of all items of frame. Columns are matched by name: their order does not
// matter, missing or extra ones are an error that lists them. Dropout is off.
func (m *Model) Embed(ctx context.Context, backend compute.Backend, frame *data.Frame) (*Embeddings, error) {
	columns, err := m.match(frame)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.compile(backend); err != nil {
		return nil, err
	}
	n, f, e := frame.N(), m.F(), m.E()
	out := &Embeddings{Values: make([]float32, 0, n*e), N: n, E: e}
	rows := make([]float32, embedRows*f)
	for start := 0; start < n; start += embedRows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		count := min(embedRows, n-start)
		fillRows(rows, frame, start, count, columns)
		batch := tensors.FromFlatDataAndDimensions(rows, embedRows, f)
		z, err := m.exec.Exec1(append(anys(m.weights), batch)...)
		if err != nil {
			return nil, fmt.Errorf("embedding items %d…%d: %w", start, start+count-1, err)
		}
		err = tensors.ConstFlatData(z, func(flat []float32) { out.Values = append(out.Values, flat[:count*e]...) })
		if err != nil {
			return nil, fmt.Errorf("reading embeddings: %w", err)
		}
		if err := finalize(batch, z); err != nil {
			return nil, err
		}
	}
	for i := range n {
		if isZero(out.Row(i)) {
			out.Zero = append(out.Zero, i)
		}
	}
	return out, nil
}

// compile makes the embedding graph ready on backend. m.mu is held.
func (m *Model) compile(backend compute.Backend) error {
	if b, ok := backend.(*Backend); ok {
		backend = b.Backend
	}
	if m.exec != nil && m.backend == backend {
		return m.upload()
	}
	if err := m.release(); err != nil {
		return err
	}
	exec, err := NewExec(backend, func(in []*Node) *Node {
		last := len(in) - 1
		x := scaleGraph(in[last], in[last-2], in[last-1])
		return normalizeGraph(encodeGraph(x, in[:last-2], 0, nil, 0))
	})
	if err != nil {
		return fmt.Errorf("embedding: %w", err)
	}
	m.backend, m.exec = backend, exec.WithName("embed")
	return m.upload()
}

// upload makes the tensors of the weights, where there are none yet. m.mu is held.
func (m *Model) upload() error {
	if m.weights != nil {
		return nil
	}
	for _, layer := range m.Layers {
		m.weights = append(m.weights,
			tensors.FromFlatDataAndDimensions(layer.Weights, layer.In, layer.Out),
			tensors.FromFlatDataAndDimensions(layer.Biases, layer.Out))
	}
	mean, inverse := affine(m.Scaler)
	m.weights = append(m.weights, tensors.FromFlatDataAndDimensions(mean, m.F()), tensors.FromFlatDataAndDimensions(inverse, m.F()))
	return nil
}

// setLayers exchanges the weights; the compiled graph stays.
func (m *Model) setLayers(layers []Layer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := finalize(m.weights...)
	m.Layers, m.weights = layers, nil
	return err
}

// Close frees what the model holds on a backend's device. The model can be used again afterwards.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.release()
}

func (m *Model) release() error {
	if m.exec == nil {
		return nil
	}
	m.exec.Finalize()
	err := finalize(m.weights...)
	m.backend, m.exec, m.weights = nil, nil, nil
	return err
}

// fillRows copies count rows of frame from start on into rows, in the model's column order (nil = as they
// stand), and zeroes what is left of rows.
func fillRows(rows []float32, frame *data.Frame, start, count int, columns []int) {
	f := frame.F()
	if columns == nil {
		copy(rows, frame.X[start*f:(start+count)*f])
	} else {
		f = len(columns)
		for i := range count {
			row := frame.Row(start + i)
			for k, c := range columns {
				rows[i*f+k] = row[c]
			}
		}
	}
	clear(rows[count*f:])
}

func anys(ts []*tensors.Tensor) []any {
	out := make([]any, len(ts), len(ts)+1)
	for i, t := range ts {
		out[i] = t
	}
	return out
}

func isZero(row []float32) bool {
	for _, v := range row {
		if v != 0 {
			return false
		}
	}
	return true
}

func dot(a, b []float32) float64 {
	var sum float64
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
