// Package pairs holds labelled pairs of items: drawing them by class, checking them, mining hard ones, and splitting
// them so that no item is on two sides.
package pairs

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// Pairs is a table of labelled pairs of the items of one frame. It holds rows of the frame, not features.
type Pairs struct {
	Left, Right []int32   // item numbers in the frame
	Label       []float32 // 1 = same, 0 = different; values between are graded
	Weight      []float32 // weight of a pair, 0 or more; nil = all 1
}

// Len is the number of pairs.
func (p Pairs) Len() int { return len(p.Label) }

// Sampler draws balanced labelled pairs of the items of one frame. Classes are drawn uniformly, so that rare ones count
// as much as frequent ones. An item is never paired with itself. Drawing is safe for concurrent use.
type Sampler struct {
	classesOf     [][]int32 // classes of an item, ascending, numbered by first occurrence; none = unknown
	domainOf      []int32   // of an item
	byClass       [][]int32 // items of a class
	byDomainClass [][][]int32
	classesIn     [][]int32 // classes with items in a domain
	anchors       []int32   // classes with at least two items
	lefts         [][]int32 // items of a class that differ from some item
	starts        []int32   // classes with such items
	withinDomain  float64
	acrossDomains float64
}

// SamplerOptions say how pairs are drawn. The zero value draws every negative pair across domains where there are
// several.
type SamplerOptions struct {
	LabelSeparator string  // text between the classes of a label; "" = a label is one class
	WithinDomain   float64 // share of negative pairs whose items are of one domain, in [0, 1]
	// share of positive pairs whose items are of two domains, where their class has two, in [0, 1]
	AcrossDomains float64
}

// NewSampler returns a sampler of the labelled items of frame; items without a label are left out. Shares of domains
// have no effect on a frame of one domain.
//
// It returns an error if there are no labels, only one class, no class with two items, or, with a separator, no two
// items without a common class.
func NewSampler(frame *data.Frame, opts SamplerOptions) (*Sampler, error) {
	if frame == nil || frame.Labels == nil {
		return nil,
			errors.New("pairs: the frame has no labels, and pairs are drawn by class: give labels, or labelled pairs")
	}
	if n := frame.N(); len(frame.Labels) != n || frame.Domains != nil && len(frame.Domains) != n {
		return nil, fmt.Errorf("pairs: %d labels and %d domains for %d items: see the frame's Validate",
			len(frame.Labels), len(frame.Domains), n)
	}
	labels := itemset.LabelsOf(frame, opts.LabelSeparator)
	classes := len(labels.Names)
	s := &Sampler{withinDomain: opts.WithinDomain, acrossDomains: opts.AcrossDomains, classesOf: labels.ByFirstUse()}
	domains := map[string]int32{}
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
		return nil,
			fmt.Errorf("pairs: %d class(es) among %d items: negative pairs need at least two: add items of another class", classes, frame.N())
	}
	if len(s.anchors) == 0 {
		return nil,
			fmt.Errorf("pairs: none of the %d classes has two items: positive pairs need a class with two: add items",
				classes)
	}
	if s.findLefts(); len(s.starts) == 0 {
		return nil,
			fmt.Errorf("pairs: any two labelled items share one of the %d classes: negative pairs need two that do not: remove a class that all have, or add items", classes)
	}
	return s, nil
}

// Draw returns n pairs in random order, n/2 of them positive, rounded down. The same items, n and seed give the same
// pairs.
func (s *Sampler) Draw(n int, seed uint64) Pairs {
	return s.DrawFrom(streams.Rand(seed, streams.Draw), n)
}

// DrawFrom is [Sampler.Draw] with the caller's random numbers.
func (s *Sampler) DrawFrom(rng *rand.Rand, n int) Pairs {
	p := Pairs{Left: make([]int32, n), Right: make([]int32, n), Label: make([]float32, n)}
	for k := range n {
		if k < n/2 {
			p.Label[k] = 1
		}
	}
	rng.Shuffle(n, func(i, j int) { p.Label[i], p.Label[j] = p.Label[j], p.Label[i] })
	for k := range n {
		if p.Label[k] == 1 {
			p.Left[k], p.Right[k] = s.positive(rng)
		} else {
			p.Left[k], p.Right[k] = s.negative(rng)
		}
	}
	return p
}

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

// ofOtherDomain draws an item of a class from other domains than that of left, or returns false if there is none.
func (s *Sampler) ofOtherDomain(left, class int32, rng *rand.Rand) (right int32, ok bool) {
	own := s.domainOf[left]
	others := len(s.byClass[class]) - len(s.byDomainClass[own][class])
	if others == 0 {
		return 0, false
	}
	k := rng.IntN(others)
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
