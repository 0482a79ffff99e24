package siamese

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// judgedSampler draws batches of items that hold many of the given pairs, for losses that compare all items of a batch: of the
// pairs that were judged they are told the labels, of the others that nothing is known.
//
// Given pairs bring their items into a batch one after the other, from the strata of a pairTableSampler in turn, so that every
// pair comes once before one comes again, over draws where one is too short for all. After each come items that were judged
// with items of the batch, those with more such pairs first, which makes the relation denser. No item is twice in a batch.
type judgedSampler struct {
	table    *pairTableSampler
	of       [][]int32 // places of an item's pairs
	size     int       // items of a batch
	most     int       // pairs of a batch that are told, at most; what is beyond is left out at random
	partners int       // items that come after a pair
}

// judgedPerPair is how many pairs are told of a batch, for each of its Config.BatchPairs, at most.
const judgedPerPair = 32

// newJudgedSampler returns a sampler of the pairs of a table that have a weight, of n items. It returns an error when the pairs
// have fewer items than a batch takes.
func newJudgedSampler(cfg batchOptions, table *tableBatches, n int) (*judgedSampler, error) {
	s := &judgedSampler{table: table.pairTableSampler, of: make([][]int32, n), size: 2 * cfg.BatchPairs, partners: 2}
	if n < s.size {
		return nil, fmt.Errorf("pairs: %d items are fewer than a batch of 2 x batch_pairs = %d takes: lower batch_pairs", n, s.size)
	}
	for _, stratum := range table.strata {
		for _, k := range stratum.places {
			for _, item := range []int32{table.pairs.Left[k], table.pairs.Right[k]} {
				s.of[item] = append(s.of[item], k)
			}
		}
	}
	counts := make([]int, n)
	for i, list := range s.of {
		counts[i] = len(list)
	}
	slices.SortFunc(counts, func(a, b int) int { return cmp.Compare(b, a) })
	s.most = min(judgedPerPair*cfg.BatchPairs, max(1, sum(counts[:s.size])/2)) // no batch has more than its items
	s.most = (s.most + cfg.Devices - 1) / cfg.Devices * cfg.Devices            // each has its part
	return s, nil
}

// draw returns n batches. The labels of a batch are, for each of its pairs, the place of one item in it, then for each that of
// the other, then for each how much it is the same; the weights are how much it differs. Pairs that are not there weigh 0.
func (s *judgedSampler) draw(n int, rng *rand.Rand, _ func() (*Embeddings, error)) (batches, error) {
	d := &judgedDraw{judgedSampler: s, rng: rng, place: make([]int, len(s.of))}
	for _, stratum := range s.table.strata {
		d.queues = append(d.queues, newQueue(stratum.places, *stratum.left, rng))
	}
	d.turn = rng.IntN(len(d.queues)) // a short draw leaves none out for ever
	out := batches{labels: make([]float32, 3*n*s.most), weights: make([]float32, 3*n*s.most)}
	for k := range n {
		d.batch()
		d.tell(out.labels[3*k*s.most:3*(k+1)*s.most], out.weights[3*k*s.most:3*(k+1)*s.most])
		out.items = append(out.items, d.items...)
	}
	for i, stratum := range s.table.strata {
		*stratum.left = d.queues[i].left()
	}
	return out, nil
}

func (s *judgedSampler) pass(n int, rng *rand.Rand) error {
	_, err := s.draw(n, rng, nil)
	return err
}

// judgedDraw is some batches that are being drawn.
type judgedDraw struct {
	*judgedSampler
	rng    *rand.Rand
	queues []queue // of the strata
	turn   int     // of them
	items  []int32 // of the batch
	came   []int32 // pairs that brought their items into it
	place  []int   // of an item in the batch, from 1; 0 = it is not in it
}

// batch draws the items of the next batch.
func (d *judgedDraw) batch() {
	for _, item := range d.items {
		d.place[item] = 0
	}
	d.items, d.came = d.items[:0], d.came[:0]
	used := make([]int, len(d.queues))
	for idle := 0; len(d.items) <= d.size-2 && idle < len(d.queues) && len(d.came) < d.most; d.turn++ {
		i := d.turn % len(d.queues)
		if used[i] == len(d.queues[i].items) { // all its pairs are in the batch
			idle++
			continue
		}
		idle = 0
		k := d.queues[i].next(used[i], d.rng)
		used[i]++
		d.came = append(d.came, k)
		d.add(d.table.pairs.Left[k])
		d.add(d.table.pairs.Right[k])
		for range d.partners {
			d.addPartner()
		}
	}
	for len(d.items) < d.size && d.addPartner() {
	}
	if len(d.items) == d.size {
		return
	}
	for _, item := range d.rng.Perm(len(d.of)) { // with nothing that is known of them and the batch
		d.add(int32(item))
	}
}

// add puts an item into the batch, where it is not in it and there is room.
func (d *judgedDraw) add(item int32) {
	if d.place[item] == 0 && len(d.items) < d.size {
		d.items = append(d.items, item)
		d.place[item] = len(d.items)
	}
}

// partnerTries is how many items judged with items of the batch are looked at for the one that is judged with most.
const partnerTries = 8

// addPartner adds an item that was judged with items of the batch. It returns false when none was found.
func (d *judgedDraw) addPartner() bool {
	best, most := int32(-1), 0
	for range partnerTries {
		item := d.items[d.rng.IntN(len(d.items))]
		if len(d.of[item]) == 0 {
			continue
		}
		other := d.other(d.of[item][d.rng.IntN(len(d.of[item]))], item)
		if d.place[other] > 0 {
			continue
		}
		count := 0
		for _, k := range d.of[other] {
			if d.place[d.other(k, other)] > 0 {
				count++
			}
		}
		if count > most {
			best, most = other, count
		}
	}
	if best < 0 {
		return false
	}
	d.add(best)
	return true
}

// other returns the item of a pair that is not item.
func (d *judgedDraw) other(pair, item int32) int32 {
	if left := d.table.pairs.Left[pair]; left != item {
		return left
	}
	return d.table.pairs.Right[pair]
}

// tell writes what is known of the batch. Pairs of the same two items are one, with the sum of what each says: the graph adds
// nothing up, the order of which could differ.
func (d *judgedDraw) tell(labels, weights []float32) {
	type known struct{ same, different float32 }
	sums := map[[2]int]known{}
	var order [][2]int
	for _, k := range d.came {
		order = append(order, d.places(k))
	}
	slices.SortFunc(order, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	order = slices.Compact(order)
	for _, key := range order {
		sums[key] = known{}
	}
	first := len(order)
	for at, item := range d.items {
		for _, k := range d.of[item] {
			key := d.places(k)
			if key[0] != at { // not in the batch, or told from its other side
				continue
			}
			was, again := sums[key]
			if !again {
				order = append(order, key)
			}
			label, weight := d.table.pairs.Label[k], d.table.pairs.weight(int(k))
			sums[key] = known{was.same + weight*label, was.different + weight*(1-label)}
		}
	}
	if rest := order[first:]; len(order) > d.most {
		d.rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
		order = order[:d.most]
	}
	for i, key := range order {
		labels[i], labels[d.most+i] = float32(key[0]), float32(key[1])
		labels[2*d.most+i], weights[2*d.most+i] = sums[key].same, sums[key].different
	}
}

// places returns the places of a pair's items in the batch, from 0, the lower one first; -1 = it is not in it.
func (d *judgedDraw) places(pair int32) [2]int {
	a, b := d.place[d.table.pairs.Left[pair]]-1, d.place[d.table.pairs.Right[pair]]-1
	return [2]int{min(a, b), max(a, b)}
}
