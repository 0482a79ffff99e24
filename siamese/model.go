package siamese

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/gate"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/plda"
	"github.com/go-siamese/lab/siamese/stats"
)

// Model is a trained encoder, or an ensemble of them, with everything prediction needs: preprocessing with its columns,
// threshold and calibration. Its methods are safe for concurrent use; do not copy it. After changing a field call
// Close, so that the next use compiles again; fields must not be changed while a method runs.
type Model struct {
	Config Config // of the training run
	// Transform is Config.Preprocess, fitted on the training items; Embed expects its columns.
	Transform *preprocess.Transform
	// Standard only standardises the features: the baseline of [evaluate.Items], fitted on the training items too. It
	// is the same pointer as Transform if Config.Preprocess asks for nothing else.
	Standard *preprocess.Transform
	// Layers are the dense layers from input to output, Config.Layers wide. Batch norm is folded into them.
	Layers []encoder.Layer
	// Ensemble are the layers of further encoders, Config.Ensemble wide, whose embeddings stand beside that of Layers;
	// nil = none. [Model.Encoders] has them all.
	Ensemble [][]encoder.Layer
	// EncoderPLDA and FeaturesPLDA compare the parts of an embedding, the encoder's output and the features of Transform,
	// each at unit length: what they make of them ([plda.Model.Project]) takes their place. They are fitted on the training
	// items, and are there where Config.PLDA says so.
	EncoderPLDA, FeaturesPLDA *plda.Model
	// Gate tells items of the training classes from others by the two parts of an embedding; it is there where
	// Config.UnknownShare is above 0.
	Gate *gate.Model
	// Threshold is the smallest cosine at which two items are predicted to be the same, chosen on validation pairs.
	Threshold float64
	// Calibration maps a cosine to the probability that two items are the same, fitted on the same pairs; see
	// [Model.Probability]. nil = none.
	Calibration *stats.Calibration
	// Nested are the thresholds and calibrations of Config.Nested, for [Model.Narrow]; nil where no epoch was finished.
	Nested []NestedWidth
	// TrainedOn holds the hashes of the training items ([duplicates.RowHashes] over the columns of Transform),
	// ascending and distinct, with those of the items that it was adapted to ([Model.Adapt]): an evaluation reports test
	// items that are among them. Empty = not known.
	TrainedOn []uint64

	// Notes are what whoever uses the model should know of its training: that it took fewer components than asked for,
	// or was resumed on another machine. Evaluations report them as warnings.
	Notes []string
	// Cut says where the training was cut that should have gone on, for instance "stopped after epoch 3 of 20 at
	// 2026-11-29 20:38 UTC"; "" = it went to its end. Evaluations report it as a warning.
	Cut string

	// Lab is the version of the lab that trained the model, for instance "0.1.0".
	Lab string
	// Origin says on what the model was trained, and from which files; nil = not known.
	Origin *origin.Origin

	mu      sync.Mutex // guards the fields below
	backend compute.Backend
	exec    *device.SharedExec // embedding graph, compiled for backend; nil = not yet
	weights []*tensors.Tensor  // as encoder.Inputs has them, on backend; nil = not yet
}

// errEmpty is the error of a model without layers or preprocessing.
var errEmpty = errors.New("the model is empty: train one, or load one")

// Validate returns an error if the model cannot be used: it has no layers, or their shapes do not fit each other or the
// preprocessing. It does not look for NaN. Models of [Train] and [Load] are valid.
func (m *Model) Validate() error {
	if m == nil || m.Transform == nil || m.Standard == nil || len(m.Layers) == 0 {
		return errEmpty
	}
	if err := m.Transform.Validate(); err != nil {
		return err
	}
	if m.Standard != m.Transform {
		if err := m.Standard.Validate(); err != nil {
			return fmt.Errorf("standardised features: %w", err)
		}
		if !slices.Equal(m.Standard.Columns, m.Transform.Columns) {
			return errors.New("standardised features: the columns differ from those of the encoder")
		}
	}
	for k, layers := range m.Encoders() {
		if len(layers) == 0 {
			return fmt.Errorf("encoder %d of the ensemble has no layers", k+1)
		}
		in := m.Transform.Width() // the inputs that the next layer must have
		for i, l := range layers {
			if l.In != in || l.Out < 1 || len(l.Weights) != l.In*l.Out || len(l.Biases) != l.Out {
				return fmt.Errorf("layer %s%d is damaged: %d inputs for %d values, %d outputs, %d weights, %d biases",
					encoder.Prefix(k), i, l.In, in, l.Out, len(l.Weights), len(l.Biases))
			}
			in = l.Out
		}
	}
	return errors.Join(m.validatePLDA(), m.validateGate())
}

// Copy returns another model with the fields of m, whose lists and layers the two share, and nothing on a device:
// change a field of it, not what a field points to. Close both.
func (m *Model) Copy() *Model {
	return &Model{Config: m.Config, Transform: m.Transform, Standard: m.Standard, Layers: m.Layers,
		Ensemble: m.Ensemble, EncoderPLDA: m.EncoderPLDA, FeaturesPLDA: m.FeaturesPLDA, Gate: m.Gate,
		Threshold: m.Threshold, Calibration: m.Calibration, Nested: m.Nested, TrainedOn: m.TrainedOn,
		Notes: slices.Clip(m.Notes), Cut: m.Cut, Lab: m.Lab, Origin: m.Origin}
}

