package split

import (
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
)

// DomainOptions control a split by domain. One of HeldOut and HeldOutCount must be set, as in [ClassOptions].
type DomainOptions struct {
	// HeldOut names the domains to test on; none = draw HeldOutCount domains at random.
	HeldOut []string
	// HeldOutCount is how many domains to draw; 0 = none are drawn, because HeldOut names them.
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
	// ValDomains is how many domains to draw for ValHeldOut; 0 = none.
	ValDomains int
	// Seed is that of all that is drawn; 0 is a seed like any other.
	Seed uint64
	// Stratify draws TestItems and Val in proportion to the classes instead of the domains. It needs labels.
	Stratify bool
	// Groups, unless empty, holds the group of every item, "" = a group of its own. Items whose
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
// train on, amounts out of range and sides that come out empty are errors; those with one option at fault are an
// [option.Error].
func Domains(f *data.Frame, opt DomainOptions) (*Split, error) { return opt.holding().split(f) }

// FoldDomains returns one split for every domain, in the order of their names, in which that
// domain is held out for the test. HeldOut, HeldOutCount and ValHeldOut must be empty, since every fold holds out
// another domain (ValDomains may be set). For fewer folds than domains, with several domains held out at once, use
// [FoldItems] with the domains as Groups.
func FoldDomains(f *data.Frame, opt DomainOptions) ([]*Split, error) {
	h := opt.holding()
	if err := h.unheld(); err != nil {
		return nil, err
	}
	if f == nil {
		return nil, errors.New("data: split: the frame is nil")
	}
	names, _, err := twoDomains(f)
	if err != nil {
		return nil, err
	}
	parts := make([][]string, len(names))
	for fold, name := range names {
		parts[fold] = []string{name}
	}
	return h.folds(f, parts)
}

// holding returns the options in the form that classes and domains share.
func (opt DomainOptions) holding() holding {
	h := holding{
		kind: ByDomain, what: "domain", plural: "domains", option: "DomainOptions.HeldOut",
		countOption: "DomainOptions.HeldOutCount", valOption: "ValDomains",
		strata: byDomain, column: twoDomains,
		heldOut: opt.HeldOut, heldOutCount: opt.HeldOutCount, valHeldOut: opt.ValHeldOut, valCount: opt.ValDomains,
		testItems: opt.TestItems, val: opt.Val, seed: opt.Seed, groups: opt.Groups, duplicates: opt.Duplicates,
	}
	if opt.Stratify {
		h.strata = byClass
	}
	return h
}

// twoDomains returns the sorted names of the domains, of which there must be two, and for every item the index of its
// domain, or -1 when that is unknown. With one domain there is nothing to train on once it is held out, and nothing new
// to test on if it is not.
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
