package batch

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
)

// LabelledSampler draws batches of items that hold many of the given pairs, for losses that compare all items of a batch: of the
// pairs that were judged they are told the labels, of the others that nothing is known.
//
// Given pairs bring their items into a batch one after the other, from the strata of a pairTableSampler in turn, so that every
// pair comes once before one comes again, over draws where one is too short for all. After each come items that were judged
// with items of the batch, those with more such pairs first, which makes the relation denser. No item is twice in a batch.
type LabelledSampler struct {
	Table    *pairTableSampler
	of       [][]int32 // places of an item's pairs
	Size     int       // items of a batch
	MaxPairs int       // pairs of a batch that are told, at most; what is beyond is left out at random
	partners int       // items that come after a pair
}

// maxLabelledPerPair is how many pairs are told of a batch, for each of its Config.BatchPairs, at most.
const maxLabelledPerPair = 32

// NewLabelledSampler returns a sampler of the pairs of a table that have a weight, of n items. It returns an error when the pairs
// have fewer items than a batch takes.
func NewLabelledSampler(cfg Options, table *tableBatches, n int) (*LabelledSampler, error) {
	s := &LabelledSampler{Table: table.pairTableSampler, of: make([][]int32, n), Size: 2 * cfg.BatchPairs, partners: 2}
	if n < s.Size {
		return nil, fmt.Errorf("pairs: %d items are fewer than a batch of 2 x batch_pairs = %d takes: lower batch_pairs", n, s.Size)
	}
	for _, stratum := range table.Strata {
		for _, k := range stratum.Places {
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
	s.MaxPairs = min(maxLabelledPerPair*cfg.BatchPairs, max(1, itemset.Sum(counts[:s.Size])/2)) // no batch has more than its items
	s.MaxPairs = (s.MaxPairs + cfg.Devices - 1) / cfg.Devices * cfg.Devices                     // each has its part
	return s, nil
}

// Draw returns n batches. The labels of a batch are, for each of its pairs, the place of one item in it, then for each that of
// the other, then for each how much it is the same; the weights are how much it differs. Pairs that are not there weigh 0.
func (s *LabelledSampler) Draw(n int, rng *rand.Rand, _ func() (*embedding.Embeddings, error)) (Batches, error) {
	d := &LabelledDraw{LabelledSampler: s, Rng: rng, Place: make([]int, len(s.of))}
	for _, stratum := range s.Table.Strata {
		d.Queues = append(d.Queues, NewQueue(stratum.Places, *stratum.left, rng))
	}
	d.turn = rng.IntN(len(d.Queues)) // a short draw leaves none out for ever
	out := Batches{Labels: make([]float32, 3*n*s.MaxPairs), Weights: make([]float32, 3*n*s.MaxPairs)}
	for k := range n {
		d.Next()
		d.Label(out.Labels[3*k*s.MaxPairs:3*(k+1)*s.MaxPairs], out.Weights[3*k*s.MaxPairs:3*(k+1)*s.MaxPairs])
		out.Items = append(out.Items, d.Items...)
	}
	for i, stratum := range s.Table.Strata {
		*stratum.left = d.Queues[i].left()
	}
	return out, nil
}

func (s *LabelledSampler) Skip(n int, rng *rand.Rand) error {
	_, err := s.Draw(n, rng, nil)
	return err
}

// LabelledDraw is some batches that are being drawn.
type LabelledDraw struct {
	*LabelledSampler
	Rng    *rand.Rand
	Queues []queue // of the strata
	turn   int     // of them
	Items  []int32 // of the batch
	Drawn  []int32 // pairs that brought their items into it
	Place  []int   // of an item in the batch, from 1; 0 = it is not in it
}

// Next draws the items of the next batch.
func (d *LabelledDraw) Next() {
	for _, item := range d.Items {
		d.Place[item] = 0
	}
	d.Items, d.Drawn = d.Items[:0], d.Drawn[:0]
	used := make([]int, len(d.Queues))
	for idle := 0; len(d.Items) <= d.Size-2 && idle < len(d.Queues) && len(d.Drawn) < d.MaxPairs; d.turn++ {
		i := d.turn % len(d.Queues)
		if used[i] == len(d.Queues[i].items) { // all its pairs are in the batch
			idle++
			continue
		}
		idle = 0
		k := d.Queues[i].next(used[i], d.Rng)
		used[i]++
		d.Drawn = append(d.Drawn, k)
		d.add(d.Table.pairs.Left[k])
		d.add(d.Table.pairs.Right[k])
		for range d.partners {
			d.addPartner()
		}
	}
	for len(d.Items) < d.Size && d.addPartner() {
	}
	if len(d.Items) == d.Size {
		return
	}
	for _, item := range d.Rng.Perm(len(d.of)) { // with nothing that is known of them and the batch
		d.add(int32(item))
	}
}

// add puts an item into the batch, where it is not in it and there is room.
func (d *LabelledDraw) add(item int32) {
	if d.Place[item] == 0 && len(d.Items) < d.Size {
		d.Items = append(d.Items, item)
		d.Place[item] = len(d.Items)
	}
}

// partnerTries is how many items judged with items of the batch are looked at for the one that is judged with most.
const partnerTries = 8

// addPartner adds an item that was judged with items of the batch. It returns false when none was found.
func (d *LabelledDraw) addPartner() bool {
	best, most := int32(-1), 0
	for range partnerTries {
		item := d.Items[d.Rng.IntN(len(d.Items))]
		if len(d.of[item]) == 0 {
			continue
		}
		other := d.other(d.of[item][d.Rng.IntN(len(d.of[item]))], item)
		if d.Place[other] > 0 {
			continue
		}
		count := 0
		for _, k := range d.of[other] {
			if d.Place[d.other(k, other)] > 0 {
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
func (d *LabelledDraw) other(pair, item int32) int32 {
	if left := d.Table.pairs.Left[pair]; left != item {
		return left
	}
	return d.Table.pairs.Right[pair]
}

// Label writes what is known of the batch. Pairs of the same two items are one, with the sum of what each says: the graph adds
// nothing up, the order of which could differ.
func (d *LabelledDraw) Label(labels, weights []float32) {
	type known struct{ same, different float32 }
	sums := map[[2]int]known{}
	var order [][2]int
	for _, k := range d.Drawn {
		order = append(order, d.places(k))
	}
	slices.SortFunc(order, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	order = slices.Compact(order)
	for _, key := range order {
		sums[key] = known{}
	}
	first := len(order)
	for at, item := range d.Items {
		for _, k := range d.of[item] {
			key := d.places(k)
			if key[0] != at { // not in the batch, or told from its other side
				continue
			}
			was, again := sums[key]
			if !again {
				order = append(order, key)
			}
			label, weight := d.Table.pairs.Label[k], d.Table.pairs.WeightOf(int(k))
			sums[key] = known{was.same + weight*label, was.different + weight*(1-label)}
		}
	}
	if rest := order[first:]; len(order) > d.MaxPairs {
		d.Rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
		order = order[:d.MaxPairs]
	}
	for i, key := range order {
		labels[i], labels[d.MaxPairs+i] = float32(key[0]), float32(key[1])
		labels[2*d.MaxPairs+i], weights[2*d.MaxPairs+i] = sums[key].same, sums[key].different
	}
}

// places returns the places of a pair's items in the batch, from 0, the lower one first; -1 = it is not in it.
func (d *LabelledDraw) places(pair int32) [2]int {
	a, b := d.Place[d.Table.pairs.Left[pair]]-1, d.Place[d.Table.pairs.Right[pair]]-1
	return [2]int{min(a, b), max(a, b)}
}
