package search

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/stats"
)

// Certificate says how much of the exact answer an approximate one has: the recall at K, measured on a sample of its
// queries.
type Certificate struct {
	K       int   `json:"k"`
	Queries int   `json:"queries"` // compared, drawn without replacement
	Missing int   `json:"missing"` // neighbours of the exact answers that were not found
	Of      int   `json:"of"`      // neighbours of the exact answers
	Recall  Share `json:"recall"`
}

// Share is a share with its 95 % interval.
type Share = stats.Interval

// String returns the recall with its interval and what it was measured on.
func (c Certificate) String() string {
	return fmt.Sprintf("recall@%d %s (95 %%), from the exact answers to %d queries", c.K, c.Recall, c.Queries)
}

// Certify returns the certificate of lists that were found for queries, by any engine, against the exact answers over
// the same items: those of x with the same options. Errors are those of [Exact.Search].
func (x *Exact) Certify(ctx context.Context, queries *embedding.Embeddings, found *Found, opt Options) (*Certificate,
	error) {
	if err := x.Accepts(queries, opt); err != nil {
		return nil, err
	}
	if len(found.Lists) != queries.N {
		return nil, fmt.Errorf("index: %d answers are not those of %d queries", len(found.Lists), queries.N)
	}
	return x.selected(queries, opt).certify(ctx, found)
}

// certify returns the certificate of an answer.
func (s *selection) certify(ctx context.Context, found *Found) (*Certificate, error) {
	c := &Certificate{K: cmp.Or(s.opt.K, 10), Queries: min(cmp.Or(s.opt.Sample, 100), s.queries.N)}
	rng := rand.New(rand.NewPCG(s.opt.Seed, 0x5ea4c4)) //nolint:gosec // a sample, no secret
	sample := rng.Perm(s.queries.N)[:c.Queries]
	slices.Sort(sample)
	of := *s
	of.queries = s.queries.Select(sample)
	if s.own != nil {
		of.own = func(query int) int { return s.own(sample[query]) }
	}
	right, err := of.exact(ctx)
	if err != nil {
		return nil, err
	}
	var sum float64
	answered := 0
	for i, list := range right.Lists {
		if len(list) == 0 {
			continue
		}
		// What is as near as the last one is right too: which of equals an answer has is no fault.
		last, hits := list[len(list)-1].Cosine, 0
		for _, n := range found.Lists[sample[i]] {
			if n.Cosine >= last {
				hits++
			}
		}
		hits = min(hits, len(list))
		c.Missing, c.Of = c.Missing+len(list)-hits, c.Of+len(list)
		sum, answered = sum+float64(hits)/float64(len(list)), answered+1
	}
	// The neighbours of one query are found or missed together, so that the queries count, not the neighbours. Wilson's
	// interval takes each as all or nothing, which is the most that their recalls can vary.
	if answered == 0 {
		c.Recall = stats.Interval{Value: 0, Low: 0, High: 1, Confidence: .95, Method: "undefined"}
		return c, nil
	}
	c.Recall = stats.Wilson(sum/float64(answered), float64(answered), .95)
	return c, nil
}
