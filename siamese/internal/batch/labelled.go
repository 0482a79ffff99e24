package batch

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
)

// LabelledSampler draws batches of items that hold many of the given labelled pairs, for losses on all pairs of a
// batch. Pairs without a label are unknown to the loss.
//
// Pairs are taken from the strata of a pairTableSampler in turn, and each is used once before any is used again, across
// draws. After the items of a pair come partners: items that are labelled with items of the batch, those with most such
// pairs first, which makes the relation denser. No item is twice in a batch.
type LabelledSampler struct {
	Table    *pairTableSampler
	of       [][]int32 // places in the table of an item's pairs with weight
	Size     int       // items of a batch, 2B
	MaxPairs int       // K, most labelled pairs of a batch; more are dropped at random. A multiple of the devices
	partners int       // items added after a pair
}

// maxLabelledPerPair times Config.BatchPairs bounds the labelled pairs of a batch. A compiled step has room for a fixed
// number, and a few items with very many pairs should not set it for all batches.
const maxLabelledPerPair = 32

// NewLabelledSampler returns a sampler of the pairs with weight in a table over n items. It returns an error if there
// are fewer items than a batch takes.
func NewLabelledSampler(cfg Options, table *tableBatches, n int) (*LabelledSampler, error) {
	s := &LabelledSampler{Table: table.pairTableSampler, of: make([][]int32, n), Size: 2 * cfg.BatchPairs, partners: 2}
	if n < s.Size {
		return nil, option.Errorf("batch_pairs",
			"a batch takes %d items, 2 for each pair, and the pairs have %d: give %d or less", s.Size, n, n/2)
	}
	// The table leaves out pairs of weight 0, and so does this.
	for _, stratum := range table.Strata {
		for _, k := range stratum.Places {
			for _, item := range []int32{table.pairs.Left[k], table.pairs.Right[k]} {
				s.of[item] = append(s.of[item], k)
			}
		}
	}
	// The room for pairs is fixed before the first batch, because it is a shape of the compiled graph.
	counts := make([]int, n)
	for i, list := range s.of {
		counts[i] = len(list)
	}
	slices.SortFunc(counts, func(a, b int) int { return cmp.Compare(b, a) })
	// No batch has more pairs than the items with most pairs would give, each pair counted from both of its items.
	s.MaxPairs = min(maxLabelledPerPair*cfg.BatchPairs, max(1, itemset.Sum(counts[:s.Size])/2))
	s.MaxPairs = (s.MaxPairs + cfg.Devices - 1) / cfg.Devices * cfg.Devices // each has its part
	return s, nil
}

// Draw returns n batches, each of whose items comes once in it. Labels of a batch are [3K]: for each of K pairs the
// position of one item in the batch, then those of the other items, then the weights of "same". Weights are [3K] with
// the weights of "different" in the last K. Unused places have weight 0.
func (s *LabelledSampler) Draw(n int, rng *rand.Rand, _ func() (*embedding.Embeddings, error)) (Batches, error) {
	d := &LabelledDraw{LabelledSampler: s, Rng: rng, Place: make([]int, len(s.of))}
	for _, stratum := range s.Table.Strata {
		d.Queues = append(d.Queues, NewQueue(stratum.Places, *stratum.left, rng))
	}
	// Strata alternate, a random one first, so that short draws neglect none.
	d.turn = rng.IntN(len(d.Queues))
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

// Skip draws the batches and drops them.
func (s *LabelledSampler) Skip(n int, rng *rand.Rand) error {
	_, err := s.Draw(n, rng, nil)
	return err
}

// LabelledDraw is a draw in progress. Tests step through it batch by batch.
type LabelledDraw struct {
	*LabelledSampler
	Rng    *rand.Rand
	Queues []queue // of the strata
	turn   int     // of them
	Items  []int32 // of the batch
	Drawn  []int32 // pairs drawn into it
	Place  []int   // position of an item in the batch, from 1; 0 = not in it
}

// Next draws the items of the next batch into Items and Place: pairs with their partners, then more partners, then
// items at random where the pairs do not fill it. It costs about O(Size · partnerTries · pairs of an item).
func (d *LabelledDraw) Next() {
	for _, item := range d.Items {
		d.Place[item] = 0
	}
	d.Items, d.Drawn = d.Items[:0], d.Drawn[:0]
	used := make([]int, len(d.Queues))
	// idle counts strata in a row that have no pair left. Both items of a pair must fit.
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
	// The pairs of all strata are used up, or there is no room for both items of one more.
	for len(d.Items) < d.Size && d.addPartner() {
	}
	if len(d.Items) == d.Size {
		return
	}
	for _, item := range d.Rng.Perm(len(d.of)) { // items without pairs in the batch
		d.add(int32(item))
	}
}

// add adds an item to the batch and notes its position, unless it is in it or the batch is full.
func (d *LabelledDraw) add(item int32) {
	if d.Place[item] == 0 && len(d.Items) < d.Size {
		d.Items = append(d.Items, item)
		d.Place[item] = len(d.Items)
	}
}

// partnerTries is the number of random candidates for a partner.
const partnerTries = 8

// addPartner adds an item that is labelled with an item of the batch: of a few random candidates the one that is
// labelled with most of them. It returns false if no candidate was found, which does not mean that there is none.
// Trying all would be slow where items have many pairs.
func (d *LabelledDraw) addPartner() bool {
	best, most := int32(-1), 0
	// A candidate is at the other end of a random pair of a random item of the batch.
	for range partnerTries {
		item := d.Items[d.Rng.IntN(len(d.Items))]
		if len(d.of[item]) == 0 {
			continue
		}
		other := d.other(d.of[item][d.Rng.IntN(len(d.of[item]))], item)
		if d.Place[other] > 0 {
			continue
		}
		// How many pairs it would add to the batch.
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

// other returns the item of a pair that is not item. No pair is of an item with itself ([pairs.Pairs.Validate]).
func (d *LabelledDraw) other(pair, item int32) int32 {
	if left := d.Table.pairs.Left[pair]; left != item {
		return left
	}
	return d.Table.pairs.Right[pair]
}

// Label writes the labels and weights of the batch; see [LabelledSampler.Draw]. Pairs of the same two items are added
// up here, in a fixed order, and not by the graph, whose order could vary.
func (d *LabelledDraw) Label(labels, weights []float32) {
	type known struct{ same, different float32 } // weight of each label; a graded pair has both
	sums := map[[2]int]known{}
	var order [][2]int
	// Pairs that brought items into the batch come first, so that none of them is dropped.
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
			if key[0] != at { // not in the batch, or counted from its other item
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
	// The others are dropped at random beyond MaxPairs, not by position: that would favour the first items.
	if rest := order[first:]; len(order) > d.MaxPairs {
		d.Rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
		order = order[:d.MaxPairs]
	}
	// What is not written stays 0: positions of item 0 with itself, of weight 0.
	for i, key := range order {
		labels[i], labels[d.MaxPairs+i] = float32(key[0]), float32(key[1])
		labels[2*d.MaxPairs+i], weights[2*d.MaxPairs+i] = sums[key].same, sums[key].different
	}
}

// places returns the positions of a pair's items in the batch, from 0, the lower first; -1 = not in it.
func (d *LabelledDraw) places(pair int32) [2]int {
	a, b := d.Place[d.Table.pairs.Left[pair]]-1, d.Place[d.Table.pairs.Right[pair]]-1
	return [2]int{min(a, b), max(a, b)}
}
