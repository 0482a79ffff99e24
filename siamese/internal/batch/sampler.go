package batch

import (
	"math"
	"math/rand/v2"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/pairs"
)

// Sampler draws the batches of one epoch after the other. The same epochs before, state of rng and embeddings give the
// same batches.
type Sampler interface {
	// draw returns n batches. embed returns the embeddings of all training items by the weights as they are.
	Draw(n int, rng *rand.Rand, embed func() (*embedding.Embeddings, error)) (Batches, error)
	// pass leaves the sampler as draw did when it drew these batches in a run that is gone on with.
	Skip(n int, rng *rand.Rand) error
}

// Options say what batches are made of.
type Options struct {
	pairs.SamplerOptions
	BatchPairs      int     // B, pairs in a batch; batches of items have 2B
	AllPairs        bool    // batches are of items, for losses on all pairs of a batch, instead of pairs
	SamplesPerClass int     // of a class that come together in a batch of items
	DomainBatches   float64 // share of the batches of items that are all of one domain, in [0, 1]
	HardMining      float64 // share of the pairs that are mined as the hardest, in [0, 1]
	NaturalPairs    bool    // given pairs come by frequency, instead of half of a batch positive
	Devices         int     // that share a batch
}

// NewSampler returns the sampler of batches of the labelled items of train.
func NewSampler(cfg Options, train *data.Frame) (Sampler, error) {
	if cfg.AllPairs {
		s, err := NewClassSampler(train, cfg.LabelSeparator, cfg.SamplesPerClass, 2*cfg.BatchPairs)
		if err != nil {
			return nil, err // not s: a nil of its type is no nil sampler
		}
		if cfg.DomainBatches == 0 && cfg.AcrossDomains == 0 {
			return s, nil
		}
		byDomain, err := newDomainSampler(cfg, train, s)
		if err != nil {
			return nil, err
		}
		return byDomain, nil
	}
	pairs, err := pairs.NewSampler(train, cfg.SamplerOptions)
	if err != nil {
		return nil, err
	}
	return &pairBatches{Sampler: pairs, size: cfg.BatchPairs, hard: cfg.HardMining}, nil
}

// pairBatches draws batches of balanced labelled pairs, some of them the hardest that there are.
type pairBatches struct {
	*pairs.Sampler
	size int
	hard float64 // share of mined pairs
}

func (s *pairBatches) Draw(n int, rng *rand.Rand, embed func() (*embedding.Embeddings, error)) (Batches, error) {
	count := n * s.size
	mined := int(math.Round(s.hard * float64(count)))
	pairs := s.DrawFrom(rng, count-mined)
	if mined > 0 {
		z, err := embed()
		if err != nil {
			return Batches{}, err
		}
		hard := s.Mine(rng, z, mined)
		pairs.Left, pairs.Right = append(pairs.Left, hard.Left...), append(pairs.Right, hard.Right...)
		pairs.Label = append(pairs.Label, hard.Label...)
		rng.Shuffle(count, func(i, j int) {
			pairs.Left[i], pairs.Left[j] = pairs.Left[j], pairs.Left[i]
			pairs.Right[i], pairs.Right[j] = pairs.Right[j], pairs.Right[i]
			pairs.Label[i], pairs.Label[j] = pairs.Label[j], pairs.Label[i]
		})
	}
	return Batches{Items: Sides(pairs.Left, pairs.Right, s.size), Labels: pairs.Label}, nil
}

// Skip does nothing: every epoch is drawn for itself.
func (s *pairBatches) Skip(int, *rand.Rand) error { return nil }

// Sides returns the items of pairs as a stepper takes them: of every size pairs the left sides, then the right ones.
func Sides(left, right []int32, size int) []int32 {
	items := make([]int32, 0, 2*len(left))
	for k := 0; k < len(left); k += size {
		items = append(append(items, left[k:k+size]...), right[k:k+size]...)
	}
	return items
}
