package pairs

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/embedding"
)

// minedFrom is the number of hardest partners of an item that one is drawn from. The hardest alone would be too often
// mislabelled, and always the same one.
const minedFrom = 10

// Mine returns n hard pairs, half of them positive: for an anchor, drawn as in [Sampler.Draw], one of the least similar
// items of its class or one of the most similar items of other classes, by the cosines of z [N, E], the embeddings of
// all items of the sampler's frame, with rows of length 1 (or 0). Positive pairs come first. Shares of domains do not
// matter. A negative n, and one for which there is no memory, are errors.
//
// What it takes from rng does not depend on z: a run that resumes can skip batches without embeddings. It runs on all
// cores and takes O(n N E) operations; the result does not depend on the number of cores.
func (s *Sampler) Mine(rng *rand.Rand, z *embedding.Embeddings, n int) (Pairs, error) {
	if err := checkCount(n); err != nil {
		return Pairs{}, err
	}
	p := Pairs{Left: make([]int32, n), Right: make([]int32, n), Label: make([]float32, n)}
	pick := make([]int, n) // which of the hardest partners is taken
	// All random numbers are taken here, in order: below, goroutines run in any order.
	for k := range n {
		if k < n/2 {
			rng.IntN(len(s.starts)) // not used; without it a seed would mine other pairs
			class := s.anchors[rng.IntN(len(s.anchors))]
			p.Left[k], p.Label[k] = s.byClass[class][rng.IntN(len(s.byClass[class]))], 1
		} else {
			p.Left[k], _ = s.left(rng)
		}
		pick[k] = rng.IntN(minedFrom)
	}
	parallel.For(n, func(k int) { // anchors are independent: the result does not depend on the schedule
		// It is not empty: an anchor of either kind was drawn from items that have such a partner.
		best := hardPartners(z, s, p.Left[k], p.Label[k] == 1)
		p.Right[k] = int32(best[pick[k]%len(best)].Item)
	})
	return p, nil
}

// hardPartners returns up to minedFrom items that form the hardest pairs with an anchor, hardest first: the least
// similar with a common class, or the most similar without. Items without a class are left out. Cosine of the result is
// the hardness: the cosine, negated for positive pairs.
func hardPartners(z *embedding.Embeddings, s *Sampler, anchor int32, positive bool) []embedding.Neighbour {
	best := make([]embedding.Neighbour, 0, minedFrom+1)
	vector := func(item int32) blas32.Vector { return blas32.Vector{N: z.E, Inc: 1, Data: z.Row(int(item))} }
	// Insert keeps the highest cosines; negated ones of positive pairs are the hardest.
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
