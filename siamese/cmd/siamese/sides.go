package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
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
	HeldOutDomains []string `option:"DomainOptions.HeldOut" placeholder:"DOMAIN" xor:"held-out" help:"${help_domains}"`
	// The counts are drawn with the seed; what is validated on may be held out likewise, of the same kind.
	HeldOutCount       int      `placeholder:"N" xor:"held-out" help:"Classes to draw for --held-out."`
	HeldOutDomainCount int      `option:"DomainOptions.HeldOutCount" placeholder:"N" xor:"held-out" help:"${help_n_domains}"`
	ValHeldOut         []string `placeholder:"NAME" xor:"val-held-out" help:"${help_val_held_out}"`
	ValHeldOutCount    int      `option:"ValClasses,ValDomains" placeholder:"N" xor:"val-held-out" help:"${help_n_val}"`
	// TestItems bounds the test where whole classes or domains are held out, which may be most of the items.
	TestItems int  `placeholder:"N" help:"Most items of what is held out to test on; 0 = all."`
	Stratify  bool `default:"true" negatable:"" help:"${help_stratify}"`
	// Allow and Near are about the report, not about the draw.
	Allow []string `placeholder:"KIND" help:"Kinds of leak to allow, such as exact-duplicates."`
	Near  float64  `option:"Similarity" placeholder:"SIMILARITY" help:"${help_split_near}"`
	togetherFlags

	stratifyGiven bool // it is asked for, rather than the default
}

// togetherFlags say which items stay on one side: copies, and groups such as the pictures of one object. On two sides
// they would make the test easier than new items are.
type togetherFlags struct {
	// Duplicates and Groups may overlap: what either of them keeps together stays together.
	Duplicates string `option:"Threshold" placeholder:"exact|SIMILARITY" help:"${help_duplicates}"`
	Groups     string `placeholder:"TABLE" help:"${help_groups}"`
	// AllowUngrouped is off by default: an item that the table lacks is mostly an id written otherwise.
	AllowUngrouped bool `option:"JoinOptions.AllowMissingIDs" help:"${help_allow_ungrouped}"`
}

// groupNames are usual names of the column of groups, beside label and class.
var groupNames = []string{"group", "groups", "group_id", "groupid"}

// check returns a usage error for a flag that would have no effect, or nil: --test where the test items are those that
// are held out, --test-items where none are, and --stratify where the split does not go by items and classes. pairs is
// the table of --pairs, "" = none.
func (s *splitFlags) check(parsed *kong.Context, pairs string) error {
	heldOut := s.holdsClasses() || s.holdsDomains()
	validated := given(parsed, "val-held-out", "val-held-out-count")
	s.stratifyGiven = given(parsed, "stratify") != ""
	empty := ""
	for _, count := range []struct {
		flag  string
		value int
	}{{"held-out-count", s.HeldOutCount}, {"held-out-domain-count", s.HeldOutDomainCount},
		{"val-held-out-count", s.ValHeldOutCount}} {
		if count.value == 0 && given(parsed, count.flag) != "" {
			empty = count.flag
		}
	}
	switch {
	case s.stratifyGiven && pairs != "":
		return wrongFlag("stratify", "with --pairs the split cuts few pairs, whatever the classes: leave it out")
	case empty != "":
		return wrongFlag(empty, "0 draws nothing: give a number of 1 or more, or leave it out")
	case validated != "" && pairs != "":
		return wrongFlag(validated, "pairs are split by item: leave it out")
	case validated != "" && !heldOut:
		return wrongFlag(validated, "it goes with --held-out or --held-out-domains, or their counts: give one of them")
	case validated != "" && given(parsed, "val") != "":
		return wrongFlag(validated, "it is in place of --val: leave out one of the two")
	case s.stratifyGiven && s.holdsClasses():
		return wrongFlag("stratify", "where classes are held out, whole classes are test items: leave it out")
	case s.Near == 0 && slices.Contains(s.Allow, split.LeakNear):
		return wrongFlag("allow", "%s are not looked for: give --near, or leave this out", split.LeakNear)
	case heldOut && given(parsed, "test") != "":
		return wrongFlag("test", "the test items are those that are held out: leave it out, or use --test-items")
	case !heldOut && given(parsed, "test-items") != "":
		return wrongFlag("test-items", "it is for items that are held out, and none are: use --test")
	}
	return nil
}

// holdsClasses reports whether whole classes are held out to test on.
func (s *splitFlags) holdsClasses() bool { return s.HeldOut != nil || s.HeldOutCount != 0 }

