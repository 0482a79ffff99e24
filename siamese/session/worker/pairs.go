package worker

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
)

// pairsObject are split pairs in memory.
type pairsObject struct {
	*pairs.Split
	frame string // key of the frame
}

func (p *pairsObject) bytes() int64 {
	return 16 * int64(len(p.Train.Left)+len(p.Val.Left)+len(p.Test.Left))
}
func (p *pairsObject) close() {}

// pairsFile holds all pairs of the table; the split is in splitFile.
const pairsFile = "pairs.parquet"

// loadPairs puts kept pairs on their sides.
func loadPairs(ctx context.Context, t *task, r *store.Record) (object, error) {
	f, err := input[*frameObject](ctx, t, r.Inputs[0])
	if err != nil {
		return nil, err
	}
	all, _, err := table.OpenPairs(ctx, t.w.store.Path(r.Key, pairsFile), f.Frame,
		table.PairOptions{Same: "1", ByRow: f.Numbered})
	if err != nil {
		return nil, err
	}
	items, err := split.Load(t.w.store.Path(r.Key, splitFile), f.Frame)
	if err != nil {
		return nil, err
	}
	s, err := pairs.ApplySplit(pairs.Pairs(all), f.Frame, items)
	if err != nil {
		return nil, err
	}
	return &pairsObject{s, r.Inputs[0]}, nil
}

// pairsArgs read and split labelled pairs.
type pairsArgs struct {
	Frame   string              `json:"frame"`
	Path    string              `json:"path"`
	Options session.PairOptions `json:"options"`
}

func (a *pairsArgs) inputs() []string { return []string{a.Frame} }
func (a *pairsArgs) files() []string  { return []string{a.Path} }

func (a *pairsArgs) run(ctx context.Context, t *task) (*made, error) {
	f, err := input[*frameObject](ctx, t, a.Frame)
	if err != nil {
		return nil, err
	}
	o := a.Options
	all, how, err := table.OpenPairs(ctx, a.Path, f.Frame, table.PairOptions{Left: o.Left, Right: o.Right, Label: o.Label,
		Weight: o.Weight, Same: o.Same, ByRow: o.ByRow, AllowUnknown: o.AllowUnknown})
	if err != nil {
		return nil, err
	}
	opt := pairs.SplitOptions{Val: o.Val, Test: o.Test, Seed: o.Seed}
	if opt.Val == 0 {
		opt.Val = .1
	}
	if opt.Test == 0 {
		opt.Test = .1
	}
	if !o.KeepCopies {
		copies, err := duplicates.Find(ctx, f.Frame, duplicates.Options{})
		if err != nil {
			return nil, err
		}
		opt.Groups = copies.Groups(f.N())
	}
	t.seed(opt.Seed)
	s, err := pairs.NewSplit(pairs.Pairs(all), f.Frame, opt)
	if err != nil {
		return nil, err
	}
	n := len(s.Train.Left) + len(s.Val.Left) + len(s.Test.Left)
	return &made{name: filepath.Base(a.Path), text: named(strings.TrimSpace(how.String()), a.Path) + "\n" +
		strings.TrimSpace(s.String()),
		facts: session.Pairs{Frame: a.Frame, Lost: len(all.Left) - n, Warnings: s.Warnings,
			Sides: session.Sides{Train: len(s.Train.Left), Val: len(s.Val.Left), Test: len(s.Test.Left)}},
		object: &pairsObject{s, a.Frame}, write: func(folder string) error {
			return errors.Join(s.Items.Save(filepath.Join(folder, splitFile), f.Frame),
				table.SavePairs(filepath.Join(folder, pairsFile), f.Frame, all))
		}}, nil
}

// pairs returns a list of pairs and the frame of their items.
func (t *task) pairs(ctx context.Context, key string) (*pairsObject, *frameObject, error) {
	p, err := input[*pairsObject](ctx, t, key)
	if err != nil {
		return nil, nil, err
	}
	f, err := input[*frameObject](ctx, t, p.frame)
	return p, f, err
}

// trainPairsArgs train a model on pairs.
type trainPairsArgs struct {
	Pairs  string        `json:"pairs"`
	Config config.Config `json:"config"`
}

func (a *trainPairsArgs) inputs() []string { return []string{a.Pairs} }
func (a *trainPairsArgs) files() []string  { return nil }

func (a *trainPairsArgs) run(ctx context.Context, t *task) (*made, error) {
	p, f, err := t.pairs(ctx, a.Pairs)
	if err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	return t.train(ctx, a.Pairs, a.Config, func(opts siamese.TrainOptions) (*siamese.Result, error) {
		return siamese.TrainPairs(ctx, backend, a.Config, f.Frame, p.Train, p.Val, opts)
	})
}

// evaluatePairsArgs evaluate a model on pairs.
type evaluatePairsArgs struct {
	Model   string                  `json:"model"`
	Pairs   string                  `json:"pairs"`
	Options session.EvaluateOptions `json:"options"`
}

func (a *evaluatePairsArgs) inputs() []string { return []string{a.Model, a.Pairs} }
func (a *evaluatePairsArgs) files() []string  { return nil }

func (a *evaluatePairsArgs) run(ctx context.Context, t *task) (*made, error) {
	m, err := input[*modelObject](ctx, t, a.Model)
	if err != nil {
		return nil, err
	}
	p, f, err := t.pairs(ctx, a.Pairs)
	if err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	models := evaluate.One(m.Model)
	opt, err := t.evaluation(a.Options, models...)
	if err != nil {
		return nil, err
	}
	if a.Options.Baselines {
		opt.Train = f.Select(p.Items.Train)
	}
	c, err := evaluate.Pairs(ctx, backend, models, "test pairs", f.Frame, p.Val, p.Test, opt)
	if err != nil {
		return nil, err
	}
	return reportMade("test pairs", c), nil
}
