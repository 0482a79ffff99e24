package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/study"
)

// sweepObject is a sweep in memory. Its models are objects of their own.
type sweepObject struct{ *study.Sweep }

func (s *sweepObject) bytes() int64 { return 1 << 20 }
func (s *sweepObject) close()       {}

// sweepArgs train several configurations.
type sweepArgs struct {
	Split  string          `json:"split"`
	Trials []session.Trial `json:"trials"`
}

func (a *sweepArgs) inputs() []string { return []string{a.Split} }
func (a *sweepArgs) files() []string  { return nil }

// check returns all that is wrong with the trials, before any is trained.
func (a *sweepArgs) check() error {
	if len(a.Trials) == 0 {
		return option.Errorf("Trials", "there are none: give one or more")
	}
	var problems []error
	seen := map[string]bool{}
	for i, t := range a.Trials {
		switch {
		case t.Name == "":
			problems = append(problems, option.Errorf("Trials", "number %d has no name", i+1))
		case seen[t.Name]:
			problems = append(problems, option.Errorf("Trials", "%s is there twice", quote.Text(t.Name)))
		}
		seen[t.Name] = true
		if err := t.Config.Validate(); err != nil {
			problems = append(problems, fmt.Errorf("trial %s: %w", quote.Text(t.Name), err))
		}
		if first := a.Trials[0].Config.Monitor; t.Config.Monitor != first {
			problems = append(problems, option.Errorf("monitor", "it is %q in trial %s and %q in the first: one metric "+
				"must compare them", t.Config.Monitor, quote.Text(t.Name), first))
		}
	}
	return errors.Join(problems...)
}

func (a *sweepArgs) run(ctx context.Context, t *task) (*made, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	sweep := &study.Sweep{}
	var failed error
	for _, trial := range a.Trials {
		v, err := t.w.value(ctx, "train", &trainArgs{a.Split, trial.Config}, t.cell, nil, func(body any) {
			if p, ok := body.(session.Progress); ok {
				p.Trial = trial.Name
				body = p
			}
			t.flight.event(body)
			t.flight.hold(ctx)
		})
		if v != nil {
			t.tell(v.told...)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("trial %s: %w", quote.Text(trial.Name), err))
			if ctx.Err() != nil {
				break
			}
			continue
		}
		one, err := t.trial(ctx, trial, v.Key)
		if err != nil {
			return nil, err
		}
		one.Seconds, one.Kept = v.Seconds, v.Known
		sweep.List = append(sweep.List, one)
	}
	if len(sweep.List) == 0 {
		return nil, failed
	}
	facts := session.Sweep{}
	for _, one := range sweep.Ranked() {
		result := session.TrialResult{Trial: session.Trial{Name: one.Name, Config: one.Config}, Model: one.Model,
			Best: one.Best()}
		if curve := one.Monitored(); one.Result.Best > 0 && one.Result.Best <= len(curve) {
			result.Monitored = curve[one.Result.Best-1]
		}
		facts.Trials = append(facts.Trials, result)
		t.volatile(one.Took())
	}
	return &made{name: "sweep of " + quote.Count(len(a.Trials), "trial"), text: sweep.String(), facts: facts,
		partial: failed != nil}, failed
}

// trial returns the trial of a model that was trained. Model holds the key, where the library has a path.
func (t *task) trial(ctx context.Context, trial session.Trial, key string) (*study.TrialResult, error) {
	m, err := input[*modelObject](ctx, t, key)
	if err != nil {
		return nil, err
	}
	return &study.TrialResult{Trial: study.Trial{Name: trial.Name, Config: trial.Config}, Result: m.Result,
		Model: key}, nil
}

// loadSweep puts a kept sweep together from its models.
func loadSweep(ctx context.Context, t *task, r *store.Record) (object, error) {
	var facts session.Sweep
	if err := json.Unmarshal(r.Facts, &facts); err != nil {
		return nil, err
	}
	sweep := &study.Sweep{}
	for _, result := range facts.Trials {
		one, err := t.trial(ctx, result.Trial, result.Model)
		if err != nil {
			return nil, err
		}
		sweep.List = append(sweep.List, one)
	}
	return &sweepObject{sweep}, nil
}
