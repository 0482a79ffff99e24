package batch

import (
	"math/rand/v2"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/pairs"
)

// tableBatches draws batches of given pairs: a pairTableSampler whose strata change with hard mining.
type tableBatches struct {
	*pairTableSampler
	hard float64 // share of the hardest pairs
}

// NewTableBatches returns a sampler of batches of given pairs over n items, for losses on pairs. It keeps pairs, which
// must not change. It returns an error for invalid pairs, no pairs and, without NaturalPairs, pairs of one label only.
func NewTableBatches(cfg Options, pairs pairs.Pairs, n int) (*tableBatches, error) {
	table, err := newPairTableSampler(pairs, n, cfg.BatchPairs, cfg.NaturalPairs)
	if err != nil {
		return nil, err
	}
	return &tableBatches{table, cfg.HardMining}, nil
}

// Draw returns n batches of pairs. With hard pairs it embeds the items once; hardness is not updated within the draw.
func (s *tableBatches) Draw(n int, rng *rand.Rand, embed func() (*embedding.Embeddings, error)) (Batches, error) {
	strata := s.Strata
	if s.hard > 0 {
		z, err := embed()
		if err != nil {
			return Batches{}, err
		}
		strata = s.withHard(s.farness(z), s.hard)
	}
	items, labels, weights := s.pairTableSampler.Draw(strata, n, rng)
	return Batches{Items: items, Labels: labels, Weights: weights}, nil
}

// Skip needs no embeddings: the number of random draws does not depend on which pairs are the hardest. So it draws with
// any strata of the same sizes; which pairs are left over concerns only the strata of all pairs.
func (s *tableBatches) Skip(n int, rng *rand.Rand) error {
	strata := s.Strata
	if s.hard > 0 {
		strata = s.withHard(func(int32) float64 { return 0 }, s.hard)
	}
	s.pairTableSampler.Draw(strata, n, rng)
	return nil
}
