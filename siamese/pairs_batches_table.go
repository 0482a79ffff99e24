package siamese

import "math/rand/v2"

// tableBatches draws batches from a table of pairs.
type tableBatches struct {
	*pairTableSampler
	hard float64 // share of the hardest pairs
}

// newTableBatches returns a sampler of batches of the pairs of a table over n items. It returns an error where
// newPairTableSampler does.
func newTableBatches(cfg batchOptions, pairs Pairs, n int) (*tableBatches, error) {
	table, err := newPairTableSampler(pairs, n, cfg.BatchPairs, cfg.NaturalPairs)
	if err != nil {
		return nil, err
	}
	return &tableBatches{table, cfg.HardPairs}, nil
}

func (s *tableBatches) draw(n int, rng *rand.Rand, embed func() (*Embeddings, error)) (batches, error) {
	strata := s.strata
	if s.hard > 0 {
		z, err := embed()
		if err != nil {
			return batches{}, err
		}
		strata = s.withHard(s.farness(z), s.hard)
	}
	items, labels, weights := s.pairTableSampler.draw(strata, n, rng)
	return batches{items, labels, weights}, nil
}

// pass need not know which pairs were the hardest: as many random numbers are used for any.
func (s *tableBatches) pass(n int, rng *rand.Rand) error {
	strata := s.strata
	if s.hard > 0 {
		strata = s.withHard(func(int32) float64 { return 0 }, s.hard)
	}
	s.pairTableSampler.draw(strata, n, rng)
	return nil
}
