package siamese

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/plda"
)

// Prepared remembers what trainings compute of their frames before the first step: fitted preprocessing, hashes and
// copies of items. Trainings on the same frames that are given one Prepared compute that once, and have the same bits
// as without it. It holds what belongs to one pair of training and validation frames, the last ones, which must not be
// changed meanwhile; their models share transforms. The zero value is empty. It is safe for concurrent use.
type Prepared struct {
	mu         sync.Mutex
	train, val *data.Frame
	known      map[string]any
	order      []string
}

// mostPrepared bounds what is remembered: kinds of preprocessing differ in a sweep.
const mostPrepared = 32

// prepared returns what make returns, from p where it is known; p may be nil. what tells it from others of the same
// frames. Two calls at once may both make it.
func prepared[T any](p *Prepared, train, val *data.Frame, what string, make func() (T, error)) (T, error) {
	if p == nil {
		return make()
	}
	p.mu.Lock()
	if p.train != train || p.val != val {
		p.train, p.val, p.known, p.order = train, val, map[string]any{}, nil
	}
	known, ok := p.known[what].(T)
	p.mu.Unlock()
	if ok {
		return known, nil
	}
	made, err := make()
	if err != nil {
		return made, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.train == train && p.val == val {
		if !slices.Contains(p.order, what) {
			p.order = append(p.order, what)
		}
		p.known[what] = made
		if len(p.order) > mostPrepared {
			delete(p.known, p.order[0])
			p.order = p.order[1:]
		}
	}
	return made, nil
}

// fitted is what a model has that no step trains.
type fitted struct {
	transform, standard *preprocess.Transform
	plda                *plda.Model // of the features; nil = none
}

// fitTransforms fits the preprocessing, and standardisation, which is the baseline.
func fitTransforms(ctx context.Context, cfg Config, train *data.Frame) (fitted, error) {
	items := itemset.AllItems(train)
	transform, err := preprocess.Fit(ctx, train, items, cfg.Preprocess)
	if err != nil {
		return fitted{}, fmt.Errorf("training items: %w", err)
	}
	if transform.Blank() {
		return fitted{}, fmt.Errorf("training items: no feature varies among the %d items, or by no more than float32 "+
			"can tell: nothing tells them apart; describe shows the columns", train.N())
	}
	if cfg.Preprocess.IsStandard() { // one fit serves both where they ask for the same
		return fitted{transform: transform, standard: transform}, nil
	}
	standard, err := preprocess.Fit(ctx, train, items, cfg.Preprocess.Standard())
	if err != nil {
		return fitted{}, fmt.Errorf("training items: %w", err)
	}
	return fitted{transform: transform, standard: standard}, nil
}
