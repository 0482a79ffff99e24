package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
)

const evaluateHelp = `usage: siamese evaluate -split split.json [flags] MODEL DATA

Judges a model on the test items of a split, over all their pairs or, with -pairs, on the given pairs of them, beside
the features without any training. The threshold was chosen on validation items.

  siamese evaluate -split model.split.json model.safetensors builtin
  siamese evaluate -split split.json -baselines -json report.json model.safetensors items.parquet
  siamese evaluate -split split.json -pairs pairs.csv model.safetensors items.parquet

` + dataHelp + "\n"

// evaluateCommand judges a model.
func evaluateCommand(ctx context.Context, args []string, out, complaints io.Writer) error {
	var m modelFlags
	flags := newFlags("evaluate", evaluateHelp)
	m.register(flags)
	splitFile := flags.String("split", "", "`file` with the split, as train and split write it")
	pairs := flags.String("pairs", "", "`table` of labelled pairs to judge on")
	baselines := flags.Bool("baselines", false, "also judge what else can be made of the features, fitted on the training items of the split: principal components, linear discriminants and others")
	title := flags.String("name", "", "`words` for what the test items are (default: new items, or unseen classes or domains)")
	to := flags.String("json", "", "`file` for the report as JSON")
	rest, err := parse(flags, args, out)
	switch {
	case err != nil:
		return err
	case *splitFile == "":
		return usageError{errors.New("-split is missing: say which items are to be tested on; train writes a split beside the model")}
	case *baselines && *pairs != "":
		return usageError{errors.New("-baselines are judged over all pairs of items: leave out -pairs")}
	case len(rest) != 2:
		return usageError{fmt.Errorf("%d arguments are given, want MODEL and DATA", len(rest))}
	}
	u, err := m.open(ctx, rest[0], rest[1], complaints)
	if err != nil {
		return err
	}
	split, err := data.LoadSplit(*splitFile, u.frame)
	if err != nil {
		return err
	}
	if *title == "" {
		*title = titleOf(split)
	}
	var report fmt.Stringer
	if *pairs == "" {
		var opt siamese.EvaluateOptions
		if *baselines {
			opt.Train = u.frame.Select(split.Train)
		}
		report, err = siamese.EvaluateWith(ctx, u.backend, u.Model, *title, u.frame.Select(split.Val), u.frame.Select(split.Test), opt)
	} else {
		report, err = u.evaluatePairs(ctx, *title, *pairs, split)
	}
	if err != nil {
		return err
	}
	fmt.Fprint(out, report)
	if *to != "" {
		return saveJSON(*to, report)
	}
	return nil
}

func (u *used) evaluatePairs(ctx context.Context, title, path string, split *data.Split) (*siamese.PairReport, error) {
	pairs, err := openPairs(ctx, path, u.frame)
	if err != nil {
		return nil, err
	}
	sides, err := siamese.ApplyPairSplit(pairs, u.frame, split)
	if err != nil {
		return nil, err
	}
	return siamese.EvaluatePairs(ctx, u.backend, u.Model, title, u.frame, sides.Val, sides.Test)
}

// titleOf says what the test items of a split are.
func titleOf(split *data.Split) string {
	switch {
	case split.HeldOut != nil:
		return "unseen classes"
	case split.HeldOutDomains != nil:
		return "unseen domains"
	}
	return "new items"
}
