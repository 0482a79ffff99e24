package milvus

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

// isEnd returns whether an iterator has no more.
func isEnd(err error) bool { return errors.Is(err, io.EOF) }

// candidate is a neighbour with its numbers.
type candidate struct {
	Neighbour
	row []float32
}

// best are the exact answers to queries.
type best struct {
	lists  [][]candidate
	totals []int
	// seen are the numbers of the items that were asked for.
	seen map[string]candidate
}

// exact compares queries with all items that pass the filters. It holds one page of items, and K for each query; of are
// ids of items whose numbers are wanted too.
func (x *Collection) exact(ctx context.Context, queries *embedding.Embeddings, own []string, opt search.Options,
	of ...string) (*best, error) {
	b := &best{lists: make([][]candidate, queries.N), seen: make(map[string]candidate, len(of))}
	if opt.AtLeast != nil {
		b.totals = make([]int, queries.N)
	}
	wanted := make(map[string]bool, len(of))
	for _, id := range of {
		wanted[id] = true
	}
	expr, none := filter(opt)
	if none {
		return b, nil
	}
	for p, err := range x.pages(ctx, expr) {
		if err != nil {
			return nil, err
		}
		if err := b.add(ctx, p, queries, own, opt); err != nil {
			return nil, err
		}
		for i, id := range p.like.IDs {
			if wanted[id] {
				b.seen[id] = p.candidate(i, 0)
			}
		}
	}
	return b, nil
}

// candidate returns an item of a page.
func (p page) candidate(i int, cosine float32) candidate {
	return candidate{Neighbour{search.Item{ID: p.like.IDs[i], Label: p.like.Labels[i], Domain: p.like.Domains[i]}, cosine},
		slices.Clone(p.z.Row(i))}
}

// add puts the items of a page that are near to queries into their lists.
func (b *best) add(ctx context.Context, p page, queries *embedding.Embeddings, own []string, opt search.Options) error {
	some, err := search.New(p.z.E, search.Config{})
	if err == nil {
		err = some.Add(ctx, p.z, p.like)
	}
	if err != nil {
		return err
	}
	found, err := some.Search(ctx, queries, search.Options{K: opt.K, AtLeast: opt.AtLeast, Own: numbers(some, own)})
	if err != nil {
		return err
	}
	for q, list := range found.Lists {
		for _, n := range list {
			if k := b.lists[q]; len(k) == opt.K && n.Cosine < k[opt.K-1].Cosine {
				break
			}
			b.lists[q] = append(b.lists[q], p.candidate(n.Item, n.Cosine))
		}
		slices.SortFunc(b.lists[q], func(a, c candidate) int { return nearer(a.Neighbour, c.Neighbour) })
		b.lists[q] = b.lists[q][:min(opt.K, len(b.lists[q]))]
		if opt.AtLeast != nil {
			b.totals[q] += found.Totals[q]
		}
	}
	return nil
}

// numbers returns the numbers of ids in an index, -1 for those that are not there; nil for nil.
func numbers(x *search.Exact, ids []string) []int {
	if ids == nil {
		return nil
	}
	out := make([]int, len(ids))
	for i, id := range ids {
		n, ok := x.Number(id)
		if out[i] = n; !ok {
			out[i] = -1
		}
	}
	return out
}

// found returns the answer.
func (b *best) found() *Found {
	out := &Found{Lists: make([][]Neighbour, len(b.lists)), Totals: b.totals}
	for q, list := range b.lists {
		for _, c := range list {
			out.Lists[q] = append(out.Lists[q], c.Neighbour)
		}
	}
	return out
}

// certify compares an answer with the exact one on a sample of its queries: those that search.Exact.Certify takes too.
// Both are then ranked by one index of the items that either has, so that the server's rounding counts for nothing.
func (x *Collection) certify(ctx context.Context, queries *embedding.Embeddings, own []string, found *Found,
	opt search.Options) (*search.Certificate, error) {
	rng := rand.New(rand.NewPCG(opt.Seed, 0x5ea4c4)) //nolint:gosec // a sample, no secret
	sample := rng.Perm(queries.N)[:min(cmp.Or(opt.Sample, 100), queries.N)]
	slices.Sort(sample)
	asked := queries.Select(sample)
	if own != nil {
		own = embedding.Pick(own, sample)
	}
	var ids []string
	for _, q := range sample {
		for _, n := range found.Lists[q] {
			ids = append(ids, n.ID)
		}
	}
	right, err := x.exact(ctx, asked, own, opt, ids...)
	if err != nil {
		return nil, err
	}
	union := right.seen
	for _, list := range right.lists {
		for _, c := range list {
			union[c.ID] = c
		}
	}
	some, err := indexOf(ctx, union, x.width)
	if err != nil {
		return nil, err
	}
	candidates := make([][]int32, len(sample))
	for i, q := range sample {
		for _, n := range found.Lists[q] {
			if number, ok := some.Number(n.ID); ok { // else it was deleted meanwhile
				candidates[i] = append(candidates[i], int32(number)) //nolint:gosec // some thousands
			}
		}
	}
	same := search.Options{K: opt.K, Sample: max(1, len(sample)), Own: numbers(some, own)}
	ranked, err := some.Rank(ctx, asked, candidates, same)
	if err != nil {
		return nil, err
	}
	return some.Certify(ctx, asked, ranked, same)
}

// indexOf returns an index of candidates.
func indexOf(ctx context.Context, of map[string]candidate, width int) (*search.Exact, error) {
	like := &data.Frame{}
	z := &embedding.Embeddings{E: width, N: len(of)}
	for id, c := range of {
		like.IDs = append(like.IDs, id)
		z.Values = append(z.Values, c.row...)
	}
	some, err := search.New(width, search.Config{})
	if err != nil {
		return nil, err
	}
	return some, some.Add(ctx, z, like)
}
