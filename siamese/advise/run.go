package advise

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Run returns advice on the items of a frame by their labels. Items without one are left out. What the items are too
// few for is in Advice.Refused with the reason, and the rest is done. The same items and options give the same bits, on
// any number of cores of one kind of processor.
//
// Options that are not valid, a frame without labels, groups of another number than items, a model that cannot be
// fitted and a cancelled ctx, with its cause, are errors. The frame is only read. It takes about 60 models on parts of
// the items for each repeat, and main directions of features 25 times in all by default.
func Run(ctx context.Context, frame *data.Frame, opt Options) (*Advice, error) {
	if err := opt.Validate(); err != nil {
		return nil, fmt.Errorf("advise: %w", err)
	}
	if frame.Labels == nil {
		return nil, errors.New("advise: the items have no labels, and all that can be said goes by them")
	}
	groups, err := together(frame, opt.Groups, opt.Duplicates)
	if err != nil {
		return nil, fmt.Errorf("advise: %w", err)
	}
	provenance.Seed(opt.Seed)
	var labelled []int
	for i, label := range frame.Labels {
		if label != "" {
			labelled = append(labelled, i)
		}
	}
	a := &Advice{Items: len(labelled), Unlabelled: frame.N() - len(labelled), Model: modelName, Repeats: opt.repeats(),
		Seed: opt.Seed}
	if opt.Fit != nil {
		a.Model = "given"
	}
	r := &runner{frame: frame, groups: groups, items: labelled, opt: opt, advice: a}
	if a.Unlabelled > 0 {
		r.frame = frame.Select(labelled)
		if groups != nil {
			r.groups = embedding.Pick(groups, labelled)
		}
	}
	names, _ := r.frame.Classes()
	a.Classes = len(names)
	if !opt.NoCurves {
		if err := r.curves(ctx); err != nil {
			return nil, fmt.Errorf("advise: %w", err)
		}
	}
	if !opt.NoLabels {
		if err := r.labels(ctx); err != nil {
			return nil, fmt.Errorf("advise: labels: %w", err)
		}
	}
	return a, nil
}

// modelName is the model of curves without Options.Fit.
const modelName = "PLDA of whitened components, no encoder"

// together returns the group of every item, by groups and by duplicates; nil = none.
func together(f *data.Frame, groups []string, copies *duplicates.Duplicates) ([]string, error) {
	if len(groups) > 0 && len(groups) != f.N() {
		return nil, option.Errorf("Groups", "there are %d, and %d items", len(groups), f.N())
	}
	var lists [][]string
	if len(groups) > 0 {
		lists = append(lists, groups)
	}
	if copies != nil {
		lists = append(lists, copies.Groups(f.N()))
	}
	return split.MergeGroups(lists...)
}

// runner is a run with its labelled items.
type runner struct {
	frame  *data.Frame
	groups []string
	items  []int // numbers in the caller's frame
	opt    Options
	advice *Advice
}

// refuse notes what cannot be told.
func (r *runner) refuse(what string, why error) {
	r.advice.Refused = append(r.advice.Refused, what+": "+why.Error())
}

// curves computes both curves and what to collect.
func (r *runner) curves(ctx context.Context) error {
	for _, part := range []struct {
		of  string
		on  string
		get func(*data.Frame, []string, Options) (*plan, error)
		to  **Curve
	}{{partItems, "new items of the same classes", planItems, &r.advice.ByItems},
		{partClasses, "items of new classes", planClasses, &r.advice.ByClasses}} {
		p, err := part.get(r.frame, r.groups, r.opt)
		if err != nil {
			r.refuse("no curve over "+part.of, err)
			continue
		}
		found, err := r.measure(ctx, p)
		if err != nil {
			return fmt.Errorf("curve over %s: %w", part.of, err)
		}
		*part.to = r.curve(p, found, part.on)
		if part.of == partItems {
			r.advice.Collect = r.collect(p, found)
		}
	}
	return nil
}

// measure fits a model to every part of every fold of a plan and tests it, [folds][sizes].
func (r *runner) measure(ctx context.Context, p *plan) ([][]outcome, error) {
	out := make([][]outcome, len(p.folds))
	tell := r.teller(p.of, len(p.folds)*len(p.sizes))
	workers := 0
	if r.opt.Fit != nil {
		workers = 1
	}
	t := newTester(r.frame)
	err := parallel.Each(ctx, len(p.folds), workers, func(_, k int) error {
		one := p.folds[k]
		last := one.parts[len(one.parts)-1]
		f, at, err := r.prepare(ctx, last, one.test)
		if err != nil {
			return err
		}
		test := f.Select(places(at, one.test))
		for _, part := range one.parts {
			z, err := r.embed(ctx, f, places(at, part), test, one.seed)
			if err != nil {
				return fmt.Errorf("fold %d, %d items: %w", k+1, len(part), err)
			}
			found, err := t.test(ctx, z, one.test, p.metric)
			if err != nil {
				return err
			}
			out[k] = append(out[k], found)
			tell()
		}
		return nil
	})
	return out, err
}

// prepare returns a frame of the items of a fold as its models see them, and where the items are in it.
func (r *runner) prepare(ctx context.Context, train, test []int) (f *data.Frame, at map[int]int, err error) {
	all := slices.Concat(train, test)
	at = make(map[int]int, len(all))
	for k, i := range all {
		at[i] = k
	}
	f = r.frame.Select(all)
	if r.opt.Fit != nil {
		return f, at, nil
	}
	f, err = directions(ctx, f, places(at, train))
	return f, at, err
}

// places returns where items are.
func places(at map[int]int, items []int) []int {
	out := make([]int, len(items))
	for k, i := range items {
		out[k] = at[i]
	}
	return out
}

// embed fits a model to items of f and embeds the items of test.
func (r *runner) embed(ctx context.Context, f *data.Frame, train []int, test *data.Frame,
	seed uint64) (*embedding.Embeddings, error) {
	if r.opt.Fit != nil {
		return r.opt.Fit(ctx, f.Select(train), test, seed)
	}
	m, err := fit(ctx, f, train)
	if err != nil {
		return nil, err
	}
	_, z, err := m.rows(ctx, test)
	return z, err
}

// teller returns a function that tells the progress of one model more.
func (r *runner) teller(what string, all int) func() {
	var lock sync.Mutex
	done := 0
	return func() {
		lock.Lock()
		defer lock.Unlock()
		done++
		if r.opt.Progress != nil {
			r.opt.Progress(Progress{What: what, Done: done, All: all})
		}
	}
}
