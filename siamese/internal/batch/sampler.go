package batch

import (
	"math"
	"math/rand/v2"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/pairs"
)

// Sampler draws the batches of successive epochs. The same previous epochs, state of rng and embeddings give the same
// batches.
//
// Samplers keep which items or pairs are due between draws, and are not safe for concurrent use.
type Sampler interface {
	// Draw returns n batches of new slices. embed returns the embeddings [N, E] of all training items with the current
	// weights; it is called at most once and only for mining, and its error is returned.
	Draw(n int, rng *rand.Rand, embed func() (*embedding.Embeddings, error)) (Batches, error)
	// Skip leaves the sampler in the state after Draw(n, rng, …): a resumed run skips earlier epochs.
	Skip(n int, rng *rand.Rand) error
}

// Options say how batches are composed. They are settings of siamese.Config of the same names, already checked by its
// Validate: zero means zero or none.
type Options struct {
	pairs.SamplerOptions
	BatchPairs      int     // B, pairs in a batch; batches of items have 2B
	AllPairs        bool    // batches of items, for losses on all pairs of a batch, instead of pairs
	SamplesPerClass int     // items of a class in a batch of items
	DomainBatches   float64 // share of the batches of items that are of one domain, in [0, 1]
	HardMining      float64 // share of the pairs that are mined as the hardest, in [0, 1]
	NaturalPairs    bool    // draw given pairs by frequency, instead of half of a batch positive
	Devices         int     // that share a batch
}

// NewSampler returns a sampler of batches of the labelled items of train, by their classes. It returns an error if they
// do not suffice for such batches.
func NewSampler(cfg Options, train *data.Frame) (Sampler, error) {
	if cfg.AllPairs {
		s, err := NewClassSampler(train, cfg.LabelSeparator, cfg.SamplesPerClass, 2*cfg.BatchPairs)
		if err != nil {
			return nil, err // not s: a nil of its type is no nil sampler
		}
		if cfg.DomainBatches == 0 && cfg.AcrossDomains == 0 { // domains do not matter
			return s, nil
		}
		byDomain, err := newDomainSampler(cfg, train, s)
		if err != nil {
			return nil, err
		}
		return byDomain, nil
	}
	// For losses on pairs domains are the pair sampler's business.
	pairs, err := pairs.NewSampler(train, cfg.SamplerOptions)
	if err != nil {
		return nil, err
	}
	return &pairBatches{Sampler: pairs, size: cfg.BatchPairs, hard: cfg.HardMining}, nil
}

// pairBatches draws batches of balanced labelled pairs, a share of them mined as hard.
type pairBatches struct {
	*pairs.Sampler
	size int     // pairs in a batch, B
	hard float64 // share of mined pairs
}

// Draw returns n batches of pairs. Mined pairs are drawn after the others and then mixed with them, over the batches of
// the whole epoch.
func (s *pairBatches) Draw(n int, rng *rand.Rand, embed func() (*embedding.Embeddings, error)) (Batches, error) {
	count := n * s.size
	mined := int(math.Round(s.hard * float64(count))) // of the epoch; a batch may have more or fewer
	pairs, err := s.DrawFrom(rng, count-mined)
	if err != nil {
		return Batches{}, err
	}
	if mined > 0 {
		z, err := embed()
		if err != nil {
			return Batches{}, err
		}
		hard, err := s.Mine(rng, z, mined)
		if err != nil {
			return Batches{}, err
		}
		pairs.Left, pairs.Right = append(pairs.Left, hard.Left...), append(pairs.Right, hard.Right...)
		pairs.Label = append(pairs.Label, hard.Label...)
		// Hard pairs spread over all batches: the last of an epoch should not be of hard pairs alone.
		rng.Shuffle(count, func(i, j int) {
			pairs.Left[i], pairs.Left[j] = pairs.Left[j], pairs.Left[i]
			pairs.Right[i], pairs.Right[j] = pairs.Right[j], pairs.Right[i]
			pairs.Label[i], pairs.Label[j] = pairs.Label[j], pairs.Label[i]
		})
	}
	return Batches{Items: Sides(pairs.Left, pairs.Right, s.size), Labels: pairs.Label}, nil
}

// Skip does nothing: epochs are independent.
func (s *pairBatches) Skip(int, *rand.Rand) error { return nil }

// Sides returns the items of pairs as a training step expects them: of every size pairs the left sides, then the right
// sides. The number of pairs is a multiple of size.
func Sides(left, right []int32, size int) []int32 {
	// Left and right halves of a batch are what the loss takes apart again.
	items := make([]int32, 0, 2*len(left))
	for k := 0; k < len(left); k += size {
		items = append(append(items, left[k:k+size]...), right[k:k+size]...)
	}
	return items
}
