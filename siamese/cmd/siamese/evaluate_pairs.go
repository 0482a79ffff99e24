package main

import (
	"context"
	"errors"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
)

// onPairs judges a model, or several, on the given pairs of the test items.
func (e *evaluateFlags) onPairs(ctx context.Context, u *used, models []*siamese.Model, names []string, items string, split *data.Split, opt siamese.EvaluateOptions, pictures *finder, out io.Writer) error {
	pairs, err := openPairs(ctx, "pairs", e.pairs, u.frame)
	if err != nil {
		return err
	}
	sides, err := siamese.ApplyPairSplit(pairs, u.frame, split)
	if err != nil {
		return err
	}
	compared := &siamese.ComparedPairs{}
	if len(models) == 1 {
		report, err := siamese.EvaluatePairsWith(ctx, u.backend, models[0], e.title, u.frame, sides.Val, sides.Test, opt)
		if err != nil {
			return err
		}
		compared.Reports = append(compared.Reports, report)
	} else if compared, err = siamese.EvaluatePairModels(ctx, u.backend, models, names, e.title, u.frame, sides.Val, sides.Test, opt); err != nil {
		return err
	}
	for k, r := range compared.Reports {
		if r.Details != nil {
			if r.Details.Facts, err = e.facts(names[k], items); err != nil {
				return err
			}
		}
	}
	var saved any = compared
	if len(models) == 1 {
		saved = compared.Reports[0]
	}
	return errors.Join(e.save(saved), e.page.tellPairs(pictures, compared, out))
}
