package hnsw

import (
	"cmp"
	"context"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

// Search implements [search.Index]. Options.Ef says how thorough it is. Options.AtLeast and Options.Exact are answered
// by comparing all items, and so are filters that leave few of them, for which a graph is the slower way.
func (x *Index) Search(ctx context.Context, queries *embedding.Embeddings, opt search.Options) (*search.Found, error) {
	if err := x.Accepts(queries, opt); err != nil {
		return nil, err
	}
	ef, passing := cmp.Or(opt.Ef, x.config.Ef), x.Passing(opt)
	ef = max(ef, opt.Ranked())
	if opt.Exact || opt.AtLeast != nil || x.scans(ef, passing) {
		return x.Exact.Search(ctx, queries, opt)
	}
	lists, err := x.candidates(ctx, queries, int(float64(ef)*float64(x.n)/float64(passing)))
	if err != nil {
		return nil, err
	}
	found, err := x.Rank(ctx, queries, lists, opt)
	if err == nil {
		err = x.fill(ctx, queries, found, passing, opt)
	}
	if err == nil && !opt.NoCertificate {
		found.Certificate, err = x.Certify(ctx, queries, found, opt)
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// scans returns whether comparing all items that pass is faster than the graph, which finds one of them among
// n/passing: it looks at some 20 nodes for each of the ef n/passing, and a node, which is anywhere in memory, takes as
// long as some ten items in a row.
func (x *Index) scans(ef, passing int) bool {
	return x.n == 0 || passing == 0 || float64(passing)*float64(passing) < x.scan*float64(ef)*float64(x.n)
}

// candidates returns the nodes that are nearest to each query by their codes.
func (x *Index) candidates(ctx context.Context, queries *embedding.Embeddings, ef int) ([][]int32, error) {
	const some = 16
	out := make([][]int32, queries.N)
	err := parallel.Each(ctx, (queries.N+some-1)/some, 0, func(_, i int) error {
		from, to := i*some, min(queries.N, (i+1)*some)
		lists, err := x.graph.search(encode(queries.Values[from*queries.E:to*queries.E], queries.E), to-from, min(ef, x.n))
		copy(out[from:to], lists)
		return err
	})
	return out, err
}

// fill answers queries again that have fewer neighbours than there are, by comparing all items.
func (x *Index) fill(ctx context.Context, queries *embedding.Embeddings, found *search.Found, passing int,
	opt search.Options) error {
	var short, own []int
	for q, list := range found.Lists {
		mine := -1 // what the query is
		switch {
		case opt.Self:
			mine = q
		case opt.Own != nil:
			mine = opt.Own[q]
		}
		there := passing
		if mine >= 0 { // it may be one of those that pass
			there--
		}
		if len(list) < min(cmp.Or(opt.K, 10), there) {
			short, own = append(short, q), append(own, mine)
		}
	}
	if len(short) == 0 {
		return nil
	}
	opt.Self, opt.Own, opt.NoCertificate = false, own, true
	again, err := x.Exact.Search(ctx, queries.Select(short), opt)
	if err != nil {
		return err
	}
	for i, q := range short {
		found.Lists[q] = again.Lists[i]
	}
	return nil
}
