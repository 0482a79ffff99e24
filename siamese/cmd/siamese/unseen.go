package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/split"
)

// takeUnseen returns the items of --unseen: those of a file if there is one of that name, else those of the named
// classes of frame, which it takes out of the split, in place: out of the training and validation items, and out of the
// test items unless those are of held-out classes anyway. After it no item of these classes is trained on or chooses
// the threshold.
func (t *trainCommand) takeUnseen(ctx context.Context, frame *data.Frame, split *split.Split,
	separator string) (*data.Frame, error) {
	// A file comes first, so that a class called like a file has to be given another way; classes are rarely called so.
	if _, err := os.Stat(t.Unseen); err == nil {
		return t.others(ctx, t.Unseen)
	}
	// Classes can be taken out only where training goes by classes, and by one class for each item.
	if t.Pairs != "" {
		return nil,
			fmt.Errorf("%s is not a file, and with --pairs classes are not trained on: give a file with labelled items",
				quote.Text(t.Unseen))
	}
	if separator != "" {
		return nil,
			fmt.Errorf("%s is not a file, and with --label-separator an item of a class may be trained on for "+
				"another: give a file with items of other classes", quote.Text(t.Unseen))
	}
	names := strings.Split(t.Unseen, ",")
	known, _ := frame.ClassCounts()
	wanted := make(map[string]bool)
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%q is neither a file nor a class of the items, which are %q", name, known)
		}
		wanted[name] = true
	}
	var taken []int
	take := func(side []int) (left []int) {
		for _, i := range side {
			if wanted[frame.Labels[i]] {
				taken = append(taken, i)
			} else {
				left = append(left, i)
			}
		}
		return left
	}
	split.Train, split.Val = take(split.Train), take(split.Val)
	unseen := frame.Select(taken)
	// In a test of new items these would be items of unseen classes. Where classes were held out the test is of unseen
	// classes anyway, and keeps them.
	if split.HeldOut == nil {
		split.Test = take(split.Test)
	}
	return unseen, nil
}
