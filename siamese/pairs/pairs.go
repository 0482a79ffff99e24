// Package pairs holds labelled pairs of the items of a frame: two items and whether they are the same.
//
// Where items have classes, a [Sampler] draws balanced pairs of them ([Sampler.Draw]), or the hardest by the cosines of
// an encoder ([Sampler.Mine]), and [FromLabels] lists all of them. Where somebody labelled pairs instead,
// [Pairs.Validate] checks the table, [NewSplit] and [Folds] divide it so that no item is on two sides, and
// [Pairs.Classes] makes classes of it for losses that need them.
//
// Pairs are rows of numbers: the package embeds nothing, reads no files (package table does) and computes no metrics.
package pairs

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// Pairs is a table of labelled pairs of the items of one frame. It holds rows of the frame, not features.
type Pairs struct {
	// Left and Right are the items, [B], as rows of the frame. Similarity is symmetric: which item is left has no
	// meaning.
	Left, Right []int32
	// Label is how much the items are the same, [B], in [0, 1]: 1 = same, 0 = different. Values between are graded;
	// where only two kinds are known, 1/2 and more count as the same ([Pairs.Same]).
	Label []float32
	// Weight is how much a pair counts, [B], 0 or more; nil = all count 1. A pair of weight 0 is kept, and counts
	// nowhere.
	Weight []float32
}

// Len is the number of pairs, B, of any weight.
func (p Pairs) Len() int { return len(p.Label) }

// Sampler draws balanced labelled pairs of the items of one frame. Classes are drawn uniformly, so that rare ones count
// as much as frequent ones. An item is never paired with itself. Drawing changes nothing in the sampler and is safe for
// concurrent use.
type Sampler struct {
	// Classes of an item, ascending; none = unknown. They are numbered by first occurrence and not by name, so that a
	// seed draws the same pairs after classes are renamed.
	classesOf [][]int32
	domainOf  []int32 // of an item; -1 = unknown class

	byClass       [][]int32   // items of a class, ascending
	byDomainClass [][][]int32 // the same within a domain, then a class; empty where the domain lacks the class
	classesIn     [][]int32   // classes with items in a domain

	anchors []int32   // classes with at least two items, from which positive pairs come
	lefts   [][]int32 // items of a class that share no class with some item, from which negative pairs start
	starts  []int32   // classes with such items

	withinDomain, acrossDomains float64 // as in SamplerOptions
}

// SamplerOptions say how pairs are drawn. The zero value draws every negative pair across domains where there are
// several.
type SamplerOptions struct {
	// LabelSeparator is the text between the classes of a label, such as "|"; "" = a label is one class. Items are the
	// same if they share a class.
	LabelSeparator string
	// WithinDomain is the share of negative pairs whose items are of one domain, in [0, 1]. Negative pairs across
	// domains are often easy, as domains differ as a whole: with few others the encoder learns domains, not classes.
	WithinDomain float64
	// AcrossDomains is the share of positive pairs whose items are drawn from two domains, where the class has two, in
	// [0, 1]. The others are drawn from all items of the class, which may have two domains by chance.
	AcrossDomains float64
}

// NewSampler returns a sampler of the labelled items of frame; items without a label are left out. Shares of domains
// have no effect on a frame of one domain. The frame is not kept.
//
// It returns an error if a share is outside [0, 1], if there are no labels, only one class, no class with two items,
// or, with a separator, no two items without a common class. It takes O(N) operations, and with a separator up to
// O(N²).
func NewSampler(frame *data.Frame, opts SamplerOptions) (*Sampler, error) {
	if frame == nil || frame.Labels == nil {
		return nil,
			errors.New("pairs: the frame has no labels, and pairs are drawn by class: give labels, or labelled pairs")
	}
	if n := frame.N(); len(frame.Labels) != n || frame.Domains != nil && len(frame.Domains) != n {
		return nil, fmt.Errorf("pairs: %d labels and %d domains for %d items: see the frame's Validate",
			len(frame.Labels), len(frame.Domains), n)
	}
	if err := opts.check(); err != nil {
		return nil, fmt.Errorf("pairs: %w", err)
	}
	labels := itemset.LabelsOf(frame, opts.LabelSeparator)
	classes := len(labels.Names)
	s := &Sampler{withinDomain: opts.WithinDomain, acrossDomains: opts.AcrossDomains, classesOf: labels.ByFirstUse()}
	domains := map[string]int32{} // numbers of domains, by first occurrence
	for i, list := range s.classesOf {
		d := int32(-1)
		if len(list) > 0 { // domains without labelled items are left out
			d = itemset.NumberOf(domains, itemset.DomainOf(frame, i))
		}
		s.domainOf = append(s.domainOf, d)
	}
	s.byClass = make([][]int32, classes)
	s.byDomainClass = make([][][]int32, len(domains))
	s.classesIn = make([][]int32, len(domains))
	for d := range s.byDomainClass {
		s.byDomainClass[d] = make([][]int32, classes)
	}
	for i, list := range s.classesOf {
		for _, c := range list {
			// Only classes with items of the domain are listed, so that drawing never meets an empty one.
			cell := &s.byDomainClass[s.domainOf[i]][c]
			if len(*cell) == 0 {
				s.classesIn[s.domainOf[i]] = append(s.classesIn[s.domainOf[i]], c)
			}
			*cell = append(*cell, int32(i))
			s.byClass[c] = append(s.byClass[c], int32(i))
		}
	}
	for c, items := range s.byClass {
		if len(items) >= 2 {
			s.anchors = append(s.anchors, int32(c))
		}
	}
	if classes < 2 {
		return nil, fmt.Errorf("pairs: %d class(es) among %d items: negative pairs need two or more: "+
			"add items of another class", classes, frame.N())
	}
	if len(s.anchors) == 0 {
		return nil,
			fmt.Errorf("pairs: none of the %d classes has two items: positive pairs need a class with two: "+
				"add items, or split so that the items of a class stay on one side", classes)
	}
	if s.findLefts(); len(s.starts) == 0 {
		return nil, fmt.Errorf("pairs: any two labelled items share one of the %d classes: negative pairs need two "+
			"that do not: remove a class that all have, or add items", classes)
	}
	return s, nil
}

