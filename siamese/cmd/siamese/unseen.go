package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/split"
)

// takeUnseen returns the items of a file, or those of classes of the frame that were to be trained or validated on. It
// takes all items of these classes from the split.
func (t *trainCommand) takeUnseen(ctx context.Context, frame *data.Frame, split *split.Split,
	separator string) (*data.Frame, error) {
	if _, err := os.Stat(t.Unseen); err == nil {
		unseen, _, err := t.open(ctx, t.Unseen)
		return unseen, err
	}
	if t.Pairs != "" {
		return nil,
			fmt.Errorf("%s is no file, and with --pairs classes are not trained on: give a file with labelled items",
				t.Unseen)
	}
	if separator != "" {
		return nil,
			fmt.Errorf("%s is no file, and with --label-separator an item of a class may be trained on for another: "+
				"give a file with items of other classes", t.Unseen)
	}
	names := strings.Split(t.Unseen, ",")
	wanted := make(map[string]bool)
	for _, name := range names {
		wanted[name] = true
	}
	known, _ := frame.ClassCounts()
	for _, name := range known {
		delete(wanted, name)
	}
	for _, name := range names {
		if wanted[name] {
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
	if split.HeldOut == nil { // else a test on what was not trained on it is already
		split.Test = take(split.Test) // a test of new items has none of them: they are no longer trained on
	}
	return unseen, nil
}
