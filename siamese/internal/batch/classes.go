package batch

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
)

// classSampler draws batches of items with several of each class, for losses on all pairs of a batch. Classes take
// turns, so that rare and frequent ones are in equally many batches. All items of a class are used once before any is
// used again, across epochs. No item is twice in a batch: an item of several classes counts for all of them.
type classSampler struct {
	labels   *itemset.Labelling
	items    [][]int32 // of a class, by its number
	left     [][]int32 // of a class that are still to come, see queue.left; the only state between draws
	perClass int       // items of a class in a batch; the last class of a batch may get fewer
	size     int       // items in a batch
}

// NewClassSampler returns a sampler of batches of size items, perClass of each class or all of a smaller class.
// separator makes labels lists of classes, "" = a label is one class. Items without a label are left out. It returns an
// error if there are no labels, only one class, no class with two items, or fewer than size labelled items.
func NewClassSampler(frame *data.Frame, separator string, perClass, size int) (*classSampler, error) {
	if frame.Labels == nil {
		return nil, errors.New("batches: the frame has no labels, and batches are drawn by class: " +
			"give labels, or train on labelled pairs")
	}
	labels := itemset.LabelsOf(frame, separator)
	classes := len(labels.Names)
	s := &classSampler{labels: labels, items: make([][]int32, classes), left: make([][]int32, classes),
		perClass: perClass, size: size}
	labelled, twice := 0, false // items with a label; whether a class has two
	// An item of several classes is in the list of each.
	for i, list := range labels.Of {
		for _, c := range list {
			s.items[c] = append(s.items[c], int32(i))
			twice = twice || len(s.items[c]) > 1
		}
		if len(list) > 0 {
			labelled++
		}
	}
	switch {
	case classes < 2 || !twice:
		return nil, fmt.Errorf("batches: %d class(es), %d labelled items: at least two classes are needed, "+
			"one of them with two items", classes, labelled)
	case labelled < size:
		return nil, option.Errorf("batch_pairs",
			"a batch takes %d items, 2 for each pair, and %d have a label: give %d or less", size, labelled, labelled/2)
	}
	return s, nil
}

// Draw returns n batches of items with their class numbers, labels.Most for each item; -1 = none. It ends because there
// are at least as many labelled items as a batch takes: a class that has no item left for a batch is passed over.
func (s *classSampler) Draw(n int, rng *rand.Rand, _ func() (*embedding.Embeddings, error)) (Batches, error) {
	var items []int32
	// A queue for each class; rng shuffles them in order of class numbers.
	queues := make([]queue, len(s.items))
	for c := range queues {
		queues[c] = NewQueue(s.items[c], s.left[c], rng)
	}
	order := rng.Perm(len(queues))
	turn := 0                           // in order; runs on across batches, so that none is favoured by coming first
	in := make([]int, len(s.labels.Of)) // number of the last batch with the item, from 1
	for batch := 1; batch <= n; batch++ {
		used := make([]int, len(queues)) // items of a class that have come in this batch
		for left := s.size; left > 0; turn++ {
			if turn == len(order) {
				rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				turn = 0
			}
			c := order[turn]
			// Up to perClass items of the class that are not in the batch yet.
			for take := min(s.perClass, left); take > 0 && used[c] < len(queues[c].items); used[c]++ {
				item := queues[c].next(used[c], rng)
				if in[item] == batch { // it came for another class, and counts as used for this one too
					continue
				}
				in[item] = batch
				items = append(items, item)
				take, left = take-1, left-1
			}
		}
	}
	// Kept only now: a draw begins with what earlier draws left and changes nothing before its end.
	for c := range queues {
		s.left[c] = queues[c].left()
	}
	return Batches{Items: items, Labels: s.labels.Numbers(items)}, nil
}

// Skip draws the batches and drops them: what is left of the classes depends on them.
func (s *classSampler) Skip(n int, rng *rand.Rand) error {
	_, err := s.Draw(n, rng, nil)
	return err
}

// queue yields items in random order, endlessly, in rounds: all of them come once before any comes again. A queue lives
// for one draw. Between draws only the items that are left are kept, in any order, because the next draw has a
// generator of its own and shuffles them again.
type queue struct {
	items []int32
	at    int  // place of the next item
	first int  // number of items that come first: those left by an earlier queue of the same items
	again bool // all items came at least once, and a new round has begun
}

// NewQueue returns a queue of items in which those left by an earlier queue come first. Neither list is changed. It
// costs O(len(items)).
func NewQueue(items, left []int32, rng *rand.Rand) queue {
	// Both parts are shuffled by themselves: what was left comes first, in a new order.
	q := queue{items: slices.Clone(left), first: len(left)}
	isLeft := make(map[int32]bool, len(left)) // to append only the others
	for _, item := range left {
		isLeft[item] = true
	}
	for _, item := range items {
		if !isLeft[item] {
			q.items = append(q.items, item)
		}
	}
	shuffle(q.items[:q.first], rng)
	shuffle(q.items[q.first:], rng)
	return q
}

// shuffle permutes items in place.
func shuffle(items []int32, rng *rand.Rand) {
	rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
}

// left returns the items that are still due; none if all came in this queue, so that the next one starts fresh. Items
// that came first finished the round of the earlier queue, and are due again in the round that began after them.
func (q *queue) left() []int32 {
	switch {
	case q.again:
		return nil
	case q.at < q.first:
		return q.items[q.at:q.first]
	}
	return slices.Concat(q.items[q.at:], q.items[:q.first])
}

// next returns the next item. The last used ones are in the current batch: if a round ends within a batch they stay at
// the end of the next round, so that none comes twice in the batch.
func (q *queue) next(used int, rng *rand.Rand) int32 {
	if q.at == len(q.items) {
		shuffle(q.items[:q.at-used], rng)
		q.at, q.again = 0, true
	}
	q.at++
	return q.items[q.at-1]
}
