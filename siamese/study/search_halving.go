package study

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/study/found"
)

// rungs sets the rungs and the bracket of halving.
func (s *searcher) rungs() error {
	least := max(s.opt.Halving.Least, 1)
	s.factor = cmp.Or(s.opt.Halving.Factor, 3)
	if least >= s.base.Epochs {
		return option.Errorf("Halving.Least", "%d epochs of %d leave nothing to halve", least, s.base.Epochs)
	}
	if _, searched := s.opt.Space.Param("epochs"); searched {
		return option.Errorf("Halving", "it decides how many epochs a trial has: take epochs out of the space")
	}
	s.bracket = 1
	for e := least; e < s.base.Epochs; e *= s.factor {
		s.epochs = append(s.epochs, e)
		s.bracket *= s.factor
	}
	s.epochs = append(s.epochs, s.base.Epochs)
	// A trial of a bracket knows the brackets before it, and so must not need more.
	// Generations that are longer than two brackets fall out of step with them later only: all of 10 000 trials are asked
	// about.
	for first := 0; first < max(10_000, 2*s.bracket); first += s.bracket {
		if s.opt.Sampler.Needs(s.opt.Space, first+s.bracket-1, s.bracket) > first {
			return option.Errorf("Sampler", "%s needs results in between, which halving does not give: use another one",
				s.opt.Sampler)
		}
	}
	return nil
}

// runBrackets trains brackets of trials, halving each from rung to rung.
func (s *searcher) runBrackets(ctx context.Context) error {
	for ctx.Err() == nil && s.affords(len(s.runs)) {
		first := len(s.runs)
		size := s.bracket
		if s.opt.Trials > 0 {
			size = min(size, s.opt.Trials-first)
		}
		var alive []int
		for n := first; n < first+size; n++ {
			// All of a bracket know what the brackets before it came to: as many run as the bracket has so far.
			ok, err := s.propose(n, n-first+1)
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			alive = append(alive, n)
		}
		if len(alive) == 0 {
			return nil
		}
		for k, epochs := range s.epochs {
			for _, n := range alive {
				s.planned[n] = epochs // also of one that fails: else a space in which all do would never be left
			}
			if err := s.trainAll(ctx, alive, epochs); err != nil {
				return err
			}
			if k < len(s.epochs)-1 {
				alive = s.halve(alive)
			}
		}
	}
	return ctx.Err()
}

// trainAll trains some trials to an epoch, several at a time. After an error none begins.
func (s *searcher) trainAll(ctx context.Context, trials []int, epochs int) error {
	next := make(chan int)
	failed := make(chan error)
	var over atomic.Bool
	for range s.opt.Parallel {
		go func() {
			var err error
			for n := range next {
				if over.Load() {
					continue
				}
				if e := s.train(ctx, n, epochs); e != nil {
					over.Store(true)
					err = errors.Join(err, e)
				}
			}
			failed <- err
		}()
	}
	for _, n := range trials {
		next <- n
	}
	close(next)
	var err error
	for range s.opt.Parallel {
		err = errors.Join(err, <-failed)
	}
	return err
}

// halve returns the trials that go on: the best of those that have a score, one of every factor, of equal ones the
// first. Of the others those that can go on are pruned.
func (s *searcher) halve(trials []int) []int {
	ranked := slices.DeleteFunc(slices.Clone(trials), func(n int) bool { return s.runs[n].State == found.Failed })
	slices.SortStableFunc(ranked, func(a, b int) int {
		switch x, y := s.runs[a].Score, s.runs[b].Score; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return a - b
	})
	keep := (len(ranked) + s.factor - 1) / s.factor
	for _, n := range ranked[keep:] {
		if s.runs[n].State == found.Running {
			s.runs[n].State = found.Pruned
			// It never goes on, unless a trial with the same configuration does, from the same state.
			if !slices.ContainsFunc(ranked[:keep], func(k int) bool { return s.stems[k] == s.stems[n] }) {
				s.drop(n)
			}
		}
	}
	return slices.Sorted(slices.Values(ranked[:keep]))
}

// cost returns the epochs of a bracket of n trials.
func (s *searcher) cost(n int) int {
	total, before := 0, 0
	for _, e := range s.epochs {
		total += n * (e - before)
		before = e
		n = (n + s.factor - 1) / s.factor
	}
	return total
}
