package siamese

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/go-siamese/lab/data"
)

// classSampler draws batches of items with several of each class, for losses that compare all items of a batch.
// Classes come in turn, so that a rare one is in as many batches as a frequent one, and the items of a class all
// come before one comes again. No item is twice in a batch.
type classSampler struct {
	items    [][]int32 // of a class
	perClass int
	size     int // items in a batch
}

// newClassSampler returns a sampler of batches of size items with perClass of each class, fewer of a class that
// has fewer. Items without a label are left out. It returns an error when there are no labels, one class only, no
// class with two items, or fewer labelled items than a batch takes.
func newClassSampler(frame *data.Frame, perClass, size int) (*classSampler, error) {
	if frame.Labels == nil {
		return nil, errors.New("batches: the frame has no labels, and batches are drawn by class: give labels, or train on labelled pairs with a loss on pairs (TrainPairs)")
	}
	names, index := frame.Classes()
	s := &classSampler{items: make([][]int32, len(names)), perClass: perClass, size: size}
	labelled, twice := 0, false
	for i, c := range index {
		if c >= 0 {
			s.items[c] = append(s.items[c], int32(i))
			labelled++
			twice = twice || len(s.items[c]) > 1
		}
	}
	switch {
	case len(names) < 2 || !twice:
		return nil, fmt.Errorf("batches: %d class(es), %d labelled items: at least two classes are needed, one of them with two items", len(names), labelled)
	case labelled < size:
		return nil, fmt.Errorf("batches: %d labelled items are fewer than a batch of 2 x batch_pairs = %d takes: lower batch_pairs", labelled, size)
	}
	return s, nil
}

// draw returns n batches of items with their class numbers.
func (s *classSampler) draw(n int, rng *rand.Rand, _ func() (*Embeddings, error)) (batches, error) {
	var items []int32
	var classes []float32
	queues := make([]queue, len(s.items))
	for c := range queues {
		queues[c].items = append([]int32(nil), s.items[c]...)
		queues[c].shuffle(rng)
	}
	order := rng.Perm(len(queues))
	turn := 0
	for range n {
		used := make([]int, len(queues)) // items of a class in this batch
		for left := s.size; left > 0; turn++ {
			if turn == len(order) {
				rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				turn = 0
			}
			c := order[turn]
			take := min(s.perClass, left, len(queues[c].items)-used[c])
			for range take {
				items, classes = append(items, queues[c].next(used[c], rng)), append(classes, float32(c))
				used[c]++
			}
			left -= take
		}
	}
	return batches{items: items, labels: classes}, nil
}

// queue gives the items of a class in random order, again and again.
type queue struct {
	items []int32
	at    int
}

func (q *queue) shuffle(rng *rand.Rand) {
	rng.Shuffle(len(q.items), func(i, j int) { q.items[i], q.items[j] = q.items[j], q.items[i] })
}

// next returns the next item. The last `used` ones are in the batch already: when a round ends amid a batch they
// stay at the end of the next round, so that none of them comes twice in the batch.
func (q *queue) next(used int, rng *rand.Rand) int32 {
	if q.at == len(q.items) {
		rest := q.items[:q.at-used]
		rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
		q.at = 0
	}
	q.at++
	return q.items[q.at-1]
}
