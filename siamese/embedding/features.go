package embedding

import (
	"context"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
)

// Source returns unit vectors of the items of a frame.
type Source func(context.Context, *data.Frame) (*Embeddings, error)

// Transformed returns the features of a transform.
func Transformed(t *preprocess.Transform) Source {
	return func(ctx context.Context, f *data.Frame) (*Embeddings, error) { return UnitRows(ctx, t, f) }
}

// UnitRows returns the transformed features of frame, every row of unit length: what the cosine sees without
// training.
func UnitRows(ctx context.Context, transform *preprocess.Transform, frame *data.Frame) (*Embeddings, error) {
	out, err := TransformedRows(ctx, transform, frame)
	if err != nil {
		return nil, err
	}
	out.ToUnit()
	return out, nil
}

// TransformedRows returns the transformed features of frame, of whatever length.
func TransformedRows(ctx context.Context, transform *preprocess.Transform, frame *data.Frame) (*Embeddings, error) {
	rows, err := transform.Rows(frame)
	if err != nil {
		return nil, err
	}
	width := transform.Width()
	out := &Embeddings{Values: make([]float32, frame.N()*width), N: frame.N(), E: width}
	return out, rows.ReadAll(ctx, out.Values)
}
