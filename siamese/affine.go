package siamese

import (
	"fmt"
	"math"

	"github.com/go-siamese/lab/data"
)

// fitScaler returns the scaler of that kind, fitted on all items of train.
func fitScaler(kind string, train *data.Frame) (*data.Scaler, error) {
	if kind == data.ScaleNone {
		return data.NoScaling(train.Columns), nil
	}
	items := make([]int, train.N())
	for i := range items {
		items[i] = i
	}
	return data.FitStandard(train, items)
}

// affine returns the scaler as column statistics [F], whatever its kind: scaled = (x - mean) * inverse.
func affine(s *data.Scaler) (mean, inverse []float32) {
	if s.Kind != data.ScaleNone {
		return s.Mean, s.Inverse
	}
	mean, inverse = make([]float32, len(s.Columns)), make([]float32, len(s.Columns))
	for k := range inverse {
		inverse[k] = 1
	}
	return mean, inverse
}

// match returns the place in frame of every feature of the model, or nil when they stand in its order already.
// An unsound model or frame is an error; a frame may have no items.
func (m *Model) match(frame *data.Frame) ([]int, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if frame == nil || frame.N() > 0 || len(frame.X) > 0 {
		if err := frame.Validate(); err != nil {
			return nil, err
		}
	}
	columns, err := m.Scaler.Match(frame.Columns)
	if err != nil {
		return nil, fmt.Errorf("the model's features: %w", err)
	}
	for k, c := range columns {
		if k != c {
			return columns, nil
		}
	}
	return nil, nil
}

// scaled returns the scaled features of frame, every row of unit length: what the cosine sees without training.
func (m *Model) scaled(frame *data.Frame) (*Embeddings, error) {
	columns, err := m.match(frame)
	if err != nil {
		return nil, err
	}
	f := m.F()
	out := &Embeddings{Values: make([]float32, frame.N()*f), N: frame.N(), E: f}
	fillRows(out.Values, frame, 0, frame.N(), columns)
	if err := m.Scaler.Apply(out.Values, out.Values); err != nil {
		return nil, err
	}
	for i := range frame.N() {
		row := out.Row(i)
		norm := math.Sqrt(dot(row, row))
		if norm == 0 {
			out.Zero = append(out.Zero, i)
			continue
		}
		for k := range row {
			row[k] = float32(float64(row[k]) / norm)
		}
	}
	return out, nil
}
