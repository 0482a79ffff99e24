package worker

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/show"
)

// cosinesFacts are those of same and of different pairs.
type cosinesFacts struct {
	Same           int     `json:"same"` // pairs
	Different      int     `json:"different"`
	Threshold      float64 `json:"threshold"`
	SameReach      float64 `json:"same_reach"`      // share of the same pairs at or above the threshold
	DifferentReach float64 `json:"different_reach"` // share of the different ones: false matches
}

// cosinesArgs take the cosines of test pairs.
type cosinesArgs struct {
	Model string `json:"model"`
}

func (a *cosinesArgs) inputs() []string { return []string{a.Model} }
func (a *cosinesArgs) files() []string  { return nil }

func (a *cosinesArgs) run(ctx context.Context, t *task) (*made, error) {
	same, different, threshold, err := a.cosines(ctx, t)
	if err != nil {
		return nil, err
	}
	c := cosinesFacts{Same: len(same), Different: len(different), Threshold: threshold,
		SameReach: reach(same, threshold), DifferentReach: reach(different, threshold)}
	return &made{name: "cosines", text: fmt.Sprintf("%.1f %% of %d same and %.1f %% of %d different pairs reach the "+
		"threshold %.4f", 100*c.SameReach, c.Same, 100*c.DifferentReach, c.Different, threshold), facts: c}, nil
}

// cosines returns the cosines of test pairs, with the model's threshold.
func (a *cosinesArgs) cosines(ctx context.Context, t *task) (same, different []float32, threshold float64, err error) {
	m, err := input[*modelObject](ctx, t, a.Model)
	if err != nil {
		return nil, nil, 0, err
	}
	facts, err := t.w.modelFacts(a.Model)
	if err != nil {
		return nil, nil, 0, err
	}
	var frame string
	var drawn pairs.Pairs
	if of, err := t.w.record(facts.Split); err == nil && of.Kind == kindPairs {
		p, err := input[*pairsObject](ctx, t, facts.Split)
		if err != nil {
			return nil, nil, 0, err
		}
		frame, drawn = p.frame, p.Test
	} else {
		_, key, test, err := t.sideOf(ctx, a.Model, session.Test)
		if err != nil {
			return nil, nil, 0, err
		}
		frame = key
		t.seed(m.Model.Config.Seed)
		if drawn, err = siamese.ValidationPairs(m.Model.Config, test); err != nil {
			return nil, nil, 0, fmt.Errorf("test items: %w", err)
		}
	}
	z, _, err := t.embeddings(ctx, a.Model, frame)
	if err != nil {
		return nil, nil, 0, err
	}
	same, different = pairs.CosinesByLabel(z.Embeddings, drawn)
	return same, different, m.Model.Threshold, nil
}

// reach returns the share of cosines at or above a threshold, 0 of none.
func reach(cosines []float32, threshold float64) float64 {
	n := 0
	for _, c := range cosines {
		if float64(c) >= threshold {
			n++
		}
	}
	return float64(n) / float64(max(1, len(cosines)))
}

// cosinesOutputs draws the two distributions.
func (t *task) cosinesOutputs(ctx context.Context, r *store.Record) (show.Outputs, error) {
	a := &cosinesArgs{Model: r.Inputs[0]}
	same, different, threshold, err := a.cosines(ctx, t)
	if err != nil {
		return nil, err
	}
	return show.ScoresOutputs(fmt.Sprintf("Cosine of %d pairs of test items", len(same)+len(different)), same, different,
		threshold)
}
