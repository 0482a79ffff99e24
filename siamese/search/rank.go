package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/scan"
)

// Ranked returns how many candidates of a query are scored again with the float32 numbers.
func (o Options) Ranked() int {
	k := cmp.Or(o.K, 10)
	return max(k*cmp.Or(o.Rerank, 3), k+16)
}

// rank scores what was found with the float32 numbers, and keeps the k best of each query.
func (s *selection) rank(ctx context.Context, found []scan.Found, k int) error {
	return parallel.Each(ctx, len(found), 0, func(_, q int) error {
		hits := found[q].Hits
		for i := range hits {
			hits[i].Score = s.cosine(q, int(hits[i].Row))
		}
		slices.SortFunc(hits, scan.Compare)
		found[q].Hits = hits[:min(k, len(hits))]
		return nil
	})
}

// Rank returns the answer of a search among candidates that another engine found: for each query the numbers of items,
// the most promising first, each once. What was deleted and what the options leave out is passed over, and as many as
// [Options.Ranked] says are scored with the float32 numbers. Options.AtLeast has no effect. Errors are those of
// [Exact.Search], and numbers of no item.
func (x *Exact) Rank(ctx context.Context, queries *embedding.Embeddings, candidates [][]int32, opt Options) (*Found,
	error) {
	if err := x.Accepts(queries, opt); err != nil {
		return nil, err
	}
	if len(candidates) != queries.N {
		return nil, fmt.Errorf("index: candidates of %d queries are not those of %d", len(candidates), queries.N)
	}
	opt.AtLeast = nil
	passes := x.passing(opt)
	all := x.all(queries, opt) // places are numbers
	found := make([]scan.Found, queries.N)
	for q, list := range candidates {
		hits := make([]scan.Hit, 0, min(len(list), opt.Ranked()))
		for _, n := range list {
			if int(n) < 0 || int(n) >= x.n() {
				return nil, fmt.Errorf("index: query %d: there is no item %d", q, n)
			}
			if passes(int(n)) && (all.own == nil || all.own(q) != int(n)) {
				if hits = append(hits, scan.Hit{Row: n}); len(hits) == opt.Ranked() {
					break
				}
			}
		}
		found[q].Hits = hits
	}
	return all.answer(found, all.rank(ctx, found, cmp.Or(opt.K, 10)))
}

// passing returns whether an item is not deleted and passes the filters.
func (x *Exact) passing(opt Options) func(number int) bool {
	if opt.Labels == nil && opt.Domains == nil {
		return func(n int) bool { return !x.dead[n] }
	}
	label, domain := x.labels.among(opt.Labels), x.domains.among(opt.Domains)
	return func(n int) bool { return !x.dead[n] && label[x.labels.of[n]] && domain[x.domains.of[n]] }
}

// Passing returns how many items are not deleted and pass the filters of the options.
func (x *Exact) Passing(opt Options) int {
	if opt.Labels == nil && opt.Domains == nil {
		return len(x.byID)
	}
	passes, n := x.passing(opt), 0
	for i := range x.n() {
		if passes(i) {
			n++
		}
	}
	return n
}
