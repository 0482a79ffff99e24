package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// splitCommand draws a split, reports on it and writes it, so that several trainings and evaluations can use the same
// one.
type splitCommand struct {
	dataArgument
	Out string `output:"file" required:"" placeholder:"FILE" help:"File to write, in JSON."`
	dataFlags
	streamFlag
	splitFlags
	Pairs string `placeholder:"TABLE" help:"Table of labelled pairs: items are split so that few pairs are torn."`
	Seed  uint64 `default:"42" help:"Seed of the split."`
}

// Help is the text below the usage.
func (*splitCommand) Help() string {
	return `Splits the items of DATA into sides to train on, to validate on and to test on, and writes them with what
it takes to recognise the items. It reports what the sides have in common; a leak that --allow does not name is an
error, and then nothing is written.

  siamese split --out=split.json builtin
  siamese split --out=split.json --val=0.1 --held-out=sneaker,bag --near=0.98 items.parquet
  siamese split --out=split.json --duplicates=0.98 --groups=photos.csv items.parquet
`
}

// Run splits the items, or with --pairs the items of the pairs. The file holds ids and a digest of the items, so that
// it is refused for other data. Nothing is written if the sides leak.
func (c *splitCommand) Run(ctx context.Context, parsed *kong.Context, s *streams) error {
	if err := c.check(parsed, c.Pairs); err != nil {
		return err
	}
	c.pairTable, c.groupTable, c.onDisk, c.errOut = c.Pairs, c.Groups, c.Stream, s.errOut
	frame, how, err := c.open(ctx, c.Data)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, how)
	// Ids, their hashes and those of the features on every side: the bytes are measured.
	if err := needs(s.errOut, "splitting", 480*float64(frame.N())); err != nil {
		return err
	}
	// The file has the same form either way: a split of items. That few pairs are torn is in the choice of the sides.
	if c.Pairs != "" {
		// nil: no split is given, one is drawn that suits the pairs.
		sides, err := c.assignPairs(ctx, frame, c.Pairs, nil, c.Seed, &c.joinFlags, s.out)
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, strings.TrimSpace(sides.String()))
		if err := c.report(ctx, frame, sides.Items, s.out); err != nil {
			return err
		}
		return sides.Items.Save(c.Out, frame)
	}
	// By item, by class or by domain, as the flags say.
	sides, err := c.draw(ctx, frame, c.Seed, &c.joinFlags, s.out)
	if err != nil {
		return err
	}
	if err := c.report(ctx, frame, sides, s.out); err != nil {
		return err
	}
	return sides.Save(c.Out, frame)
}
