package gallery

import (
	"context"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Overlaps are how much the neighbourhoods of the items of a gallery have in common, for all pairs: J of [Reranker].
// [Reranker.Overlaps] makes it; several goroutines may use it.
type Overlaps struct {
	z     *embedding.Embeddings
	opt   RerankOptions
	codes [][]weight // by item, averaged
	parts [][]weight // by item: those in whose encodings it is, and with which weight
	sums  sync.Pool  // of buffers with a zero for every item
}

// Overlaps encodes all items of the gallery, each compared with all others. It keeps about 16 K1 K2 bytes an item, and
// takes K1² steps for each. The error is that of ctx.
func (r *Reranker) Overlaps(ctx context.Context) (*Overlaps, error) {
	v := &whole{Reranker: r, mutuals: map[int][][]near{}, codes: make([][]weight, r.z.N)}
	for _, k := range []int{r.opt.K1, r.opt.half()} {
		lists := make([][]near, r.z.N)
		if err := r.each(ctx, func(i int32) { lists[i] = reciprocal(v, i, k) }); err != nil {
			return nil, err
		}
		v.mutuals[k] = lists
	}
	if err := r.each(ctx, func(i int32) { v.codes[i] = r.opt.encode(v, i) }); err != nil {
		return nil, err
	}
	o := &Overlaps{z: r.z, opt: r.opt, codes: make([][]weight, r.z.N), parts: make([][]weight, r.z.N)}
	o.sums.New = func() any {
		sums := make([]float64, r.z.N)
		return &sums
	}
	if err := r.each(ctx, func(i int32) { o.codes[i] = slices.Clip(r.opt.average(v, i)) }); err != nil {
		return nil, err
	}
	for i, code := range o.codes {
		for _, w := range code {
			o.parts[w.item] = append(o.parts[w.item], weight{int32(i), w.value})
		}
	}
	return o, nil
}

// each calls do for every item, on all cores.
func (r *Reranker) each(ctx context.Context, do func(i int32)) error {
	return parallel.Each(ctx, r.z.N, 0, func(_, i int) error {
		do(int32(i))
		return nil
	})
}

// String returns the number of items.
func (o *Overlaps) String() string {
	return "overlaps of the neighbourhoods of " + quote.Count(len(o.codes), "item")
}

// Share is the share of the cosine in similarities, Lambda of the options. With More it makes the similarities of all
// pairs for package metric.
func (o *Overlaps) Share() float64 { return o.opt.Lambda }

// Similarity returns the similarity of items i and j; that of an item and itself is 1.
func (o *Overlaps) Similarity(i, j int) float64 {
	return o.opt.similarity(o.z.Cosine(i, j), overlap(o.codes[i], o.codes[j]))
}

// More calls add with what (1 - Lambda) J adds to the similarity of item i with every other item whose neighbourhood has
// something in common with its own, each once, in no order. It is the same to the bit for both orders of a pair.
func (o *Overlaps) More(i int, add func(j int, more float64)) {
	buffer := o.sums.Get().(*[]float64) //nolint:forcetypeassert // the pool has nothing else
	defer o.sums.Put(buffer)
	sums := *buffer
	var touched []int32
	for _, w := range o.codes[i] {
		for _, part := range o.parts[w.item] {
			if sums[part.item] == 0 {
				touched = append(touched, part.item)
			}
			sums[part.item] += float64(min(w.value, part.value))
		}
	}
	for _, j := range touched {
		if int(j) != i {
			add(int(j), (1-o.opt.Lambda)*jaccard(sums[j]))
		}
		sums[j] = 0
	}
}

// whole is a gallery all of whose items are encoded.
type whole struct {
	*Reranker
	mutuals map[int][][]near // by number of neighbours and item
	codes   [][]weight       // by item
}

func (v *whole) mutual(i int32, k int) []near { return v.mutuals[k][i] }
func (v *whole) code(i int32) []weight        { return v.codes[i] }
