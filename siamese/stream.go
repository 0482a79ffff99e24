package siamese

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
)

// EmbedStream embeds the items of frames one after the other, as table.Scan gives them, and calls write with the
// embeddings of some of them and a frame of the same items, in order. It holds one frame and its embeddings, and has
// the bits of [Model.Embed] on all items at once, however they are divided. What write is given is its own.
//
// It returns what there is to know of all embeddings: N, E, Unseen, Unchecked, and in Zero the first zero embedding
// alone; without Values. Zeros is their number. Errors are those of Embed, of frames and of write, which end it; items
// before were written. All frames have the columns of the first. That ids are unique in all of them is not checked.
func (m *Model) EmbedStream(ctx context.Context, backend compute.Backend, frames iter.Seq2[*data.Frame, error],
	write func(z *embedding.Embeddings, of *data.Frame) error) (all *embedding.Embeddings, zeros int, err error) {
	if err := m.Validate(); err != nil {
		return nil, 0, err
	}
	all = &embedding.Embeddings{E: m.E()}
	some := func(f *data.Frame, more bool) error {
		z, err := m.embed(ctx, backend, f, more || all.N > 0)
		if err != nil {
			return err
		}
		if len(z.Zero) > 0 && zeros == 0 {
			all.Zero = []int{all.N + z.Zero[0]}
		}
		zeros += len(z.Zero)
		all.N += z.N
		all.Unchecked = all.Unchecked || z.Unchecked
		for _, domain := range z.Unseen {
			if !slices.Contains(all.Unseen, domain) {
				all.Unseen = append(all.Unseen, domain)
			}
		}
		return write(z, f)
	}
	var rest *data.Frame // fewer items than are embedded at once
	for f, err := range frames {
		if err != nil {
			return nil, 0, err
		}
		if rest != nil {
			if f, err = after(rest, f); err != nil {
				return nil, 0, err
			}
		}
		whole := f.N() / embedRows * embedRows
		// One item at least is held back: whether there are more decides on how few are embedded.
		if whole == f.N() {
			whole = max(0, whole-embedRows)
		}
		if whole > 0 {
			if err := some(items(f, 0, whole), true); err != nil {
				return nil, 0, err
			}
		}
		rest = items(f, whole, f.N())
	}
	if rest != nil {
		if err := some(rest, false); err != nil {
			return nil, 0, err
		}
	}
	slices.Sort(all.Unseen)
	return all, zeros, nil
}

// items returns the items [from, to) of a frame, whose memory they share.
func items(f *data.Frame, from, to int) *data.Frame {
	out := *f
	out.X, out.IDs = f.X[from*f.F():to*f.F()], f.IDs[from:to]
	if f.Labels != nil {
		out.Labels = f.Labels[from:to]
	}
	if f.Domains != nil {
		out.Domains = f.Domains[from:to]
	}
	return &out
}

// after returns the items of a, which are few, and those of b.
func after(a, b *data.Frame) (*data.Frame, error) {
	if !slices.Equal(a.Columns, b.Columns) || (a.Labels == nil) != (b.Labels == nil) ||
		(a.Domains == nil) != (b.Domains == nil) {
		return nil, errors.New("the frames of a stream have other columns than the first")
	}
	if a.N() == 0 {
		return b, nil
	}
	out := *b
	out.X, out.IDs = slices.Concat(a.X, b.X), slices.Concat(a.IDs, b.IDs)
	if b.Labels != nil {
		out.Labels = slices.Concat(a.Labels, b.Labels)
	}
	if b.Domains != nil {
		out.Domains = slices.Concat(a.Domains, b.Domains)
	}
	return &out, nil
}
