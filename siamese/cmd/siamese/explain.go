package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

const explainHelp = `usage: siamese explain [-pair ID,ID] [flags] MODEL DATA

Says which blocks of features, and which features, carry the similarity of two items, or without -pair those of the items
of DATA: what the model loses without a block, what a block does alone, and what it adds to the cosines of same and of
different pairs, beside the features without any training, all with intervals for other items. With -split the test items are explained, against training
items.

  siamese explain -pair fashion/00007,fashion/00012 model.safetensors builtin
  siamese explain -split model.split.json -json blocks.json model.safetensors builtin

` + dataHelp + "\n"

// explainFlags are those of explain.
type explainFlags struct {
	modelFlags
	pair, split, json string
	opt               siamese.BlocksOptions
}

// explainCommand explains similarities.
func explainCommand(ctx context.Context, args []string, out, complaints io.Writer) error {
	var e explainFlags
	flags := newFlags("explain", explainHelp)
	e.register(flags)
	explain := &e.opt.Explain
	flags.StringVar(&e.pair, "pair", "", "`ids` of two items, with a comma between them")
	flags.StringVar(&e.split, "split", "", "`file` with the split, as train and split write it (default: explain all items, against one another)")
	flags.IntVar(&explain.Items, "background", 0, "`number` of items that stand for any item; 0 = 64")
	flags.IntVar(&explain.Features, "features", 0, "`number` of features to list; 0 = 10")
	flags.BoolVar(&explain.NoFeatures, "blocks-only", false, "leave single features out, which take most of the time")
	flags.IntVar(&explain.Steps, "steps", 0, "`number` of steps of the integral that gives a feature its part; 0 = 32")
	flags.IntVar(&explain.Orders, "orders", 0, "`number` of orders in which more than 10 blocks are added; 0 = 100")
	flags.IntVar(&e.opt.Pairs, "pairs", 0, "`number` of pairs to explain, without -pair; 0 = 100")
	flags.BoolVar(&e.opt.NoIntervals, "no-intervals", false, "leave out the intervals of MAP@R and ROC-AUC, which take most of the time where there are many items")
	flags.Uint64Var(&explain.Seed, "seed", 42, "`seed` of what is drawn")
	flags.StringVar(&e.json, "json", "", "`file` for the explanation as JSON")
	rest, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	ids := strings.Split(e.pair, ",")
	switch {
	case e.pair != "" && len(ids) != 2:
		return usageError{fmt.Errorf("-pair %q: want two ids with a comma between them", e.pair)}
	case e.pair != "" && e.opt.Pairs != 0:
		return usageError{errors.New("-pairs is for many pairs: leave out -pairs or -pair")}
	case len(rest) != 2:
		return usageError{fmt.Errorf("%d arguments are given, want MODEL and DATA", len(rest))}
	}
	u, err := e.open(ctx, rest[0], rest[1], complaints)
	if err != nil {
		return err
	}
	var said fmt.Stringer
	if e.pair != "" {
		said, err = e.one(ctx, u, rest[1], ids)
	} else {
		said, err = e.all(ctx, u, complaints)
	}
	if err != nil {
		return err
	}
	fmt.Fprint(out, said)
	if e.json != "" {
		return jsonfile.Write(e.json, said)
	}
	return nil
}

// one explains the similarity of two items of DATA.
func (e *explainFlags) one(ctx context.Context, u *used, name string, ids []string) (fmt.Stringer, error) {
	items, err := itemsByID(u.frame, name, ids...)
	if err != nil {
		return nil, err
	}
	if e.split != "" {
		split, err := data.LoadSplit(e.split, u.frame)
		if err != nil {
			return nil, err
		}
		e.opt.Explain.Background = u.frame.Select(split.Train)
	}
	x, err := siamese.ExplainPair(ctx, u.backend, u.Model, u.frame, items[0], items[1], e.opt.Explain)
	if err != nil {
		return nil, err // not x: a nil of its type is no nil Stringer
	}
	return x, nil
}

// all explains the similarities of the test items, or of all.
func (e *explainFlags) all(ctx context.Context, u *used, complaints io.Writer) (fmt.Stringer, error) {
	test := u.frame
	if e.split != "" {
		split, err := data.LoadSplit(e.split, u.frame)
		if err != nil {
			return nil, err
		}
		test, e.opt.Explain.Background = u.frame.Select(split.Test), u.frame.Select(split.Train)
	}
	shown := -1
	e.opt.Progress = func(done float64) {
		if tenth := int(10 * done); tenth > shown {
			shown = tenth
			fmt.Fprintf(complaints, "%d %% done\n", 10*tenth)
		}
	}
	x, err := siamese.ExplainBlocks(ctx, u.backend, u.Model, test, e.opt)
	if err != nil {
		return nil, err
	}
	return x, nil
}
