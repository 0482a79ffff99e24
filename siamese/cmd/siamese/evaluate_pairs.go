package main

import (
	"context"
	"io"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/pairs"
)

// givenPairs returns the pairs in a table whose items are both among the validation items, and those whose items are
// both among the test items. Pairs across two sides are dropped: one of their items was trained on. The validation
// pairs choose the threshold; a side without pairs is an error.
func (u *loadedModel) givenPairs(ctx context.Context, path string, split *split.Split, joins *joinFlags,
	out io.Writer) (val, test pairs.Pairs, err error) {
	// Weights and labels come along; the split decides only which pairs are used.
	given, err := joins.openPairs(ctx, "pairs", path, u.frame, out)
	if err != nil {
		return val, test, err
	}
	sides, err := pairs.ApplySplit(given, u.frame, split)
	if err != nil {
		return val, test, err
	}
	// Both sides are needed: without validation pairs there is no threshold, without test pairs no evaluation.
	for _, side := range []struct {
		name  string
		pairs pairs.Pairs
	}{{"validation", sides.Val}, {"test", sides.Test}} {
		if side.pairs.Len() == 0 {
			return val, test, option.Errorf("pairs",
				"%s: none of %d pairs has both its items among the %s items of the split: "+
					"add such pairs, or split by these (train --pairs)",
				path, given.Len(), side.name)
		}
	}
	return sides.Val, sides.Test, nil
}
