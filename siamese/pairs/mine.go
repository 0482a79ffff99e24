package pairs

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/embedding"
)

// minedFrom is the number of hardest partners of an item that one is drawn from. The very hardest are too often
// mislabelled, and always the same.
const minedFrom = 10

// Mine returns n hard pairs, half of them positive: for an anchor, drawn as in [Sampler.Draw], one of the least similar
// items of its class or one of the most similar items of other classes, by the cosines of z [N, E], the embeddings of
// all items of the sampler's frame. It takes O(n N E) operations.
func (s *Sampler) Mine(rng *rand.Rand, z *embedding.Embeddings, n int) Pairs {
	p := Pairs{Left: make([]int32, n), Right: make([]int32, n), Label: make([]float32, n)}
	pick := make([]int, n)
	for k := range n {
		if k < n/2 {
			rng.IntN(len(s.starts)) // uses as many random numbers as a negative pair
			class := s.anchors[rng.IntN(len(s.anchors))]
			p.Left[k], p.Label[k] = s.byClass[class][rng.IntN(len(s.byClass[class]))], 1
		} else {
			p.Left[k], _ = s.left(rng)
		}
		pick[k] = rng.IntN(minedFrom)
	}
	parallel.For(n, func(k int) { // anchors are independent: the result does not depend on the schedule
		best := hardPartners(z, s, p.Left[k], p.Label[k] == 1)
		p.Right[k] = int32(best[pick[k]%len(best)].Item)
	})
	return p
}

// hardPartners returns the items that form the hardest pairs with an anchor, hardest first: the least similar with a
// common class, or the most similar without.
func hardPartners(z *embedding.Embeddings, s *Sampler, anchor int32, positive bool) []embedding.Neighbour {
	best := make([]embedding.Neighbour, 0, minedFrom+1)
	vector := func(item int32) blas32.Vector { return blas32.Vector{N: z.E, Inc: 1, Data: z.Row(int(item))} }
	row, sign := vector(anchor), float32(1)
	if positive {
		sign = -1
	}
	for i, list := range s.classesOf {
		if item := int32(i); item != anchor && len(list) > 0 && s.differ(anchor, item) != positive {
			best = embedding.Insert(best, embedding.Neighbour{Item: i, Cosine: sign * blas32.Dot(row, vector(item))},
				minedFrom)
		}
	}
	return best
}
