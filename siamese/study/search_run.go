package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/search"
	"github.com/go-siamese/lab/siamese/study/space"
)

// searcher is a running [RunSearch].
type searcher struct {
	backend compute.Backend
	opt     SearchOptions
	fold    int            // from 0, of opt.Folds
	base    siamese.Config // with the monitor of what is watched
	sides   protocolSides
	hashes  []string // of the sides
	// prepared is what all trials would compute of the sides: fitting whitened components takes longer than some of them.
	prepared siamese.Prepared

	trained, watched, held []string // names of classes

	epochs  []int // at the ends of the rungs, rising; nil without Halving
	bracket int   // trials that are halved together
	factor  int   // of halving
	most    int   // epochs of a trial
	begun   time.Time

	mu       sync.Mutex // of all below while trials train, and of calls of Progress
	runs     []found.Run
	planned  []int                  // by run: the epochs that it was to have so far; of use with Halving
	stems    []string               // by run: the path of its files, without their endings; "" = not to be trained
	models   map[string]bool        // files of models
	training map[string]*sync.Mutex // by stem
}

// run trains trials until the budget is used up.
func (s *searcher) run(ctx context.Context) error {
	s.models, s.training, s.begun = map[string]bool{}, map[string]*sync.Mutex{}, time.Now()
	if s.opt.Halving != nil {
		return s.runBrackets(ctx)
	}
	over := make(chan error)
	running := 0
	var failed error
	for {
		n := len(s.runs)
		more := failed == nil && ctx.Err() == nil && s.affords(n)
		for running > 0 && (!more || running == s.opt.Parallel || !s.knows(n)) {
			failed = errors.Join(failed, <-over)
			running--
			more = more && failed == nil && ctx.Err() == nil
		}
		if !more {
			return errors.Join(failed, ctx.Err())
		}
		ok, err := s.propose(n, s.opt.Parallel)
		if err != nil || !ok {
			for ; running > 0; running-- {
				err = errors.Join(err, <-over)
			}
			return err
		}
		running++
		go func() { over <- s.train(ctx, n, 0) }()
	}
}

// knows reports whether all trials are over whose results trial n needs.
func (s *searcher) knows(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	needs := min(n, s.opt.Sampler.Needs(s.opt.Space, n, s.opt.Parallel))
	return !slices.ContainsFunc(s.runs[:needs], func(r found.Run) bool { return r.State == found.Running })
}

// affords reports whether the budget has room for trial n.
func (s *searcher) affords(n int) bool {
	switch {
	case s.opt.Trials > 0:
		return n < s.opt.Trials
	case s.opt.Time > 0:
		return time.Since(s.begun) < s.opt.Time
	}
	// As planned, not as trained: which trials there are must not depend on how early some stop.
	s.mu.Lock()
	defer s.mu.Unlock()
	spent := 0
	for _, r := range s.runs {
		if s.opt.Halving != nil {
			spent += s.planned[r.Number]
		} else {
			spent += max(r.Config.Epochs, 1) // that of an invalid configuration may be anything
		}
	}
	return spent+s.least() <= s.opt.MaxEpochs
}

// least returns the epochs that must be left for more trials.
func (s *searcher) least() int {
	if s.opt.Halving != nil {
		return s.cost(s.bracket)
	}
	return s.most
}

// seedsOnly is the sampler of an empty space.
type seedsOnly struct{}

func (seedsOnly) Needs(space.Space, int, int) int { return 0 }

func (seedsOnly) Propose(space.Space, uint64, int, int, []search.Trial) (space.Point, error) {
	return space.Point{}, nil
}

func (seedsOnly) String() string { return "seeds" }

// propose adds trial n. It returns false where the sampler has no further point.
func (s *searcher) propose(n, parallel int) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, err := s.opt.Sampler.Propose(s.opt.Space, s.opt.Seed+uint64(s.fold)<<32, n, parallel, found.Trials(s.runs))
	if errors.Is(err, search.ErrExhausted) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	run := found.Run{Trial: found.Trial{Number: n, Point: at, State: found.Running}, Same: -1}
	stem := ""
	if run.Config, err = s.opt.Space.Apply(s.base, at); err != nil {
		run.State, run.Error = found.Failed, err.Error()
		s.tell(SearchProgress{Trial: n, Run: &run})
	} else {
		if len(s.opt.Space) == 0 {
			run.Config.Seed += uint64(n)
		}
		if stem, err = s.stem(run); err != nil {
			return false, err
		}
		// Whether the earlier trial's training has failed must not matter: it may or may not be over.
		run.Same = slices.Index(s.stems, stem)
	}
	s.runs, s.stems, s.planned = append(s.runs, run), append(s.stems, stem), append(s.planned, 0)
	return true, nil
}

// result returns what the search came to so far.
func (s *searcher) result() *found.Result {
	r := &found.Result{Space: s.opt.Space, Base: s.base, Sampler: s.opt.Sampler.String(), Seed: s.opt.Seed,
		Monitor: s.base.Monitor, Trained: s.trained, Watched: s.watched, HeldOut: s.held, Runs: s.runs}
	r.Honest = found.NewHonest(s.runs)
	return r
}

// tell calls the progress function, if there is one; s.mu is held.
func (s *searcher) tell(p SearchProgress) {
	if s.opt.Progress == nil {
		return
	}
	p.Trials = s.opt.Trials
	if s.opt.Folds > 1 {
		p.Fold, p.Folds = s.fold+1, s.opt.Folds
	}
	s.opt.Progress(p)
}

// scoreOf returns the best of a curve; an empty one has none.
func scoreOf(curve []float64) float64 {
	best := math.Inf(-1)
	for _, v := range curve {
		if v > best { // NaN is never better
			best = v
		}
	}
	return best
}

// fail records why a trial has no score.
func (s *searcher) fail(n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs[n].State, s.runs[n].Error = found.Failed, fmt.Sprint(err)
	run := s.runs[n]
	s.tell(SearchProgress{Trial: n, Run: &run})
}
