package pairs

import (
	"fmt"
	"math/rand/v2"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// FromLabels returns the distinct pairs of labelled items of frame, for [evaluate.Pairs] or [siamese.TrainPairs]: all
// of them, or a random sample of most if there are more; most = 0 means all. The same items, most and seed give the
// same pairs.
//
// With a separator a label is a list of classes, as in Config.LabelSeparator, and items are the same if they share one.
// Items without a label are left out. Pairs are not balanced: the share of positive ones is that of all pairs. They are
// in the order of their left items, then of their right ones, with labels 0 and 1 and no weights.
//
// It returns an error if there are no labels, most is negative, or the pairs are all positive or all negative. It takes
// O(N²) operations, and memory for the pairs that it returns.
func FromLabels(frame *data.Frame, separator string, most int, seed uint64) (Pairs, error) {
	if frame == nil || frame.Labels == nil {
		return Pairs{}, fmt.Errorf("pairs of labels: the frame has no labels: give some, or labelled pairs")
	}
	if len(frame.Labels) != frame.N() {
		return Pairs{}, fmt.Errorf("pairs of labels: %d labels for %d items: see the frame's Validate",
			len(frame.Labels), frame.N())
	}
	if most < 0 {
		return Pairs{}, fmt.Errorf("pairs of labels: most is %d: it must not be negative; 0 = all", most)
	}
	labels := itemset.LabelsOf(frame, separator)
	var items []int32 // those with a class
	for i, list := range labels.Of {
		if len(list) > 0 {
			items = append(items, int32(i))
		}
	}
	n := int64(len(items))
	all := n * (n - 1) / 2 // below: the pairs that are still to come
	var p Pairs
	take := func(i, j int32) {
		p.Left, p.Right = append(p.Left, i), append(p.Right, j)
		label := float32(0)
		if same, _ := labels.Relation(int(i), int(j)); same {
			label = 1
		}
		p.Label = append(p.Label, label)
	}
	// Selection sampling in one pass (Knuth, The Art of Computer Programming, volume 2, algorithm S): a pair is taken
	// with probability wanted/all, so that every set of pairs is equally likely and none is drawn twice.
	wanted, rng := all, streams.Rand(seed, streams.Labels)
	if most > 0 {
		wanted = min(all, int64(most))
	}
	if wanted < all {
		provenance.Seed(seed)
	}
	for a := range items {
		for b := a + 1; b < len(items) && wanted > 0; b++ {
			if wanted == all || chosen(rng, wanted, all) {
				take(items[a], items[b])
				wanted--
			}
			all--
		}
	}
	if same, different := p.Counts(); same == 0 || different == 0 {
		return Pairs{},
			fmt.Errorf("pairs of labels: of %d pairs of %d labelled items %d are the same and %d different: "+
				"both are needed; add items, or draw more pairs", p.Len(), len(items), same, different)
	}
	return p, nil
}

// chosen is true with probability wanted/all, exactly: it compares whole numbers. It is always true for wanted = all.
func chosen(rng *rand.Rand, wanted, all int64) bool { return rng.Int64N(all) < wanted }
