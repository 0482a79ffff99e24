package search

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Pair is two items and their cosine.
type Pair struct {
	A, B   int // numbers, A < B
	Cosine float32
}

// String returns the numbers with the cosine.
func (p Pair) String() string {
	return fmt.Sprintf("items %d and %d (cosine %.4f)", p.A, p.B, p.Cosine)
}

// Pairs returns all pairs of items with at least a cosine, such as .98 for near-duplicates, in the order of blocks of
// items and within them by number. It compares all items with each other, O(N^2 E), and takes bounded memory: as much
// as 4 million pairs where every item is a copy of the others, usually next to nothing. The answer is exact for every
// storage. An error is the last element, without a pair: a cosine outside [-1, 1], a cancelled ctx, a file that cannot
// be read. The index must not be changed meanwhile.
func (x *Exact) Pairs(ctx context.Context, atLeast float64) iter.Seq2[Pair, error] {
	return func(yield func(Pair, error) bool) {
		if !(atLeast >= -1 && atLeast <= 1) {
			yield(Pair{}, option.Errorf("AtLeast", "%v is no cosine: it must be from -1 to 1", atLeast))
			return
		}
		numbers := x.live()
		const queries, items = 512, 1 << 13
		for from := 0; from < len(numbers); from += queries {
			own := numbers[from:min(len(numbers), from+queries)]
			z, err := x.Embeddings(own)
			if err != nil {
				yield(Pair{}, err)
				return
			}
			for start := from; start < len(numbers); start += items {
				part := numbers[start:min(len(numbers), start+items)]
				pairs, err := x.pairsOf(ctx, z, own, part, atLeast)
				if err != nil {
					yield(Pair{}, err)
					return
				}
				for _, p := range pairs {
					if !yield(p, nil) {
						return
					}
				}
			}
		}
	}
}

// pairsOf returns the pairs of some items with some others that have higher numbers.
func (x *Exact) pairsOf(ctx context.Context, z *embedding.Embeddings, own, others []int, atLeast float64) ([]Pair, error) {
	s := &selection{Exact: x, queries: z, opt: Options{K: len(others), AtLeast: &atLeast}, n: len(others), after: true,
		own: func(query int) int { return own[query] }}
	s.numbers = make([]int32, len(others))
	for i, n := range others {
		s.numbers[i] = int32(n)
	}
	found, err := s.exact(ctx)
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	for q, list := range found.Lists {
		at := len(pairs)
		for _, n := range list {
			pairs = append(pairs, Pair{own[q], n.Item, n.Cosine})
		}
		slices.SortFunc(pairs[at:], func(a, b Pair) int { return cmp.Compare(a.B, b.B) })
	}
	return pairs, nil
}
