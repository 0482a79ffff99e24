package study

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/study/found"
)

// checkFolds makes the split of every fold but the first, to report before any training what is wrong with them.
func checkFolds(backend compute.Backend, items *data.Frame, base siamese.Config, opt SearchOptions) error {
	for fold := 1; fold < opt.Folds; fold++ {
		if _, err := newSearcher(backend, items, base, opt, fold); err != nil {
			return fmt.Errorf("fold %d of %d: %w", fold+1, opt.Folds, err)
		}
	}
	return nil
}

// nest searches on the other folds and adds what all come to. first is the search of the first one.
func (first *searcher) nest(ctx context.Context, items *data.Frame, base siamese.Config, out *Search) error {
	n := &found.Nested{}
	var scores []float64
	test, trained := 0, 0
	add := func(s *searcher, r *found.Result) error {
		winner, ok := r.Winner()
		if !ok {
			return errors.New("no trial is complete")
		}
		n.Folds = append(n.Folds, found.Fold{HeldOut: r.HeldOut, Winner: winner.Config, Honest: *r.Honest})
		n.Selection += r.Honest.Selection / float64(first.opt.Folds)
		scores = append(scores, r.Honest.HeldOut)
		test += s.sides.test.N()
		for _, side := range []*data.Frame{s.sides.train, s.sides.val, s.sides.unseen} {
			if side != nil {
				trained += side.N()
			}
		}
		return nil
	}
	if err := add(first, out.Result); err != nil {
		return err
	}
	for fold := 1; fold < first.opt.Folds; fold++ {
		one, err := first.other(ctx, items, base, fold, add)
		if one != nil && one.Model != nil {
			err = errors.Join(err, one.Model.Close())
		}
		if err != nil {
			return fmt.Errorf("fold %d of %d: %w", fold+1, first.opt.Folds, err)
		}
	}
	spread, err := stats.Folds(scores, float64(test)/float64(trained), 0)
	if err != nil {
		return err
	}
	n.Mean, n.Low, n.High = spread.Mean.Value, spread.Mean.Low, spread.Mean.High
	out.Outer = n
	return nil
}

// other searches on another fold.
func (first *searcher) other(ctx context.Context, items *data.Frame, base siamese.Config, fold int,
	add func(*searcher, *found.Result) error) (*Search, error) {
	s, err := newSearcher(first.backend, items, base, first.opt, fold)
	if err != nil {
		return nil, err
	}
	if err := s.run(ctx); err != nil {
		return nil, err
	}
	out, err := s.end(ctx)
	if err == nil {
		err = errors.Join(ctx.Err(), add(s, out.Result)) // cancelled, the winner has no interval yet
	}
	return out, err
}

// sameClasses returns the split by items.
func (s *searcher) sameClasses(items *data.Frame) (*split.Split, error) {
	opt := split.ItemOptions{Val: searchTest, Stratify: true, Seed: s.opt.Seed, Groups: s.opt.Groups,
		Duplicates: s.opt.Duplicates}
	if s.opt.Folds > 1 {
		return s.ofFolds(split.FoldItems(items, s.opt.Folds, opt))
	}
	opt.Test = searchTest
	return split.Items(items, opt)
}

// otherClasses returns the split by classes, of which some are held out.
func (s *searcher) otherClasses(items *data.Frame, val float64, held int) (*split.Split, error) {
	opt := split.ClassOptions{Val: val, Seed: s.opt.Seed, Groups: s.opt.Groups, Duplicates: s.opt.Duplicates}
	if s.opt.Folds > 1 {
		return s.ofFolds(split.FoldClasses(items, s.opt.Folds, opt))
	}
	opt.HeldOutCount = held
	return split.Classes(items, opt)
}

// ofFolds returns the split of the fold.
func (s *searcher) ofFolds(parts []*split.Split, err error) (*split.Split, error) {
	if err != nil && len(option.Names(err)) == 0 {
		return nil, &option.Error{Option: "Folds", Err: err}
	}
	if err != nil {
		return nil, err
	}
	return parts[s.fold], nil
}