// holdsDomains reports whether whole domains are.
func (s *splitFlags) holdsDomains() bool { return s.HeldOutDomains != nil || s.HeldOutDomainCount != 0 }

// val returns the option Val where something is held out: 0 where that is so of what is validated on.
func (s *splitFlags) val() float64 {
	if s.ValHeldOut != nil || s.ValHeldOutCount != 0 {
		return 0
	}
	return s.Val
}

// draw returns a split of the frame by the flags. The same frame, flags and seed give the same split. --stratify is on
// by default and asks for labels, so that it does nothing for a frame without.
func (s *splitFlags) draw(ctx context.Context, frame *data.Frame, seed uint64, joins *joinFlags,
	out io.Writer) (*split.Split, error) {
	groups, duplicates, err := s.together(ctx, frame, joins, out)
	if err != nil {
		return nil, err
	}
	if s.stratifyGiven && frame.Labels == nil {
		return nil, wrongFlag("stratify", "the items have no classes: leave it out, or give them labels")
	}
	stratify := s.Stratify && frame.Labels != nil
	switch {
	case s.holdsClasses():
		return split.Classes(frame, split.ClassOptions{HeldOut: s.HeldOut, HeldOutCount: s.HeldOutCount,
			TestItems: s.TestItems, Val: s.val(), ValHeldOut: s.ValHeldOut, ValClasses: s.ValHeldOutCount, Seed: seed,
			Groups: groups, Duplicates: duplicates})
	case s.holdsDomains():
		return split.Domains(frame, split.DomainOptions{HeldOut: s.HeldOutDomains, HeldOutCount: s.HeldOutDomainCount,
			TestItems: s.TestItems, Val: s.val(), ValHeldOut: s.ValHeldOut, ValDomains: s.ValHeldOutCount, Seed: seed,
			Stratify: stratify, Groups: groups, Duplicates: duplicates})
	}
	return split.Items(frame, split.ItemOptions{Val: s.Val, Test: s.Test, Seed: seed, Stratify: stratify,
		Groups: groups, Duplicates: duplicates})
}

// together returns what --groups and --duplicates keep on one side, and prints on out for how many items a group was
// found. groups has the name of the group of each item, "" = none; both are nil where the flags are not given.
func (s *togetherFlags) together(ctx context.Context, frame *data.Frame, joins *joinFlags,
	out io.Writer) (groups []string, duplicates *duplicates.Duplicates, err error) {
	if s.AllowUngrouped && s.Groups == "" {
		return nil, nil, wrongFlag("allow-ungrouped", "it is for --groups, which is missing: leave it out")
	}
	if s.Groups != "" {
		joined, how, err := joins.joinLabels(ctx, "groups", s.Groups, frame, table.JoinOptions{LabelNames: groupNames,
			AllowMissingIDs: s.AllowUngrouped, NoEmpty: true, AllowOthers: true}, "JoinOptions.AllowMissingIDs")
		if err != nil {
			return nil, nil, err
		}
		groups = joined.Labels
		fmt.Fprintf(out, "groups for %d of %d items: %s\n", how.Labelled, how.Items, how)
		if !shared(groups) {
			fmt.Fprintln(out, "  no two items are of one group: they keep nothing together")
		}
	}
	duplicates, err = s.findDuplicates(ctx, frame)
	return groups, duplicates, err
}

// shared reports whether two items are of one group.
func shared(groups []string) bool {
	seen := make(map[string]bool, len(groups))
	for _, g := range groups {
		if g != "" && seen[g] {
			return true
		}
		seen[g] = true
	}
	return false
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
	seed uint64, joins *joinFlags, out io.Writer) (*pairs.Split, error) {
	given, err := joins.openPairs(ctx, "pairs", path, frame, out)
	if err != nil {
		return nil, err
	}
	if items != nil {
		return pairs.ApplySplit(given, frame, items)
	}
	// A pair joins two items, whatever their classes: holding classes out would tear most pairs.
	if s.holdsClasses() || s.holdsDomains() {
		return nil,
			wrongFlag("pairs", "pairs are split by item: leave out --held-out and the like, or give a split")
	}
	groups, duplicates, err := s.together(ctx, frame, joins, out)
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

// titleOf returns what the test items of a split are, by what the split held out.
func titleOf(split *split.Split) string {
	switch {
	case split.HeldOut != nil:
		return "unseen classes"
	case split.HeldOutDomains != nil:
		return "unseen domains"
	}
	return "new items"
}
