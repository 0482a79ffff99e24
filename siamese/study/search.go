package study

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/search"
	"github.com/go-siamese/lab/siamese/study/space"
)

// SearchOptions are the options of [RunSearch]. One of Trials, MaxEpochs and Time must be set.
type SearchOptions struct {
	// Space is what is searched. Empty = one configuration: every trial trains it with another seed, from that of the
	// configuration on, which says how far scores differ by chance. Nothing is proposed then, and Sampler is not used.
	Space   space.Space
	Sampler search.Sampler // nil = [search.TPE]
	Seed    uint64         // of the sampler and of the split

	// The budget. With Trials or MaxEpochs the same options give the same trials.
	Trials    int           // trials, those that fail or repeat another one included
	MaxEpochs int           // epochs, each trial counted as if it were not stopped early by Config.Patience
	Time      time.Duration // no trial begins after it; it is that of this call

	// Halving trains many trials a little and few of them on; nil = all to their end.
	Halving *Halving

	// Parallel is how many trials train at a time; 0 = 1. The trials are the same for any number with samplers that do
	// not learn. Those that do see fewer results when they propose; the same number gives the same trials.
	Parallel int

	// SameClasses judges on new items of the classes that are trained on. By default trials are judged on classes that
	// they were not trained on: what is searched is an encoder for new classes.
	SameClasses bool
	// HeldOut is how many classes choose nothing and give the winner's honest score: 2 or more; 0 = a quarter. Watched is
	// how many of the others give the trials' scores; 0 = a third, at least 2. With SameClasses both are 0.
	HeldOut, Watched int
	// Folds, 2 or more, has as many searches, each of whose winners is scored on another part of the classes, with
	// SameClasses of the items: the mean says how good searching is, see [found.Nested]. Each has the whole budget. The
	// result is that of the first. HeldOut must be 0. 0 or 1 = one search.
	Folds      int
	Groups     []string               // items that stay on one side, see [split.ItemOptions]
	Duplicates *duplicates.Duplicates // which stay on one side too; nil = none

	// Dir is a folder that keeps a record of every trial, the states of those that go on, and the best model. A later
	// call with the same options goes on from it, also after it was killed; one with a larger budget continues. It may
	// serve several searches. "" = nothing is kept.
	Dir string

	Views          augment.Source // of altered items, as in [siamese.TrainOptions]
	EscapeFormulas bool           // as in [siamese.TrainOptions]

	// Progress is called during trainings and after each, one call at a time; nil = silent.
	Progress func(SearchProgress)
}

// Halving is successive halving (Jamieson and Talwalkar 2016; the brackets of Li et al. 2018): of as many trials as
// leave one at the end all are trained for Least epochs, the best of every Factor of them for Factor times as many, and
// so on to Config.Epochs. Each is stopped with its state and goes on from there, so that no epoch is trained twice.
// Settings such as a schedule are those of the full training.
type Halving struct {
	Least  int // epochs of the first rung; 0 = 1
	Factor int // 2 or more; 0 = 3
}

// SearchProgress is the progress of [RunSearch].
type SearchProgress struct {
	Trial, Trials int               // number of the trial, from 0, and how many there are to be; 0 = not known
	Fold, Folds   int               // number of the search, from 1, and how many there are to be; 0 = one
	Training      *siamese.Progress // nil after a training
	Run           *found.Run        // of the trial just finished or stopped; nil during a training
	Kept          bool              // Run was read from the folder
}

// Search is a finished [RunSearch].
type Search struct {
	*found.Result
	// Model is the winner's, which the caller closes; nil where no trial is complete.
	Model *siamese.Model
	// Report is what the winner does on the items that chose nothing; nil where there is no winner.
	Report *report.Report
}

// RunSearch searches the space for the best configuration: it trains what the sampler proposes, from base, and chooses
// by a score on items that are not trained on. By default items fall in four parts: those that are trained on, a tenth
// of the same classes for the threshold, those of classes that are watched, whose scores (MAP@R, or ROC-AUC if
// base.Monitor is one) choose the epoch and the winner, and those of held-out classes, which choose nothing. Every
// complete trial is evaluated on these in the end, so that the result says how much the choice of the best of many
// flatters its score: see [found.Honest].
//
// base.Monitor is replaced by the monitor of what is watched. Invalid options and a space that does not suit base are
// reported before any training. A trial whose configuration is invalid or whose training fails counts as failed, and
// the search goes on; that none is complete is an error. If ctx is cancelled, the trials so far are returned with the
// error, of several folds those of the first.
func RunSearch(ctx context.Context, backend compute.Backend, items *data.Frame, base siamese.Config,
	opt SearchOptions) (*Search, error) {
	s, err := newSearcher(backend, items, base, opt, 0)
	if err == nil {
		err = option.Under("augment.", base.Augment.Check(opt.Views))
	}
	if err == nil {
		err = checkFolds(backend, items, base, opt)
	}
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	unlock, err := atomicfile.LockFolder(opt.Dir) // two searches would train everything twice
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	defer unlock()
	if s.opt.Dir == "" { // rungs need states, and the winner its model
		if s.opt.Dir, err = os.MkdirTemp("", "search"); err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		defer func() { _ = os.RemoveAll(s.opt.Dir) }() // what is left is the system's temporary folder's
	} else if err := makeFolder(opt.Dir); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	err = s.run(ctx)
	out, endErr := s.end(ctx)
	err = errors.Join(err, endErr)
	if err == nil && s.opt.Folds > 1 {
		err = s.nest(ctx, items, base, out)
	}
	if endErr == nil {
		err = errors.Join(err, jsonfile.Write(filepath.Join(s.opt.Dir, "search.json"), out.Result))
	}
	if err != nil {
		return out, fmt.Errorf("search: %w", err)
	}
	return out, nil
}

