package study

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/protocol"
)

// protocolSplit is the split of a fold, with the classes that a monitor of unseen classes watches.
type protocolSplit struct {
	*split.Split
	unseen  []int    // rising numbers of the items of these classes; nil = none
	classes []string // their names, sorted
}

// protocolSides are the items of a fold; unseen is nil unless the monitor watches unseen classes.
type protocolSides struct{ train, val, test, unseen *data.Frame }

// sides returns copies of the items of the fold.
func (s protocolSplit) sides(f *data.Frame) protocolSides {
	out := protocolSides{train: f.Select(s.Train), val: f.Select(s.Val), test: f.Select(s.Test)}
	if s.unseen != nil {
		out.unseen = f.Select(s.unseen)
	}
	return out
}

// describe returns the fold, with its number from 1, without seeds and reports.
func (s protocolSplit) describe(number int) *protocol.Fold {
	return &protocol.Fold{
		Number: number, HeldOut: append(slices.Clone(s.HeldOut), s.HeldOutDomains...), ValClasses: s.classes,
		Train: len(s.Train), Val: len(s.Val), Test: len(s.Test), Unseen: len(s.unseen),
	}
}

// split returns the folds of a protocol. They follow from the items and the options alone, not from the seeds of
// trainings, so that all seeds are compared on the same folds.
func (r *protocolRun) split(name string) ([]protocolSplit, error) {
	opt, val := r.opt, r.opt.Val
	if val == 0 {
		val = .1
	}
	classes, _ := r.frame.Classes()
	folds := opt.Folds // not used for domains, of which each is a fold
	if folds == 0 {
		folds = 5
		if name == protocol.Classes {
			folds = min(folds, len(classes)/2)
		}
	}
	var splits []*split.Split
	var err error
	switch name {
	case protocol.Items: // every class in every fold, as far as it has items
		splits, err = split.FoldItems(r.frame, folds,
			split.ItemOptions{Val: val, Seed: opt.Seed, Stratify: true, Groups: opt.Groups, Duplicates: opt.Duplicates})
	case protocol.Classes:
		// One class alone has no pairs of different classes on the test side, and no metric is defined.
		if most := len(classes) / 2; folds > most || most < 2 {
			return nil, option.Errorf("Folds", "%d folds of %d classes: every fold tests on two classes or more, "+
				"and there must be two folds", folds, len(classes))
		}
		// Whole classes are in one fold; there is nothing to stratify by.
		splits, err = split.FoldClasses(r.frame, folds,
			split.ClassOptions{Val: val, Seed: opt.Seed, Groups: opt.Groups, Duplicates: opt.Duplicates})
	case protocol.Domains:
		splits, err = split.FoldDomains(r.frame,
			split.DomainOptions{Val: val, Seed: opt.Seed, Stratify: true, Groups: opt.Groups,
				Duplicates: opt.Duplicates})
	}
	if err != nil {
		return nil, err
	}
	// Each fold draws classes of its own for the monitor, from those that it trains on.
	out := make([]protocolSplit, len(splits))
	for k, s := range splits {
		if out[k], err = r.watch(s, uint64(k)); err != nil {
			return nil, fmt.Errorf("fold %d of %d: %w", k+1, len(splits), err)
		}
	}
	return out, nil
}

// watch returns the split of fold number fold (from 0), less the classes that are held out of training and validation
// where the monitor needs unseen ones. They are drawn by the seed of the splits. They are not tested on either, so that
// no test class chooses anything, and items of their groups are not trained on. s is not changed.
func (r *protocolRun) watch(s *split.Split, fold uint64) (protocolSplit, error) {
	out := protocolSplit{Split: s}
	if m := r.cfg.Monitor; m != siamese.MonitorUnseenAUC && m != siamese.MonitorUnseenMAP {
		if r.opt.ValClasses != 0 {
			return out, option.Errorf("ValClasses", "%d, and monitor %q needs none: use %q, or leave it out",
				r.opt.ValClasses, m, siamese.MonitorUnseenMAP)
		}
		return out, nil
	}
	var trained []string
	for _, i := range s.Train {
		if label := r.frame.Labels[i]; label != "" {
			trained = append(trained, label)
		}
	}
	slices.Sort(trained) // before the draw, which must not depend on the order of items
	trained = slices.Compact(trained)
	// Two classes are the fewest that have pairs of different classes, on both sides.
	n := r.opt.ValClasses
	if n == 0 {
		n = max(2, len(trained)/5)
	}
	// And training needs two as well.
	if n < 2 || len(trained)-n < 2 {
		return out, fmt.Errorf("monitor %q holds out %d of %d classes: it needs two, and two must be left for training",
			r.cfg.Monitor, n, len(trained))
	}
	streams.Rand(r.opt.Seed, streams.ValClasses+fold).Shuffle(len(trained),
		func(i, j int) { trained[i], trained[j] = trained[j], trained[i] })
	out.classes = slices.Sorted(slices.Values(trained[:n]))
	groups := map[string]bool{} // of the items held out: their other items are too close to be trained on
	is := func(i int) bool { return slices.Contains(out.classes, r.frame.Labels[i]) }
	// Items of training and validation alike: all of them are of classes that the fold does not test on, or that it
	// tests with other items.
	for _, i := range append(slices.Clone(s.Train), s.Val...) {
		if is(i) {
			out.unseen = append(out.unseen, i)
			if s.Groups != nil && s.Groups[i] != "" {
				groups[s.Groups[i]] = true
			}
		}
	}
	slices.Sort(out.unseen)
	// Test items of these classes go too (with folds of items there are some): they would be tested on classes that
	// chose the epoch.
	left := *s
	gone := func(i int) bool { return is(i) || s.Groups != nil && groups[s.Groups[i]] }
	left.Train, left.Val = slices.DeleteFunc(slices.Clone(s.Train), gone), slices.DeleteFunc(slices.Clone(s.Val), gone)
	left.Test = slices.DeleteFunc(slices.Clone(s.Test), is)
	out.Split = &left
	return out, left.Check(r.frame)
}
