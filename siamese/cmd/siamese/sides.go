package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/pairs"
)

// splitFlags are the flags of a command that draws a split of items into train, validation and test. Which kind of
// split it is follows from --held-out and --held-out-domains; without them the test items are of the same classes as
// the others.
type splitFlags struct {
	// Val and Test share one convention: 0.1 is a tenth, 100 are a hundred items. Test has no meaning where classes or
	// domains are held out; see check.
	Val            float64  `default:"0.1" help:"Validation items: below 1 a share, from 1 on a count."`
	Test           float64  `default:"0.1" help:"Test items, likewise; not with --held-out."`
	HeldOut        []string `placeholder:"CLASS" xor:"held-out" help:"Classes to test on and not to train on."`
	HeldOutDomains []string `placeholder:"DOMAIN" xor:"held-out" help:"Domains to test on and not to train on."`
	// TestItems bounds the test where whole classes or domains are held out, which may be most of the items.
	TestItems int  `placeholder:"N" help:"Most items of what is held out to test on; 0 = all."`
	Stratify  bool `default:"true" negatable:"" help:"${help_stratify}"`
	// Allow and Near are about the report, not about the draw.
	Allow []string `placeholder:"KIND" help:"Kinds of leak to allow, such as exact-duplicates."`
	Near  float64  `option:"Similarity" placeholder:"SIMILARITY" help:"${help_split_near}"`
	togetherFlags
}

// togetherFlags say which items stay on one side: copies, and groups such as the pictures of one object. On two sides
// they would make the test easier than new items are.
type togetherFlags struct {
	// Duplicates and Groups may overlap: what either of them keeps together stays together.
	Duplicates string `option:"Threshold" placeholder:"exact|SIMILARITY" help:"${help_duplicates}"`
	Groups     string `placeholder:"TABLE" help:"${help_groups}"`
}

// check returns a usage error for a flag that would have no effect, or nil: --test where the test items are those that
// are held out, and --test-items where none are.
func (s *splitFlags) check(parsed *kong.Context) error {
	heldOut := s.HeldOut != nil || s.HeldOutDomains != nil
	switch {
	case heldOut && given(parsed, "test") != "":
		return wrongFlag("test", "the test items are those that are held out: leave it out, or use --test-items")
	case !heldOut && given(parsed, "test-items") != "":
		return wrongFlag("test-items", "it is for items that are held out, and none are: use --test")
	}
	return nil
}

// draw returns a split of the frame by the flags. The same frame, flags and seed give the same split. --stratify is on
// by default and asks for labels, so that it does nothing for a frame without.
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

// together returns what --groups and --duplicates keep on one side. groups has the name of the group of each item, "" =
// none; both are nil where the flags are not given.
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

// findDuplicates returns the duplicates that --duplicates asks for, nil without it. Near duplicates are found by
// comparing all pairs of items, exact ones by a hash.
func (s *togetherFlags) findDuplicates(ctx context.Context, frame *data.Frame) (*duplicates.Duplicates, error) {
	if s.Duplicates == "" {
		return nil, nil
	}
	var opt duplicates.Options
	if s.Duplicates != "exact" {
		// Whether it is in range is Find's to say.
		threshold, err := strconv.ParseFloat(s.Duplicates, 64)
		if err != nil {
			return nil, wrongFlag("duplicates", "%q is neither exact nor a similarity such as 0.98", s.Duplicates)
		}
		opt.Near, opt.Threshold = threshold != 0, threshold
	}
	return duplicates.Find(ctx, frame, opt)
}

// report writes what the sides have in common on out, and returns an error if that is a leak which --allow does not
// name. Looking for near duplicates, with --near, takes longest.
func (s *splitFlags) report(ctx context.Context, frame *data.Frame, parts *split.Split, out io.Writer) error {
	leakage, err := parts.Leakage(ctx, frame, split.LeakageOptions{Similarity: s.Near, Allow: s.Allow})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, leakage)
	return leakage.Err()
}

// assignPairs returns the pairs of the table at path on the sides of items. Where items is nil it draws a split by item
// that cuts few pairs, with seed and with what the flags keep together; pairs across two sides are lost either way, and
// the result says how many.
func (s *splitFlags) assignPairs(ctx context.Context, frame *data.Frame, path string, items *split.Split,
	seed uint64) (*pairs.Split, error) {
	given, err := openPairs(ctx, "pairs", path, frame)
	if err != nil {
		return nil, err
	}
	if items != nil {
		return pairs.ApplySplit(given, frame, items)
	}
	// A pair joins two items, whatever their classes: holding classes out would tear most pairs.
	if s.HeldOut != nil || s.HeldOutDomains != nil {
		return nil,
			wrongFlag("pairs", "pairs are split by item: leave out --held-out and --held-out-domains, or give a split")
	}
	groups, duplicates, err := s.together(ctx, frame)
	if err != nil {
		return nil, err
	}
	// The split of pairs knows groups only: a set of duplicates is one more group.
	if duplicates != nil {
		if groups, err = split.MergeGroups(groups, duplicates.Groups(frame.N())); err != nil {
			return nil, err
		}
	}
	return pairs.NewSplit(given, frame, pairs.SplitOptions{Val: s.Val, Test: s.Test, Seed: seed, Groups: groups})
}

// openPairs returns the labelled pairs in the table at path. Its ids must be those of frame. flag is the flag that
// named the table, for errors.
func openPairs(ctx context.Context, flag, path string, frame *data.Frame) (pairs.Pairs, error) {
	given, _, err := table.OpenPairs(ctx, path, frame, table.PairOptions{})
	if err != nil {
		return pairs.Pairs{}, &option.Error{Option: flag, Err: noFlags{err}}
	}
	return pairs.Pairs(given), nil
}

// noFlags is an error about options that no flag sets, though one may be called alike: the reader of pairs has an
// option Label, which the flag --label, a column of DATA, is not. It prints the error without names of flags.
type noFlags struct{ error }

func (e noFlags) Unwrap() error { return e.error }

// Spell implements [option.Speller]. It leaves out the options' names where that is possible.
func (e noFlags) Spell(func(string) string) string {
	return option.Text(e.error, func(string) string { return "" })
}
