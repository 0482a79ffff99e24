package gallery

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/embedding"
)

// block is the number of items whose nearest are searched at once: what a search holds in memory, and what is done
// between two looks at the context.
const block = 256

// Expand returns the items of a gallery [N, E], expanded by each other: item i becomes
//
//	z_i + Σ_j w_ij z_j, w_ij = max(0, z_i·z_j)^Power
//
// at unit length, over its nearest other items j, fewer where there are fewer. That is database-side augmentation
// (Arandjelović and Zisserman 2012) with the weights of α-weighted query expansion (Radenović, Tolias and Chum 2019,
// α = Power). A zero embedding, which is close to nothing, stays zero.
//
// Neighbours are those of [embedding.Nearest], one pass over all pairs, O(N² E); weights and sums are in float64. The
// same gallery and options give the same bits on any number of cores. Options that are not valid, values that are not
// finite (the error names the item) and a cancelled ctx are errors. z is only read.
func Expand(ctx context.Context, z *embedding.Embeddings, opt Options) (*embedding.Embeddings, error) {
	return expand(ctx, z, z, true, opt)
}

// ExpandQueries returns queries [Q, E] that are not in the gallery [N, E], expanded by it as [Expand] does it: by the
// gallery as it is, not as Expand returns it. A copy of a query in the gallery counts as a neighbour, with cosine 1.
// Without any items in the gallery queries stay as they are. It takes O(Q N E); errors are those of Expand, and
// different widths.
func ExpandQueries(ctx context.Context, queries, z *embedding.Embeddings, opt Options) (*embedding.Embeddings, error) {
	return expand(ctx, queries, z, false, opt)
}

// Source returns the [embedding.Source] of what another one makes of the items of a frame, with these as the gallery
// of each other. Then an item's embedding depends on all items of its frame.
func Source(of embedding.Source, opt Options) embedding.Source {
	return func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		z, err := of(ctx, f)
		if err != nil {
			return nil, err
		}
		return Expand(ctx, z, opt)
	}
}

// expand returns items expanded by z; with self they are its own items.
func expand(ctx context.Context, items, z *embedding.Embeddings, self bool,
	opt Options) (*embedding.Embeddings, error) {
	if err := opt.Validate(); err != nil {
		return nil, fmt.Errorf("gallery: %w", err)
	}
	if err := finite("gallery", z); err != nil {
		return nil, err
	}
	if !self {
		if err := finite("query", items); err != nil {
			return nil, err
		}
	}
	out := *items
	out.Values, out.Zero, out.Unseen = make([]float32, len(items.Values)), slices.Clone(items.Zero),
		slices.Clone(items.Unseen)
	var sums [][]float64 // buffers
	for from := 0; from < items.N; from += block {
		to := min(items.N, from+block)
		part := &embedding.Embeddings{Values: items.Values[from*items.E : to*items.E], N: to - from, E: items.E}
		// One more, because an item is usually its own nearest. There are no more than all.
		found, err := embedding.Nearest(part, z, min(opt.neighbours(), z.N)+1, false)
		if err != nil {
			return nil, fmt.Errorf("gallery: %w", err)
		}
		for range to - from - len(sums) {
			sums = append(sums, make([]float64, items.E))
		}
		err = parallel.Each(ctx, to-from, 0, func(_, i int) error {
			near := found[i]
			if self {
				near = slices.DeleteFunc(near, func(n embedding.Neighbour) bool { return n.Item == from+i })
			}
			opt.mean(out.Row(from+i), part.Row(i), z, near[:min(len(near), opt.neighbours())], sums[i])
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// mean writes to the weighted mean of item and its neighbours in z, at unit length. sum is a buffer as wide as it.
func (o Options) mean(to, item []float32, z *embedding.Embeddings, near []embedding.Neighbour, sum []float64) {
	if embedding.Magnitude(item) == 0 {
		return // its neighbours are those with the lowest numbers, and to is zero
	}
	for k, v := range item {
		sum[k] = float64(v)
	}
	for _, n := range near {
		row := z.Row(n.Item)
		// In float64, because the cosines of a search are rounded otherwise where the numbers of items differ.
		w := o.weight(min(1, embedding.Dot(item, row)))
		for k, v := range row {
			sum[k] += w * float64(v)
		}
	}
	var square float64
	for _, v := range sum {
		square += v * v
	}
	// Not zero: with weights of 0 where cosines are negative, the sum has a cosine above 0 with the item. Uniform
	// weights can cancel out in theory, and then the item stays as it is.
	if square == 0 {
		copy(to, item)
		return
	}
	norm := math.Sqrt(square)
	for k, v := range sum {
		to[k] = float32(v / norm)
	}
}

// finite returns an error that names the first item of z with a value that is not finite, or nil.
func finite(what string, z *embedding.Embeddings) error {
	for i := range z.N {
		if m := float64(embedding.Magnitude(z.Row(i))); math.IsNaN(m) || math.IsInf(m, 0) {
			return fmt.Errorf("gallery: the embedding of %s item %d has values that are not finite", what, i)
		}
	}
	return nil
}
