package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

const splitHelp = `usage: siamese split -out split.json [flags] DATA

Splits the items of DATA into sides to train on, to validate on and to test on, and writes them with what it takes to
know the items again. Then it reports what the sides have in common; a leak that -allow does not name is an error, and
nothing is written.

  siamese split -out split.json builtin
  siamese split -out split.json -val 0.1 -held-out sneaker,bag -near 0.98 items.parquet
  siamese split -out split.json -duplicates 0.98 -groups photos.csv items.parquet

` + dataHelp + "\n"

// splitCommand draws a split, reports on it and writes it.
func splitCommand(ctx context.Context, args []string, out, _ io.Writer) error {
	var input dataFlags
	var split splitFlags
	flags := newFlags("split", splitHelp)
	input.register(flags)
	split.register(flags)
	to := flags.String("out", "", "`file` to write, in JSON")
	pairs := flags.String("pairs", "", "`table` of labelled pairs: items are split so that few pairs are torn")
	seed := flags.Uint64("seed", 42, "`seed` of the split")
	rest, err := parse(flags, args, out)
	switch {
	case err != nil:
		return err
	case *to == "":
		return usageError{errors.New("-out is missing: say which file to write the split to")}
	case len(rest) != 1:
		return usageError{fmt.Errorf("%d tables are given, want one DATA", len(rest))}
	}
	frame, how, err := input.open(ctx, rest[0])
	if err != nil {
		return err
	}
	fmt.Fprintln(out, how)
	if *pairs != "" {
		sides, err := split.dealPairs(ctx, frame, *pairs, nil, *seed)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, strings.TrimSpace(sides.String()))
		if err := split.report(ctx, frame, sides.Items, out); err != nil {
			return err
		}
		return sides.Items.Save(*to, frame)
	}
	sides, err := split.draw(ctx, frame, *seed)
	if err != nil {
		return err
	}
	if err := split.report(ctx, frame, sides, out); err != nil {
		return err
	}
	return sides.Save(*to, frame)
}
