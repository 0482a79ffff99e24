package main

import (
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/explain"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// explainCommand explains similarities: that of two items with --pair, else those of all items, block by block.
type explainCommand struct {
	modelAndData
	modelFlags
	// Pair is an explanation of one cosine; without it the metrics of the model are explained.
	Pair  []string `placeholder:"ID,ID" help:"Ids of two items."`
	Split string   `placeholder:"FILE" help:"${help_explain_split}"`
	// Counts go to [explain.Options]; 0 means the default there.
	Background  int    `option:"Items" placeholder:"N" help:"Items that stand for any item; 0 = 64."`
	Features    int    `placeholder:"N" help:"Features to list; 0 = 10."`
	BlocksOnly  bool   `help:"Leave out single features, which take most of the time."`
	Steps       int    `placeholder:"N" help:"Steps of the integral that gives a feature its part; 0 = 32."`
	Orders      int    `placeholder:"N" help:"Orders in which more than 10 blocks are added; 0 = 100."`
	Pairs       int    `placeholder:"N" help:"Pairs to explain, without --pair; 0 = 100."`
	NoIntervals bool   `help:"${help_explain_no_intervals}"`
	Seed        uint64 `default:"42" help:"Seed of what is drawn."`
	JSON        string `output:"file" placeholder:"FILE" help:"File for the explanation as JSON."`

	// background is the training items of --split; nil without it, which makes all items of DATA the background.
	background *data.Frame
}

// Help is the text below the usage.
func (*explainCommand) Help() string {
	return `Attributes the similarity of two items to blocks of features and to features. Without --pair it explains
the items of DATA: the metrics with each block left out and with only it, and its part in the cosines of same and of
different pairs, compared with features without training, all with confidence intervals. With --split the test items
are explained, with training items as background.

  siamese explain --pair=fashion/00007,fashion/00012 model.safetensors builtin
  siamese explain --split=model.split.json --json=blocks.json model.safetensors builtin
`
}

// Run prints the explanation and writes it to --json. Counts that are 0 mean the defaults of [explain.Options]; those
// below 0 are its errors.
func (e *explainCommand) Run(ctx context.Context, s *streams) error {
	switch {
	case e.Pair != nil && len(e.Pair) != 2:
		return wrongFlag("pair", "%q are not two ids with a comma between them", e.Pair)
	case e.Pair != nil && e.Pairs != 0:
		return wrongFlag("pairs", "it is for many pairs: leave out --pairs or --pair")
	case e.Pair != nil && e.NoIntervals:
		return wrongFlag("no-intervals", "the explanation of --pair has none: leave it out")
	case e.BlocksOnly && e.Features != 0:
		return wrongFlag("features", "--blocks-only lists none: leave out one of the two")
	case e.BlocksOnly && e.Steps != 0:
		return wrongFlag("steps", "they are for features, which --blocks-only leaves out: leave out one of the two")
	}
	if e.Pair != nil {
		e.unlabelled = "the explanation of --pair has no use for classes"
	}
	u, err := e.open(ctx, e.Model, e.Data, s.errOut)
	if err != nil {
		return err
	}
	if blocks := len(u.frame.Blocks); e.Orders != 0 && blocks <= 10 {
		return wrongFlag("orders", "they are for more than 10 blocks, and the items have %d: leave it out", blocks)
	}
	// Both explanations print themselves and are written as they are.
	var said fmt.Stringer
	if e.Pair != nil {
		said, err = e.one(ctx, u)
	} else {
		said, err = e.all(ctx, u, s.errOut)
	}
	if err != nil {
		return err
	}
	fmt.Fprint(s.out, said)
	if e.JSON != "" {
		return jsonfile.Write(e.JSON, said)
	}
	return nil
}

// options returns the options that the flags and the split give.
func (e *explainCommand) options() explain.Options {
	return explain.Options{Background: e.background, Items: e.Background, Features: e.Features,
		NoFeatures: e.BlocksOnly,
		Steps:      e.Steps, Orders: e.Orders, Seed: e.Seed}
}

// one explains the similarity of the two items of --pair. The split gives the background only: the two items may be
// from any of its sides.
func (e *explainCommand) one(ctx context.Context, u *loadedModel) (fmt.Stringer, error) {
	// Ids, since the user sees ids in every report; the package explain goes by numbers.
	items, err := itemsByID(u.frame, e.Data, e.Pair...)
	if err != nil {
		return nil, err
	}
	if e.Split != "" {
		split, err := split.Load(e.Split, u.frame)
		if err != nil {
			return nil, err
		}
		e.background = u.frame.Select(split.Train)
	}
	x, err := explain.Pair(ctx, u.backend, u.Model, u.frame, items[0], items[1], e.options())
	if err != nil {
		return nil, err // not x: a nil of its type is no nil Stringer
	}
	return x, nil
}

// all explains the similarities of the test items of --split, without it those of all items, and prints every tenth of
// the work on errOut.
func (e *explainCommand) all(ctx context.Context, u *loadedModel, errOut io.Writer) (fmt.Stringer, error) {
	// All items are explained, and are the background, unless a split tells them apart.
	test := u.frame
	if e.Split != "" {
		split, err := split.Load(e.Split, u.frame)
		if err != nil {
			return nil, err
		}
		test, e.background = u.frame.Select(split.Test), u.frame.Select(split.Train)
	}
	// shown is the last tenth that was printed; -1 so that the first, 0 %, is printed too.
	shown := -1
	opt := explain.BlocksOptions{Explain: e.options(), Pairs: e.Pairs, NoIntervals: e.NoIntervals}
	opt.Progress = func(done float64) {
		if tenth := int(10 * done); tenth > shown {
			shown = tenth
			fmt.Fprintf(errOut, "%d %% done\n", 10*tenth)
		}
	}
	// This takes long: the metrics are computed anew with every block left out, and with it alone.
	x, err := explain.Blocks(ctx, u.backend, u.Model, test, opt)
	if err != nil {
		return nil, err
	}
	return x, nil
}