// Encoders returns the layers of all encoders, the first one's before those of Ensemble. They are not copied.
func (m *Model) Encoders() [][]encoder.Layer {
	return append([][]encoder.Layer{m.Layers}, m.Ensemble...)
}

// take gives the model these encoders; Ensemble is nil where there is one.
func (m *Model) take(encoders [][]encoder.Layer) {
	m.Layers, m.Ensemble = encoders[0], nil
	if len(encoders) > 1 {
		m.Ensemble = encoders[1:]
	}
}

// Design returns what the graph of the model's embeddings consists of.
func (m *Model) Design() encoder.Design {
	return encoder.DesignOf(m.Encoders(), m.Config.FeatureShare, m.Config.UnknownShare,
		encoder.Parts{Encoder: m.EncoderPLDA != nil, Features: m.FeaturesPLDA != nil})
}

// F is the number of features of an item. With components the encoder's first layer has fewer inputs.
func (m *Model) F() int { return m.Transform.F() }

// E is the width of an embedding: that of the last layer, of every encoder, plus the preprocessed features if
// Config.FeatureShare > 0, one more for each of them that is compared by PLDA.
func (m *Model) E() int {
	width := m.encoderWidth()
	if m.Config.FeatureShare > 0 {
		width += m.Layers[0].In
		if m.FeaturesPLDA != nil {
			width++
		}
	}
	return width
}

// encoderWidth is the width of the encoder's part of an embedding.
func (m *Model) encoderWidth() int {
	width := outputs(m.Encoders())
	if m.EncoderPLDA != nil {
		width++
	}
	return width
}

// outputs is how many numbers encoders have beside each other.
func outputs(encoders [][]encoder.Layer) int {
	width := 0
	for _, layers := range encoders {
		width += layers[len(layers)-1].Out
	}
	return width
}

// compile prepares the embedding graph on backend and uploads the weights. Weights are inputs of the graph, not
// constants in it, so that all models of one shape share one compiled graph, and validation after every epoch compiles
// nothing. m.mu is held.
func (m *Model) compile(backend compute.Backend) error {
	backend, err := device.Plain(backend)
	if err != nil {
		return err
	}
	if m.exec != nil && m.backend == backend {
		return m.upload()
	}
	if err := m.release(); err != nil {
		return err
	}
	design, widths := m.Design(), []int{m.Layers[0].In}
	for _, l := range slices.Concat(m.Encoders()...) {
		widths = append(widths, l.Out)
	}
	// The key has everything that the graph depends on; the number of rows is a shape of its inputs.
	exec, err := device.TakeExec(backend, fmt.Sprintf("embed %v by %d", design, widths),
		func() (*Exec, error) {
			return NewExec(backend, func(in []*Node) *Node {
				last := len(in) - 1
				return encoder.Embed(in[last], in[:last], design)
			})
		})
	if err != nil {
		return fmt.Errorf("embedding: %w", err)
	}
	m.backend, m.exec = backend, exec
	return m.upload()
}

// compileBatch compiles exec for batches of n items, unless it is already. m.mu is held.
func (m *Model) compileBatch(n int) error {
	var in []shapes.Shape
	for _, t := range m.weights {
		in = append(in, t.Shape())
	}
	if err := m.exec.Compile(append(in, shapes.Make(dtypes.Float32, n, m.Layers[0].In))...); err != nil {
		return fmt.Errorf("embedding: %w", err)
	}
	return nil
}

// upload copies the weights, and the numbers of PLDA and the gate, to the device, unless they are there already. m.mu
// is held.
func (m *Model) upload() error {
	if m.weights != nil {
		return nil
	}
	for _, v := range encoder.Inputs(m.Encoders(), m.EncoderPLDA, m.FeaturesPLDA, m.Gate) {
		t, err := device.ToDevice(m.backend, 0, v.Values, v.Dims...)
		if err != nil {
			err = errors.Join(fmt.Errorf("the model's weights: %w", err), device.Finalize(m.weights...))
			m.weights = nil
			return err
		}
		m.weights = append(m.weights, t)
	}
	return nil
}

// setEncoders replaces the weights by others of the same shapes and keeps the compiled graph. The next use uploads
// them.
func (m *Model) setEncoders(encoders [][]encoder.Layer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := device.Finalize(m.weights...)
	m.weights = nil
	m.take(encoders)
	return err
}

// Close frees the model's memory on a backend's device; a few compiled graphs stay with the backend for models of the
// same shapes. The model can be used again afterwards.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.release()
}

// release frees the weights on the device and gives the graph back to the backend's cache. m.mu is held.
func (m *Model) release() error {
	if m.exec == nil {
		return nil
	}
	m.exec.Release()
	err := device.Finalize(m.weights...)
	m.backend, m.exec, m.weights = nil, nil, nil
	return err
}

// hashes returns the TrainedOn of a model trained on the items of frame. They are of values, not of ids, so that a test
// item is recognised under another name.
func (m *Model) hashes(frame *data.Frame) ([]uint64, error) {
	out, err := duplicates.RowHashes(frame, m.Transform.Columns)
	slices.Sort(out)
	return slices.Compact(out), err
}
