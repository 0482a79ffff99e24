package study

import (
	"context"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// Shares of the items for the threshold, and for the scores and the honest score where all are of the same classes.
const (
	searchVal  = .1
	searchTest = .2
)

// split divides the items. Nothing of it depends on the trials.
func (s *searcher) split(items *data.Frame) error {
	opt := s.opt
	if opt.SameClasses {
		// Validation items give the scores too, and so are as many as those that choose nothing.
		parts, err := s.sameClasses(items)
		if err != nil {
			return err
		}
		s.sides = protocolSplit{Split: parts}.sides(items)
		s.trained = classesOf(s.sides.train)
		return nil
	}
	names, _ := items.Classes()
	held := opt.HeldOut
	switch {
	case opt.Folds > 1: // the largest part
		if held = (len(names) + opt.Folds - 1) / opt.Folds; len(names) < 2*opt.Folds {
			return option.Errorf("Folds", "%d folds of %d classes: the winner of each is judged on two or more", opt.Folds,
				len(names))
		}
	case held == 0:
		held = max(2, len(names)/4)
	}
	if len(names)-held < max(opt.Watched, 2)+2 {
		return option.Errorf("HeldOut", "%d of %d classes leave too few: %d to judge on and two to train on are needed; "+
			"with few classes judge on new items of the same classes", held, len(names), max(opt.Watched, 2))
	}
	// A tenth, or enough for pairs of the same class where classes are small.
	val := max(searchVal, min(searchTest, 4*float64(len(names))/float64(items.N())))
	parts, err := s.otherClasses(items, val, held)
	if err != nil {
		return err
	}
	// As a protocol takes the classes that it watches out of those that it trains on.
	// Few classes are told apart so easily that all trials score alike.
	watched := opt.Watched
	if watched == 0 {
		watched = max(2, (len(names)-held)/3)
	}
	p := &protocolRun{frame: items, cfg: s.base, opt: ProtocolOptions{Seed: opt.Seed, ValClasses: watched}}
	watching, err := p.watch(parts, uint64(s.fold))
	if err != nil {
		return err
	}
	s.sides = watching.sides(items)
	s.trained, s.watched, s.held = classesOf(s.sides.train), watching.classes, parts.HeldOut
	return nil
}

func classesOf(f *data.Frame) []string {
	names, _ := f.Classes()
	return slices.Sorted(slices.Values(names))
}

// judge returns the score of a model on the items that choose nothing.
func (s *searcher) judge(ctx context.Context, m *siamese.Model) (float64, error) {
	z, err := m.Embed(ctx, s.backend, s.sides.test)
	if err != nil {
		return 0, err
	}
	_, labels := itemset.ClassNumbers(s.sides.test)
	found, err := metric.AllPairs(ctx, z.Values, labels, metric.Options{})
	if err != nil {
		return 0, err
	}
	if s.auc() {
		return found.Verification.ROCAUC, nil
	}
	return found.Retrieval.MAPAtR, nil
}

// auc reports whether scores are ROC-AUC, not MAP@R.
func (s *searcher) auc() bool {
	return s.base.Monitor == siamese.MonitorAUC || s.base.Monitor == siamese.MonitorUnseenAUC
}

// report evaluates the winner beside features without training, and adds the interval of its score.
func (s *searcher) report(ctx context.Context, out *Search) error {
	name, key := "held-out classes", stats.MAPAtR
	if s.opt.SameClasses {
		name = "new items"
	}
	if s.auc() {
		key = stats.ROCAUC
	}
	compared, err := evaluate.Items(ctx, s.backend, evaluate.One(out.Model), name, s.sides.val, s.sides.test,
		evaluate.Options{})
	if err != nil {
		return err
	}
	out.Report = compared.One()
	if trained := out.Report.Trained; trained.Intervals != nil {
		e := trained.Intervals.Estimates[key]
		out.Honest.Low, out.Honest.High = e.Low, e.High
	}
	return nil
}
