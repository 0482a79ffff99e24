package split

import (
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
)

// DomainOptions control a split by domain.
type DomainOptions struct {
	// HeldOut names the domains to test on; nil = draw HeldOutCount domains at random.
	HeldOut      []string
	HeldOutCount int
	// TestItems limits the test to that many items of the held-out domains; the others of these
	// domains are left out. 0 = all of them.
	TestItems int
	// Val is how many items of the training domains to validate on: below 1 a share of what is
	// not held out, from 1 on a count. 0 = none.
	Val float64
	// ValHeldOut, or else ValDomains drawn at random, are further domains to hold out: they are
	// validated on and not trained on, so that settings are chosen for new domains. Then Val
	// must be 0, and all items of these domains are on the validation side.
	ValHeldOut []string
	ValDomains int
	Seed       uint64
	// Stratify draws TestItems and Val in proportion to the classes instead of the domains.
	Stratify bool
	// Groups, when set, holds the group of every item, "" = a group of its own. Items whose
	// group is also on a held-out side are left out, so that no group is on two sides.
	Groups []string
	// Duplicates, when set, are those of the frame ([duplicates.Find]): they count as groups too.
	Duplicates *duplicates.Duplicates
}

// Domains returns a split into domains that are trained on and domains that are not: the test shows whether
// what was learned holds for items of another kind. Items of unknown domain ("") are left out, since they might
// be of a held-out one. The same frame, options and seed give the same split.
//
// A frame without domains or with one only, unknown domains, counts that leave no domain to
// train on, amounts out of range and sides that come out empty are errors.
func Domains(f *data.Frame, opt DomainOptions) (*Split, error) {
	strata := byDomain
	if opt.Stratify {
		strata = byClass
	}
	d, err := newDraw(f, opt.Seed, strata, opt.Groups, opt.Duplicates)
	if err != nil {
		return nil, err
	}
	names, index, err := twoDomains(f)
	if err != nil {
		return nil, err
	}
	s, held, valHeld, err := holding{
		what: "domain", plural: "domains", vals: "ValDomains", names: names, index: index,
		heldOut: opt.HeldOut, heldOutCount: opt.HeldOutCount, valHeldOut: opt.ValHeldOut, valCount: opt.ValDomains,
		testItems: opt.TestItems, val: opt.Val,
	}.draw(d)
	if err != nil {
		return nil, err
	}
	s.HeldOutDomains, s.ValHeldOutDomains, s.Seed, s.Groups = held, valHeld, opt.Seed, d.groups
	s.Origin = Origin{Kind: ByDomain, Val: opt.Val, TestItems: opt.TestItems,
		Stratify: opt.Stratify}.with(opt.Duplicates)
	return checked(s, f, opt.Val > 0 || valHeld != nil)
}

// FoldDomains returns one split for every domain, in the order of their names, in which that
// domain is held out for the test. opt.HeldOut and HeldOutCount are not used, and neither may
// ValHeldOut be (ValDomains may). For fewer folds than domains, with several domains held out
// at once, use [FoldItems] with the domains as Groups.
func FoldDomains(f *data.Frame, opt DomainOptions) ([]*Split, error) {
	if opt.HeldOut != nil || opt.HeldOutCount != 0 || opt.ValHeldOut != nil {
		return nil, errors.New("data: split: every domain is held out once; " +
			"HeldOut, HeldOutCount and ValHeldOut must be empty")
	}
	if f == nil {
		return nil, errors.New("data: split: the frame is nil")
	}
	names, _, err := twoDomains(f)
	if err != nil {
		return nil, err
	}
	splits := make([]*Split, len(names))
	for fold, name := range names {
		opt.HeldOut = []string{name}
		if splits[fold], err = Domains(f, opt); err != nil {
			return nil, fmt.Errorf("fold %d of %d: %w", fold+1, len(names), err)
		}
		splits[fold].Origin.Fold, splits[fold].Origin.Folds = fold+1, len(names)
	}
	return splits, nil
}

// twoDomains returns the sorted names of the domains, of which there must be two, and for every
// item the index of its domain, or -1 when that is unknown.
func twoDomains(f *data.Frame) (names []string, index []int, err error) {
	if len(f.Domains) != f.N() {
		return nil, nil, fmt.Errorf("data: split: to split by domain the frame must have domains, and it has %s; "+
			"say which column holds them when reading, or split by item or class", none(f.Domains, "domain"))
	}
	names, index = selection.Indexed(f.Domains)
	if len(names) < 2 {
		return nil, nil, fmt.Errorf("data: split: the frame has %d domain(s) (%s); "+
			"to hold one out and train on another there must be two; split by item or class", len(names),
			listing.Quoted(names))
	}
	return names, index, nil
}
