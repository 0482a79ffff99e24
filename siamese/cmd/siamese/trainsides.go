package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/option"
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
	if err := memory.Check("a copy of the items of unseen classes", numbers(len(taken), frame.F()),
		option.Do("name fewer or smaller classes")); err != nil {
		return nil, err
	}
	unseen := frame.Select(taken)
	// In a test of new items these would be items of unseen classes. Where classes were held out the test is of unseen
	// classes anyway, and keeps them.
	if split.HeldOut == nil {
		split.Test = take(split.Test)
	}
	return unseen, nil
}

// enough returns an error where the training or the validation items of a split make no pairs, of one class and of two:
// with the flag that mends it, before anything is trained or written. Pairs that are given, and items of several
// classes each, are checked by the training.
func (t *trainCommand) enough(frame *data.Frame, s *split.Split, separator string) error {
	flag, fix := "val", "give a larger --val"
	if t.ValHeldOut != nil || t.ValHeldOutCount != 0 {
		flag = "val-held-out"
	}
	if t.Split != "" {
		flag, fix = "split", "split again with a larger --val"
	}
	if len(s.Val) == 0 {
		return option.Errorf(flag, "there are no validation items, which choose the epoch and the threshold; %s, "+
			"such as 0.2 for a fifth of the items", fix)
	}
	if t.Pairs != "" || separator != "" || frame.Labels == nil {
		return nil
	}
	classes, labelled := map[string]bool{}, 0 // of what is not tested on
	for _, side := range [][]int{s.Train, s.Val} {
		for _, i := range side {
			if label := frame.Labels[i]; label != "" {
				classes[label] = true
				labelled++
			}
		}
	}
	for _, side := range []struct {
		name  string
		items []int
	}{{"validation", s.Val}, {"training", s.Train}} {
		lacks := noPairs(frame, side.items)
		if lacks == "" {
			continue
		}
		what := fmt.Sprintf("the %s items (%d) make no pairs of %s", side.name, len(side.items), lacks)
		switch {
		case flag == "val-held-out":
			return option.Errorf(flag, "%s: hold out more to validate on, or less", what)
		case len(classes) < 2:
			return fmt.Errorf("%s: all of them that have a label are of one class; give labelled items of another",
				what)
		case side.name == "training":
			return option.Errorf(flag, "%s: the other sides are too large, or the items are too few", what)
		case labelled < 4*len(classes): // two of each class to train on, and two to choose with
			return option.Errorf(flag, "%s: %d labelled items of %d classes are few to train on and to choose with; "+
				"add items, to 5 of each class or more, or leave out classes", what, labelled, len(classes))
		}
		return option.Errorf(flag, "%s; %s: %d items are two of each class", what, fix, 2*len(classes))
	}
	return nil
}

// noPairs returns the kind of pairs that the items do not make, "" = they make both.
func noPairs(frame *data.Frame, items []int) string {
	count := map[string]int{}
	most := 0
	for _, i := range items {
		if label := frame.Labels[i]; label != "" {
			count[label]++
			most = max(most, count[label])
		}
	}
	switch {
	case len(count) < 2:
		return "different classes"
	case most < 2:
		return "one class"
	}
	return ""
}
