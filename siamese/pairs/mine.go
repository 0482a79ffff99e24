package pairs

import (
	"math/rand/v2"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/go-siamese/lab/siamese/embedding"
)

// minedFrom is how many of the hardest partners of an item one is drawn from. The very hardest are too often
// items with a wrong label, and always the same.
const minedFrom = 10

// Mine returns n hard pairs, half of them positive: for an anchor, drawn by class as evenly as other pairs, one of
// the least similar items of its class or one of the most similar items of other classes, by the cosines of z [N, E],
// among all items of the sampler's frame. Items without a label, and positives in a class of one, are left out.
func (s *Sampler) Mine(rng *rand.Rand, z *embedding.Embeddings, n int) Pairs {
	p := Pairs{Left: make([]int32, n), Right: make([]int32, n), Label: make([]float32, n)}
	pick := make([]int, n)
	for k := range n {
		if k < n/2 {
			rng.IntN(len(s.starts)) // what a negative pair would take, so that pairs of a seed stay what they were
			class := s.anchors[rng.IntN(len(s.anchors))]
			p.Left[k], p.Label[k] = s.byClass[class][rng.IntN(len(s.byClass[class]))], 1
		} else {
			p.Left[k], _ = s.left(rng)
		}
		pick[k] = rng.IntN(minedFrom)
	}
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers { // each anchor on its own: the result does not depend on who works it out
		wait.Go(func() {
			best := make([]embedding.Neighbour, 0, minedFrom+1)
			for k := w; k < n; k += workers {
				best = hardPartners(best[:0], z, s, p.Left[k], p.Label[k] == 1)
				p.Right[k] = int32(best[pick[k]%len(best)].Item)
			}
		})
	}
	wait.Wait()
	return p
}

// hardPartners returns the items that make the hardest pairs with an anchor: of those that
// have a class in common the least similar ones, or of the others the most similar ones, hardest first.
func hardPartners(best []embedding.Neighbour, z *embedding.Embeddings, s *Sampler, anchor int32, positive bool) []embedding.Neighbour {
	vector := func(item int32) blas32.Vector { return blas32.Vector{N: z.E, Inc: 1, Data: z.Row(int(item))} }
	row, sign := vector(anchor), float32(1)
	if positive {
		sign = -1
	}
	for i, list := range s.classesOf {
		if item := int32(i); item != anchor && len(list) > 0 && s.differ(anchor, item) != positive {
			best = embedding.Insert(best, embedding.Neighbour{Item: i, Cosine: sign * blas32.Dot(row, vector(item))}, minedFrom)
		}
	}
	return best
}