// check returns an error that joins all problems of the options.
func (o SamplerOptions) check() error {
	var problems []error
	for _, share := range []struct {
		name  string
		value float64
	}{{"WithinDomain", o.WithinDomain}, {"AcrossDomains", o.AcrossDomains}} {
		if !(share.value >= 0 && share.value <= 1) { // NaN is neither
			problems = append(problems, option.Errorf(share.name, "%g is not a share in [0, 1]", share.value))
		}
	}
	return errors.Join(problems...)
}

// Draw returns n pairs in random order, n/2 of them positive, rounded down, with labels 0 and 1 and no weights. A pair
// may be drawn more than once. The same items, n and seed give the same pairs. A negative n, and one for which there is
// no memory, are errors.
func (s *Sampler) Draw(n int, seed uint64) (Pairs, error) {
	provenance.Seed(seed)
	return s.DrawFrom(streams.Rand(seed, streams.Draw), n)
}

// checkCount returns an error unless n pairs can be drawn.
func checkCount(n int) error {
	if n < 0 {
		return fmt.Errorf("pairs: %w", option.Errorf("n", "%d pairs: want 0 or more", n))
	}
	if n < 1<<20 {
		return nil // what is free is asked for only where it matters
	}
	return memory.Check("drawing pairs", bytesOfPair*float64(n), option.Do("draw fewer"))
}

// bytesOfPair is what a pair without weight takes.
const bytesOfPair = 12

// DrawFrom is [Sampler.Draw] with the caller's random numbers. rng must not be in use elsewhere meanwhile.
func (s *Sampler) DrawFrom(rng *rand.Rand, n int) (Pairs, error) {
	if err := checkCount(n); err != nil {
		return Pairs{}, err
	}
	p := Pairs{Left: make([]int32, n), Right: make([]int32, n), Label: make([]float32, n)}
	for k := range n {
		if k < n/2 {
			p.Label[k] = 1
		}
	}
	// Labels are shuffled before items are drawn: batches are cut in order, and each needs both kinds.
	rng.Shuffle(n, func(i, j int) { p.Label[i], p.Label[j] = p.Label[j], p.Label[i] })
	for k := range n {
		if p.Label[k] == 1 {
			p.Left[k], p.Right[k] = s.positive(rng)
		} else {
			p.Left[k], p.Right[k] = s.negative(rng)
		}
	}
	return p, nil
}

// positive draws two different items of one class: a class with two items or more, uniformly, then two of its items.
// Where the class is to be drawn across domains and has only that of the first item, any other item is taken.
func (s *Sampler) positive(rng *rand.Rand) (left, right int32) {
	class := s.anchors[rng.IntN(len(s.anchors))]
	items := s.byClass[class]
	i := rng.IntN(len(items))
	if s.acrossDomains > 0 && rng.Float64() < s.acrossDomains {
		if right, ok := s.ofOtherDomain(items[i], class, rng); ok {
			return items[i], right
		}
	}
	j := rng.IntN(len(items) - 1)
	if j >= i {
		j++ // the other items, without the first one
	}
	return items[i], items[j]
}

// ofOtherDomain draws an item of a class from other domains than that of left, uniformly over these items, or returns
// false if there is none.
func (s *Sampler) ofOtherDomain(left, class int32, rng *rand.Rand) (right int32, ok bool) {
	own := s.domainOf[left]
	others := len(s.byClass[class]) - len(s.byDomainClass[own][class])
	if others == 0 {
		return 0, false
	}
	k := rng.IntN(others) // the place in the lists of the other domains, one after another
	for d := range s.byDomainClass {
		if int32(d) == own {
			continue
		}
		items := s.byDomainClass[d][class]
		if k < len(items) {
			return items[k], true
		}
		k -= len(items)
	}
	return 0, false
}
