package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
)

// splitFlags are the flags of a command that draws a split of items.
type splitFlags struct {
	val, test          float64
	heldOut, domains   string
	testItems          int
	stratify           bool
	duplicates, groups string
	near               float64
	allow              string
}

func (s *splitFlags) register(flags *flag.FlagSet) {
	flags.Float64Var(&s.val, "val", 0.1, "`amount` of items to validate on: below 1 a share, from 1 on a count")
	flags.Float64Var(&s.test, "test", 0.1, "`amount` of items to test on, in the same way; not with -held-out or -held-out-domains")
	flags.StringVar(&s.heldOut, "held-out", "", "`classes` to test on and not to train on, with commas between them")
	flags.StringVar(&s.domains, "held-out-domains", "", "`domains` to test on and not to train on")
	flags.IntVar(&s.testItems, "test-items", 0, "most `items` of what is held out to test on; 0 = all")
	flags.BoolVar(&s.stratify, "stratify", true, "give every side its share of every class, where items have classes")
	s.registerTogether(flags)
	flags.StringVar(&s.allow, "allow", "", "`kinds` of leak that are meant to be, such as exact-duplicates; they are reported and no error")
	flags.Float64Var(&s.near, "near", 0, "`similarity` from which on the report looks for near duplicates too, such as 0.98; 0 = it does not, which saves time")
}

// registerTogether adds the flags that say which items stay on one side.
func (s *splitFlags) registerTogether(flags *flag.FlagSet) {
	flags.StringVar(&s.duplicates, "duplicates", "", "keep duplicates on one side: exact, or the `similarity` from which on two items are near duplicates, such as 0.98")
	flags.StringVar(&s.groups, "groups", "", "`table` with an item's id and, as its label, its group; items of a group stay on one side")
}

// draw returns a split of the frame by the flags.
func (s *splitFlags) draw(ctx context.Context, frame *data.Frame, seed uint64) (*data.Split, error) {
	groups, duplicates, err := s.together(ctx, frame)
	if err != nil {
		return nil, err
	}
	stratify := s.stratify && frame.Labels != nil
	switch {
	case s.heldOut != "" && s.domains != "":
		return nil, usageError{errors.New("-held-out and -held-out-domains are two ways to split: give one")}
	case s.heldOut != "":
		return data.SplitClasses(frame, data.ClassSplit{HeldOut: strings.Split(s.heldOut, ","), TestItems: s.testItems, Val: s.val, Seed: seed,
			Groups: groups, Duplicates: duplicates})
	case s.domains != "":
		return data.SplitDomains(frame, data.DomainSplit{HeldOut: strings.Split(s.domains, ","), TestItems: s.testItems, Val: s.val, Seed: seed,
			Stratify: stratify, Groups: groups, Duplicates: duplicates})
	}
	return data.SplitItems(frame, data.ItemSplit{Val: s.val, Test: s.test, Seed: seed, Stratify: stratify, Groups: groups, Duplicates: duplicates})
}

// together returns what -groups and -duplicates keep on one side, nil where they are not given.
func (s *splitFlags) together(ctx context.Context, frame *data.Frame) (groups []string, duplicates *data.Duplicates, err error) {
	if s.groups != "" {
		joined, err := table.JoinLabels(ctx, frame, s.groups, table.JoinOptions{AllowMissingIDs: true, AllowOthers: true})
		if err != nil {
			return nil, nil, fmt.Errorf("-groups: %w", err)
		}
		groups = joined.Labels
	}
	duplicates, err = s.findDuplicates(ctx, frame)
	return groups, duplicates, err
}

// findDuplicates returns the duplicates that -duplicates asks for, nil without it.
func (s *splitFlags) findDuplicates(ctx context.Context, frame *data.Frame) (*data.Duplicates, error) {
	if s.duplicates == "" {
		return nil, nil
	}
	var opt data.DuplicateOptions
	if s.duplicates != "exact" {
		threshold, err := strconv.ParseFloat(s.duplicates, 64)
		if err != nil {
			return nil, usageError{fmt.Errorf("-duplicates %q: want exact, or a similarity such as 0.98", s.duplicates)}
		}
		opt.Threshold = threshold
	}
	return data.FindDuplicates(ctx, frame, opt)
}

// report writes what the sides have in common, and returns an error when that is a leak that is not allowed.
func (s *splitFlags) report(ctx context.Context, frame *data.Frame, split *data.Split, out io.Writer) error {
	opt := data.LeakageOptions{Similarity: s.near}
	if s.allow != "" {
		opt.Allow = strings.Split(s.allow, ",")
	}
	leakage, err := split.Leakage(ctx, frame, opt)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, inFlags(leakage.String()))
	if err := leakage.Err(); err != nil {
		return fmt.Errorf("%w\nin flags: -duplicates exact, or -duplicates 0.98, splits so that duplicates stay on one side; -allow exact-duplicates allows a kind by its name", err)
	}
	return nil
}

// dealPairs returns the pairs of a table on the sides of a split, drawn where there is none.
func (s *splitFlags) dealPairs(ctx context.Context, frame *data.Frame, path string, items *data.Split, seed uint64) (*siamese.PairSplit, error) {
	pairs, err := openPairs(ctx, "pairs", path, frame)
	if err != nil {
		return nil, err
	}
	if items != nil {
		return siamese.ApplyPairSplit(pairs, frame, items)
	}
	if s.heldOut != "" || s.domains != "" {
		return nil, usageError{errors.New("-pairs are split by item, not by class or domain: leave out -held-out and -held-out-domains, or give a -split")}
	}
	groups, duplicates, err := s.together(ctx, frame)
	if err != nil {
		return nil, err
	}
	if duplicates != nil {
		if groups, err = data.MergeGroups(groups, duplicates.Groups(frame.N())); err != nil {
			return nil, err
		}
	}
	return siamese.SplitPairs(pairs, frame, siamese.PairSplitOptions{Val: s.val, Test: s.test, Seed: seed, Groups: groups})
}

// openPairs returns the labelled pairs in a table.
func openPairs(ctx context.Context, flagName, path string, frame *data.Frame) (siamese.Pairs, error) {
	pairs, _, err := table.OpenPairs(ctx, path, frame, table.PairOptions{})
	if err != nil {
		return siamese.Pairs{}, fmt.Errorf("-%s: %w", flagName, err)
	}
	return siamese.Pairs(pairs), nil
}
