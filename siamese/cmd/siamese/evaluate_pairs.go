package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
)

// oneLabelling returns why models cannot be judged by labels together, or nil.
func (e *evaluateCommand) oneLabelling(models []*siamese.Model, names []string) error {
	separator := models[0].Config.LabelSeparator
	for k, m := range models {
		if m.Config.LabelSeparator != separator {
			return fmt.Errorf("%s reads labels with label_separator %q and %s with %q: the two mean other items by same; evaluate them on pairs (--pairs)",
				names[0], separator, names[k], m.Config.LabelSeparator)
		}
	}
	if e.Estimate != 0 && separator != "" {
		return option.Errorf("estimate", "it is for items of one class each, and %s reads labels with label_separator %q: leave it out", names[0], separator)
	}
	return nil
}

// onPairs judges a model, or several, on pairs of the test items.
func (e *evaluateCommand) onPairs(ctx context.Context, u *used, models []*siamese.Model, names []string, items string, split *split.Split, opt evaluate.Options, pictures *finder, out io.Writer) error {
	val, test, err := u.judged(ctx, e.Pairs, split)
	if err != nil {
		return err
	}
	compared := &report.ComparedPairs{}
	if len(models) == 1 {
		report, err := evaluate.PairsWith(ctx, u.backend, models[0], e.Name, u.frame, val, test, opt)
		if err != nil {
			return err
		}
		compared.Reports = append(compared.Reports, report)
	} else if compared, err = evaluate.PairModels(ctx, u.backend, models, names, e.Name, u.frame, val, test, opt); err != nil {
		return err
	}
	for k, r := range compared.Reports {
		if r.Details != nil {
			if r.Details.Facts, err = e.facts(names[k], items); err != nil {
				return err
			}
		}
		if e.Pairs != "" {
			continue
		}
		if r.Labels, err = evaluate.Labels(ctx, u.backend, models[k], u.frame.Select(split.Test)); err != nil {
			return fmt.Errorf("%s: %w", names[k], err)
		}
	}
	var saved any = compared
	if len(models) == 1 {
		saved = compared.Reports[0]
	}
	return errors.Join(e.save(saved), e.tellPairs(pictures, compared, out))
}

// judged returns the pairs of the validation and of the test items: those of a file or, without one, those that labels tell of.
func (u *used) judged(ctx context.Context, path string, split *split.Split) (val, test pairs.Pairs, err error) {
	if path != "" {
		given, err := openPairs(ctx, "pairs", path, u.frame)
		if err != nil {
			return val, test, err
		}
		sides, err := pairs.ApplySplit(given, u.frame, split)
		if err != nil {
			return val, test, err
		}
		for _, side := range []struct {
			name  string
			pairs pairs.Pairs
		}{{"validation", sides.Val}, {"test", sides.Test}} {
			if side.pairs.Len() == 0 {
				return val, test, option.Errorf("pairs", "%s: none of %d pairs has both its items among the %s items of the split: add such pairs, or split by these (train --pairs)",
					path, given.Len(), side.name)
			}
		}
		return sides.Val, sides.Test, nil
	}
	if val, err = u.labelPairs(split.Val); err != nil {
		return val, test, fmt.Errorf("validation items: %w", err)
	}
	if test, err = u.labelPairs(split.Test); err != nil {
		return val, test, fmt.Errorf("test items: %w", err)
	}
	return val, test, nil
}

// mostLabelPairs is how many pairs that labels tell of are judged.
const mostLabelPairs = 200_000

// labelPairs returns pairs of some items that their labels tell of.
func (u *used) labelPairs(items []int) (pairs.Pairs, error) {
	pairs, err := pairs.FromLabels(u.frame.Select(items), u.Config.LabelSeparator, mostLabelPairs, u.Config.Seed)
	for k := range pairs.Left {
		pairs.Left[k], pairs.Right[k] = int32(items[pairs.Left[k]]), int32(items[pairs.Right[k]])
	}
	return pairs, err
}
