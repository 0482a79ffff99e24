package embedding

import (
	"context"
	"fmt"
	"strconv"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
)

// Source maps the items of a frame to unit vectors [N, E], in the frame's order. A model or features without training
// can be evaluated alike through it.
type Source func(context.Context, *data.Frame) (*Embeddings, error)

// Transformed returns the [Source] of features as t transforms them: a similarity without training.
func Transformed(t *preprocess.Transform) Source {
	return func(ctx context.Context, f *data.Frame) (*Embeddings, error) { return UnitRows(ctx, t, f) }
}

// UnitRows returns the transformed features of frame, each row at unit length; zero rows are listed in Zero. Its errors
// are those of [TransformedRows].
func UnitRows(ctx context.Context, transform *preprocess.Transform, frame *data.Frame) (*Embeddings, error) {
	out, err := TransformedRows(ctx, transform, frame)
	if err != nil {
		return nil, err
	}
	out.ToUnit()
	return out, nil
}

// TransformedRows returns the transformed features of frame [N, transform.Width()], not normalised. Columns that do not
// match, values that are not finite and a cancelled ctx are errors.
func TransformedRows(ctx context.Context, transform *preprocess.Transform, frame *data.Frame) (*Embeddings, error) {
	rows, err := transform.Rows(frame)
	if err != nil {
		return nil, err
	}
	width := transform.Width()
	out := &Embeddings{Values: make([]float32, frame.N()*width), N: frame.N(), E: width}
	return out, rows.ReadAll(ctx, out.Values)
}

// Frame returns the embeddings as a table with the columns embedding/0, embedding/1, … and the ids, labels and domains of
// like, whose items they are of; nil = numbers for ids. It shares memory with e and like.
func (e *Embeddings) Frame(like *data.Frame) *data.Frame {
	out := &data.Frame{X: e.Values, Numbered: true, Blocks: []data.Block{{Name: "embedding", Start: 0, End: e.E}}}
	if like != nil {
		out.IDs, out.Numbered, out.Labels, out.Domains = like.IDs, like.Numbered, like.Labels, like.Domains
	} else {
		for i := range e.N {
			out.IDs = append(out.IDs, strconv.Itoa(i))
		}
	}
	// The block's name and a slash, as the columns of all blocks are called: a reader finds the block again.
	for k := range e.E {
		out.Columns = append(out.Columns, fmt.Sprintf("embedding/%d", k))
	}
	return out
}
