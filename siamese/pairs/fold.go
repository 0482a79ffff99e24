package pairs

import (
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// Folds returns k splits in which every item in pairs is a test item exactly once; see [NewSplit]. opt.Test is ignored.
// opt.Val is taken from the items that a fold does not test on; a share is one of all items in pairs. All splits lose
// the pairs between test folds; each loses those between its own sides as well.
//
// k is from 2 to the number of items (or groups) in pairs, at most 127. Errors are those of [NewSplit], and one if a
// fold has no pairs on one of its sides: with few pairs use fewer folds.
func Folds(pairs Pairs, frame *data.Frame, k int, opt SplitOptions) ([]*Split, error) {
	warnings, err := checkSplit(pairs, frame, opt)
	if err != nil {
		return nil, err
	}
	g := newPairGraph(pairs, frame.N(), opt.Groups, nil)
	if k < 2 || k > len(g.size) || k > 127 {
		return nil, fmt.Errorf("split pairs: %d folds of %d items or groups in pairs: want from 2 to their number, "+
			"at most 127", k, len(g.size))
	}
	// Test items are given by the folds; amounts then checks Val alone.
	opt.Test = 0
	val, _, err := opt.amounts(g.total[0])
	if err != nil {
		return nil, err
	}
	want := make([]float64, k)
	for fold := range want {
		want[fold] = g.total[0] / float64(k)
	}
	// One assignment to k sides of equal size makes the test items of all folds, so that each is tested on once.
	provenance.Seed(opt.Seed)
	rng := streams.Rand(opt.Seed, streams.PairSplit)
	folds, _ := g.assign(want, rng)
	// A seed gives all folds: they take their numbers from one stream, one after another.
	splits := make([]*Split, k)
	for fold := range splits {
		items := opt.items()
		items.Origin.Fold, items.Origin.Folds = fold+1, k
		rest := make([]bool, frame.N())
		for i, v := range g.node {
			switch {
			case v < 0:
			case folds[v] == int8(fold):
				items.Test = append(items.Test, i)
			default:
				rest[i] = true
			}
		}
		// The rest is split afresh, by the pairs that do not touch test items. Items that had only such pairs are in no
		// node, and so on no side.
		others := newPairGraph(pairs, frame.N(), opt.Groups, rest)
		if val >= others.total[0] {
			return nil, fmt.Errorf("split pairs: fold %d: %w", fold+1, option.Errorf("Val",
				"%.0f of the %.0f items that are in pairs and not tested on: none are left for training", val,
				others.total[0]))
		}
		side, cut := others.assign([]float64{others.total[0] - val, val}, rng)
		for i, v := range others.node {
			switch {
			case v >= 0 && side[v] == 1:
				items.Val = append(items.Val, i)
			case v >= 0:
				items.Train = append(items.Train, i)
			}
		}
		// Each split gets warnings of its own to append to.
		if splits[fold], err = finishSplit(pairs, frame, items, opt, cut,
			append([]string(nil), warnings...)); err != nil {
			return nil, fmt.Errorf("fold %d: %w", fold+1, err)
		}
	}
	return splits, nil
}
