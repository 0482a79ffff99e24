package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/study"
	"github.com/go-siamese/lab/siamese/study/search"
)

// searchArgs search a space on a frame.
type searchArgs struct {
	Frame   string                `json:"frame"`
	Base    config.Config         `json:"base"`
	Options session.SearchOptions `json:"options"`
}

func (a *searchArgs) inputs() []string { return []string{a.Frame} }
func (a *searchArgs) files() []string  { return nil }

func (a *searchArgs) run(ctx context.Context, t *task) (*made, error) {
	f, err := input[*frameObject](ctx, t, a.Frame)
	if err != nil {
		return nil, err
	}
	o := a.Options
	sampler, err := search.ByName(cmp.Or(o.Sampler, "tpe"))
	if err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	t.seed(o.Seed)
	source, err := t.viewsOf(a.Base, a.Frame)
	if err != nil {
		return nil, err
	}
	opt := study.SearchOptions{Space: o.Space, Sampler: sampler, Seed: o.Seed, Trials: o.Trials, MaxEpochs: o.MaxEpochs,
		Parallel: o.Parallel, SameClasses: o.SameClasses, HeldOut: o.HeldOut, Watched: o.Watched, Folds: o.Folds, Views: source,
		Dir: t.w.store.Work(t.key), Progress: func(p study.SearchProgress) {
			if p.Training == nil {
				return
			}
			trial := fmt.Sprintf("trial %d", p.Trial)
			if p.Folds > 0 {
				trial = fmt.Sprintf("fold %d of %d, %s", p.Fold, p.Folds, trial)
			}
			if p.Trials > 0 {
				trial += fmt.Sprintf(" (%d of %d)", p.Trial+1, p.Trials)
			}
			t.flight.event(session.Progress{Progress: *p.Training, Trial: trial})
			t.flight.hold(ctx)
		}}
	if o.Halving {
		opt.Halving = &study.Halving{}
	}
	out, err := study.RunSearch(ctx, backend, f.Frame, a.Base, opt)
	if out == nil || out.Model == nil {
		return nil, err
	}
	return &made{name: "search of " + quote.Count(len(out.Runs), "trial"), text: out.String(),
		facts: session.Search{Result: out.Result}, partial: err != nil, write: func(folder string) error {
			err := out.Model.Save(filepath.Join(folder, modelFile))
			if err == nil && out.Report != nil { // one that was cut off has none
				err = (&report.Compared{Reports: []*report.Report{out.Report}}).Save(filepath.Join(folder, reportFile))
			}
			return err
		}, object: &searchObject{out}}, err
}

// searchObject is a search in memory, with the winner's model.
type searchObject struct{ *study.Search }

func (s *searchObject) bytes() int64 { return (&modelObject{&siamese.Result{Model: s.Model}}).bytes() }
func (s *searchObject) close()       { _ = s.Model.Close() } // as of a modelObject

// loadSearch reads a kept search.
func loadSearch(_ context.Context, t *task, r *store.Record) (object, error) {
	var facts session.Search
	if err := json.Unmarshal(r.Facts, &facts); err != nil {
		return nil, err
	}
	m, err := siamese.Load(t.w.store.Path(r.Key, modelFile))
	if err != nil {
		return nil, err
	}
	out := &study.Search{Result: facts.Result, Model: m}
	if _, ok := r.Files[reportFile]; ok {
		c, err := report.Load(t.w.store.Path(r.Key, reportFile))
		if err != nil {
			return nil, errors.Join(err, m.Close())
		}
		out.Report = c.One()
	}
	return &searchObject{out}, nil
}

// foundArgs ask for the winner's model of a search.
type foundArgs struct {
	Search string `json:"search"`
}

func (a *foundArgs) inputs() []string { return []string{a.Search} }
func (a *foundArgs) files() []string  { return nil }

func (a *foundArgs) run(ctx context.Context, t *task) (*made, error) {
	if _, err := input[*searchObject](ctx, t, a.Search); err != nil { // it is a search, and its files are there
		return nil, err
	}
	m, err := siamese.Load(t.w.store.Path(a.Search, modelFile)) // its own, which is closed with it
	if err != nil {
		return nil, err
	}
	return modelMade("model of a search", "", 0, &siamese.Result{Model: m}), nil
}

// searchOutputs shows a search.
func searchOutputs(ctx context.Context, t *task, key string) (show.Outputs, error) {
	s, err := input[*searchObject](ctx, t, key)
	if err != nil {
		return nil, err
	}
	return show.SearchOutputs(s.Result)
}
