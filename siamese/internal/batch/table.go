package batch

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/pairs"
)

// pairTableSampler draws batches from a table of labelled pairs. Strata are the positive and the negative pairs, or all
// pairs if they are drawn by frequency. Within a stratum every pair is used once before any is used again, across
// draws.
type pairTableSampler struct {
	pairs  pairs.Pairs // the table; a place is an index into it
	Strata []pairStratum
	size   int // pairs in a batch
}

// pairStratum are pairs that are drawn alike, so many of them for every batch.
type pairStratum struct {
	Places []int32 // in the table
	count  int     // in every batch
	// places still due, see queue.left; nil = draws are independent, as for hard pairs, which are others every epoch. A
	// pointer, because withHard returns copies of a stratum that must keep one state.
	left *[]int32
}

// newPairTableSampler returns a sampler of batches of size pairs over n items. Half of a batch is positive, rounded
// down; with natural, pairs are drawn by frequency. A graded pair is positive from label 1/2. Pairs of weight 0 are
// left out, because a step on them has no gradient.
//
// It returns an error for invalid pairs, no pairs and, unless natural, pairs of one label only.
func newPairTableSampler(pairs pairs.Pairs, n, size int, natural bool) (*pairTableSampler, error) {
	if _, err := pairs.Validate(n); err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, fmt.Errorf("a batch of %d pairs: it takes at least 1", size)
	}
	var different, same []int32
	for k := range int32(pairs.Len()) {
		switch {
		case pairs.WeightOf(int(k)) == 0: // left out
		case natural || !pairs.Same(int(k)):
			different = append(different, k)
		default:
			same = append(same, k)
		}
	}
	// Positive pairs are the first stratum: the order is part of what a seed gives.
	s := &pairTableSampler{pairs: pairs, size: size}
	switch {
	case len(different)+len(same) == 0:
		return nil, errors.New("there are none with a weight above 0 to train on")
	case natural: // one stratum of all, which different holds by now
		s.Strata = []pairStratum{{different, size, new([]int32)}}
	case len(different) == 0 || len(same) == 0:
		return nil, option.Errorf("natural_pairs", "without it half of a batch is positive, and there are %d "+
			"positive and %d negative pairs: add some, or set it", len(same), len(different))
	default:
		s.Strata = []pairStratum{{same, size / 2, new([]int32)}, {different, size - size/2, new([]int32)}}
	}
	return s, nil
}

// hardestShare is the share of the pairs of a stratum that hard pairs are drawn from. The very hardest too often have a
// wrong label.
const hardestShare = 0.1

// farness returns the distance |cosine - label| of a pair, in [0, 2], by the embeddings z of all items.
func (s *pairTableSampler) farness(z *embedding.Embeddings) func(place int32) float64 {
	cosines, _ := pairs.Scores(z, s.pairs)
	return func(k int32) float64 { return math.Abs(float64(cosines[k]) - float64(s.pairs.Label[k])) }
}

// withHard returns strata in which a share of every batch comes from the hardest tenth of its stratum, by farness; ties
// are ordered by place. How many pairs are drawn from which stratum does not depend on farness.
func (s *pairTableSampler) withHard(farness func(place int32) float64, share float64) []pairStratum {
	// Hard strata come before the others of their kind, and are drawn from independently: a hard pair may come in both.
	var strata []pairStratum
	for _, stratum := range s.Strata {
		hard := int(math.Round(share * float64(stratum.count)))
		if hard > 0 { // a stable sort of all: O(n log n) once an epoch
			places := slices.Clone(stratum.Places)
			slices.SortStableFunc(places, func(a, b int32) int { return cmp.Compare(farness(b), farness(a)) })
			most := int(math.Ceil(hardestShare * float64(len(places))))
			strata = append(strata, pairStratum{places[:most], hard, nil})
		}
		if hard < stratum.count {
			strata = append(strata, pairStratum{stratum.Places, stratum.count - hard, stratum.left})
		}
	}
	return strata
}

// Draw returns n batches of strata: items [n, 2B], of each batch the left items and then the right ones, and the labels
// and weights of the pairs, both [n, B]. The pairs of a batch are shuffled, so that devices that share it get the same
// mix. The same draws before, n and state of rng give the same batches.
func (s *pairTableSampler) Draw(strata []pairStratum, n int,
	rng *rand.Rand) (items []int32, labels, weights []float32) {
	queues := make([]queue, len(strata))
	for i, stratum := range strata {
		var left []int32
		if stratum.left != nil {
			left = *stratum.left
		}
		queues[i] = NewQueue(stratum.Places, left, rng)
	}
	// The order of random draws, a batch after another and strata in order, is part of the contract of Skip.
	items, labels, weights = make([]int32, 0, 2*n*s.size), make([]float32, 0, n*s.size), make([]float32, 0, n*s.size)
	batch := make([]int32, 0, s.size) // places of its pairs
	for range n {
		batch = batch[:0]
		for i, stratum := range strata {
			for k := range stratum.count {
				// A stratum smaller than its part of a batch repeats within it.
				batch = append(batch, queues[i].next(k%len(stratum.Places), rng))
			}
		}
		rng.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
		for _, k := range batch {
			items = append(items, s.pairs.Left[k])
			labels, weights = append(labels, s.pairs.Label[k]), append(weights, s.pairs.WeightOf(int(k)))
		}
		for _, k := range batch {
			items = append(items, s.pairs.Right[k])
		}
	}
	for i, stratum := range strata { // for the next draw
		if stratum.left != nil {
			*stratum.left = queues[i].left()
		}
	}
	return items, labels, weights
}
