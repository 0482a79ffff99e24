package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/pairs"
)

// splitFlags are the flags of a command that draws a split of items.
type splitFlags struct {
	Val            float64  `default:"0.1" help:"Items to validate on: below 1 a share, from 1 on a count."`
	Test           float64  `default:"0.1" help:"Items to test on, in the same way; not with --held-out or --held-out-domains."`
	HeldOut        []string `placeholder:"CLASS" xor:"held-out" help:"Classes to test on and not to train on."`
	HeldOutDomains []string `placeholder:"DOMAIN" xor:"held-out" help:"Domains to test on and not to train on."`
	TestItems      int      `placeholder:"N" help:"Most items of what is held out to test on; 0 = all."`
	Stratify       bool     `default:"true" negatable:"" help:"Give every side its share of every class, where items have classes (default: yes)."`
	Allow          []string `placeholder:"KIND" help:"Kinds of leak that are intended, such as exact-duplicates; they are reported and no error."`
	Near           float64  `option:"Similarity" placeholder:"SIMILARITY" help:"Similarity from which the report looks for near duplicates too, such as 0.98; 0 = it does not, which saves time."`
	togetherFlags
}

// togetherFlags say which items stay on one side.
type togetherFlags struct {
	Duplicates string `option:"Threshold" placeholder:"exact|SIMILARITY" help:"Keep duplicates on one side: exact ones, or items from this similarity on, such as 0.98."`
	Groups     string `placeholder:"TABLE" help:"Table with an item's id and, as its label, its group; items of a group stay on one side."`
}

// draw returns a split of the frame by the flags.
func (s *splitFlags) draw(ctx context.Context, frame *data.Frame, seed uint64) (*split.Split, error) {
	groups, duplicates, err := s.together(ctx, frame)
	if err != nil {
		return nil, err
	}
	stratify := s.Stratify && frame.Labels != nil
	switch {
	case s.HeldOut != nil:
		return split.Classes(frame, split.ClassOptions{HeldOut: s.HeldOut, TestItems: s.TestItems, Val: s.Val,
			Seed:   seed,
			Groups: groups, Duplicates: duplicates})
	case s.HeldOutDomains != nil:
		return split.Domains(frame, split.DomainOptions{HeldOut: s.HeldOutDomains, TestItems: s.TestItems, Val: s.Val,
			Seed:     seed,
			Stratify: stratify, Groups: groups, Duplicates: duplicates})
	}
	return split.Items(frame, split.ItemOptions{Val: s.Val, Test: s.Test, Seed: seed, Stratify: stratify,
		Groups: groups, Duplicates: duplicates})
}

// together returns what --groups and --duplicates keep on one side, nil where they are not given.
func (s *togetherFlags) together(ctx context.Context,
	frame *data.Frame) (groups []string, duplicates *duplicates.Duplicates, err error) {
	if s.Groups != "" {
		joined, err := table.JoinLabels(ctx, frame, s.Groups,
			table.JoinOptions{AllowMissingIDs: true, AllowOthers: true})
		if err != nil {
			return nil, nil, &option.Error{Option: "groups", Err: err}
		}
		groups = joined.Labels
	}
	duplicates, err = s.findDuplicates(ctx, frame)
	return groups, duplicates, err
}

// findDuplicates returns the duplicates that --duplicates asks for, nil without it.
func (s *togetherFlags) findDuplicates(ctx context.Context, frame *data.Frame) (*duplicates.Duplicates, error) {
	if s.Duplicates == "" {
		return nil, nil
	}
	var opt duplicates.Options
	if s.Duplicates != "exact" {
		threshold, err := strconv.ParseFloat(s.Duplicates, 64)
		if err != nil {
			return nil, wrongFlag("duplicates", "%q is neither exact nor a similarity such as 0.98", s.Duplicates)
		}
		opt.Near, opt.Threshold = threshold != 0, threshold
	}
	return duplicates.Find(ctx, frame, opt)
}

// report writes what the sides have in common, and returns an error when that is a leak that is not allowed.
func (s *splitFlags) report(ctx context.Context, frame *data.Frame, parts *split.Split, out io.Writer) error {
	leakage, err := parts.Leakage(ctx, frame, split.LeakageOptions{Similarity: s.Near, Allow: s.Allow})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, leakage)
	return leakage.Err()
}

// dealPairs returns the pairs of a table on the sides of a split, drawn where there is none.
func (s *splitFlags) dealPairs(ctx context.Context, frame *data.Frame, path string, items *split.Split,
	seed uint64) (*pairs.Split, error) {
	given, err := openPairs(ctx, "pairs", path, frame)
	if err != nil {
		return nil, err
	}
	if items != nil {
		return pairs.ApplySplit(given, frame, items)
	}
	if s.HeldOut != nil || s.HeldOutDomains != nil {
		return nil,
			wrongFlag("pairs", "pairs are split by item: leave out --held-out and --held-out-domains, or give a split")
	}
	groups, duplicates, err := s.together(ctx, frame)
	if err != nil {
		return nil, err
	}
	if duplicates != nil {
		if groups, err = split.MergeGroups(groups, duplicates.Groups(frame.N())); err != nil {
			return nil, err
		}
	}
	return pairs.NewSplit(given, frame, pairs.SplitOptions{Val: s.Val, Test: s.Test, Seed: seed, Groups: groups})
}

// openPairs returns the labelled pairs in a table.
func openPairs(ctx context.Context, flag, path string, frame *data.Frame) (pairs.Pairs, error) {
	given, _, err := table.OpenPairs(ctx, path, frame, table.PairOptions{})
	if err != nil {
		return pairs.Pairs{}, &option.Error{Option: flag, Err: noFlags{err}}
	}
	return pairs.Pairs(given), nil
}

// noFlags is an error about options that no flag sets, though one may be called alike.
type noFlags struct{ error }

func (e noFlags) Unwrap() error { return e.error }

// Spell leaves the options' names out where that is possible.
func (e noFlags) Spell(func(string) string) string {
	return option.Text(e.error, func(string) string { return "" })
}