// newSearcher is of a fold, from 0. It checks all that can be checked before the first training, and makes the split.
func newSearcher(backend compute.Backend, items *data.Frame, base siamese.Config,
	opt SearchOptions, fold int) (*searcher, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	switch {
	case len(opt.Space) == 0:
		opt.Sampler = seedsOnly{}
	case opt.Sampler == nil:
		opt.Sampler = search.TPE{}
	}
	opt.Parallel = max(opt.Parallel, 1)
	s := &searcher{backend: backend, opt: opt, base: base, fold: fold}
	switch auc := s.auc(); {
	case opt.SameClasses && auc:
		s.base.Monitor = siamese.MonitorAUC
	case opt.SameClasses:
		s.base.Monitor = siamese.MonitorMAP
	case auc:
		s.base.Monitor = siamese.MonitorUnseenAUC
	default:
		s.base.Monitor = siamese.MonitorUnseenMAP
	}
	if err := errors.Join(opt.Space.Validate(s.base), itemset.OneClass(base.LabelSeparator, "a search")); err != nil {
		return nil, err
	}
	if err := items.ValidateStructure(); err != nil {
		return nil, err
	}
	if err := s.split(items); err != nil {
		return nil, err
	}
	// What is wrong with the items would fail every trial.
	if _, err := siamese.ValidationPairs(s.base, s.sides.val); err != nil {
		return nil, fmt.Errorf("validation items: %w", err)
	}
	for _, f := range []*data.Frame{s.sides.train, s.sides.val, s.sides.test, s.sides.unseen} {
		if f != nil {
			s.hashes = append(s.hashes, f.Hash())
		}
	}
	provenance.Seed(opt.Seed)
	s.most = base.Epochs
	if p, ok := opt.Space.Param("epochs"); ok {
		s.most = int(p.High) // of a range: a choice of epochs is taken as its largest
		for _, text := range p.Choices {
			if n, err := strconv.Atoi(text); err == nil {
				s.most = max(s.most, n)
			}
		}
	}
	if opt.Halving != nil {
		if err := s.rungs(); err != nil {
			return nil, err
		}
	}
	if opt.MaxEpochs > 0 && opt.MaxEpochs < s.least() {
		return nil, option.Errorf("MaxEpochs", "%d are too few: %d are needed to begin with", opt.MaxEpochs, s.least())
	}
	return s, nil
}

// check returns what is wrong with the options by themselves.
func (o SearchOptions) check() error {
	budgets := 0
	for _, set := range []bool{o.Trials != 0, o.MaxEpochs != 0, o.Time != 0} {
		if set {
			budgets++
		}
	}
	var errs []error
	bad := func(wrong bool, name, format string, args ...any) {
		if wrong {
			errs = append(errs, option.Errorf(name, format, args...))
		}
	}
	bad(budgets != 1, "Trials", "give one budget: a number of trials or of epochs, or a time")
	bad(o.Trials < 0, "Trials", "%d is negative", o.Trials)
	bad(o.MaxEpochs < 0, "MaxEpochs", "%d is negative", o.MaxEpochs)
	bad(o.Time < 0, "Time", "%v is negative", o.Time)
	bad(o.Parallel < 0, "Parallel", "%d is negative", o.Parallel)
	bad(o.SameClasses && (o.HeldOut != 0 || o.Watched != 0), "SameClasses", "no classes are held out with it")
	bad(o.HeldOut < 0 || o.HeldOut == 1, "HeldOut", "%d classes have no pairs of different ones: 2 or more", o.HeldOut)
	bad(o.Folds < 0, "Folds", "%d is negative", o.Folds)
	bad(o.Folds > 1 && o.HeldOut != 0, "HeldOut", "%d folds hold out a part of the classes each: leave it at 0", o.Folds)
	bad(o.Watched < 0 || o.Watched == 1, "Watched", "%d classes have no pairs of different ones: 2 or more", o.Watched)
	if h := o.Halving; h != nil {
		bad(h.Least < 0, "Halving.Least", "%d is negative", h.Least)
		bad(h.Factor < 0 || h.Factor == 1, "Halving.Factor", "%d is less than 2", h.Factor)
	}
	return errors.Join(errs...)
}

// end evaluates the winner and returns the result.
func (s *searcher) end(ctx context.Context) (*Search, error) {
	out := &Search{Result: s.result()}
	if out.Honest == nil {
		for _, run := range out.Runs {
			if run.Error != "" {
				return out, fmt.Errorf("no trial is complete; trial %d failed: %s", run.Number, run.Error)
			}
		}
		return out, errors.New("no trial is complete")
	}
	winner := out.Honest.Winner
	model, err := siamese.Load(s.model(winner))
	if errors.Is(err, fs.ErrNotExist) { // another search in the folder had a better one
		run := out.Runs[winner]
		if _, err = s.trainTo(ctx, winner, run, run.Config.Epochs, s.stems[winner]); err == nil {
			s.drop(winner)
			model, err = siamese.Load(s.model(winner))
		}
	}
	if err != nil {
		return out, err
	}
	out.Model = model
	if ctx.Err() == nil { // what was interrupted is judged when it is resumed
		if err := s.report(ctx, out); err != nil {
			return out, err
		}
	}
	return out, nil
}
