// Package threshold says what a threshold does to scored pairs: how many of them are called same and different, and
// which of them wrongly. It is what the panel's slider moves over.
package threshold

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
)

// Pairs are pairs of items with their cosines by a model. They are not changed after [New], and safe for concurrent use.
type Pairs struct {
	Own   float64 // the model's own threshold
	Total int64   // pairs that there are: more than these where these were drawn from them

	items           *data.Frame
	same, different []pair // by cosine, the lowest first
}

// pair is a pair of items, as rows of the frame.
type pair struct {
	cosine      float32
	left, right int32
}

// New returns the pairs of items with their cosines, [B]. Of items it uses and keeps the ids, labels and domains. own is
// the model's threshold. Pairs of weight 0 are left out; other weights do not count. It returns an error if one of the
// two kinds is missing, or a cosine is not finite.
func New(items *data.Frame, of pairs.Pairs, cosines []float32, own float64) (*Pairs, error) {
	p := &Pairs{Own: own, items: items}
	for k, c := range cosines {
		switch {
		case of.WeightOf(k) == 0:
			continue
		case c-c != 0: // infinite, or NaN
			return nil, fmt.Errorf("the cosine of %s and %s is %v", quote.Text(items.IDs[of.Left[k]]),
				quote.Text(items.IDs[of.Right[k]]), c)
		}
		one := pair{c, of.Left[k], of.Right[k]}
		if of.Same(k) {
			p.same = append(p.same, one)
		} else {
			p.different = append(p.different, one)
		}
	}
	if len(p.same) == 0 || len(p.different) == 0 {
		return nil, fmt.Errorf("%s same and %s different: a threshold needs both kinds", quote.Count(len(p.same), "pair"),
			quote.Count(len(p.different), "pair"))
	}
	for _, list := range [][]pair{p.same, p.different} {
		slices.SortFunc(list, func(a, b pair) int {
			return cmp.Or(cmp.Compare(a.cosine, b.cosine), cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right))
		})
	}
	p.Total = int64(p.Len())
	return p, nil
}

// Len is the number of pairs.
func (p *Pairs) Len() int { return len(p.same) + len(p.different) }

// String says how many pairs there are.
func (p *Pairs) String() string {
	text := quote.Count(p.Len(), "pair")
	if p.Total > int64(p.Len()) {
		text += fmt.Sprintf(", drawn from %d", p.Total)
	}
	return text
}

// from returns the place of the first pair of a list whose cosine is t or more.
func from(list []pair, t float64) int {
	at, _ := slices.BinarySearchFunc(list, t, func(p pair, t float64) int {
		if float64(p.cosine) < t {
			return -1
		}
		return 1 // also where they are equal: the first of them
	})
	return at
}

// At counts what a threshold does: pairs whose cosine is t or more are called same.
func (p *Pairs) At(t float64) metric.Counts {
	s, d := from(p.same, t), from(p.different, t)
	return metric.Counts{Threshold: t, TP: float64(len(p.same) - s), FN: float64(s), FP: float64(len(p.different) - d),
		TN: float64(d)}
}

// Cosines returns the cosines of same and of different pairs, the lowest first.
func (p *Pairs) Cosines() (same, different []float32) {
	list := func(of []pair) []float32 {
		out := make([]float32, len(of))
		for i, one := range of {
			out[i] = one.cosine
		}
		return out
	}
	return list(p.same), list(p.different)
}

// mostExact is up to how many pairs every cosine is a step.
const mostExact = 20_000

// grid is how many steps there are in 1 where there are more pairs.
const grid = 10_000

// Steps are thresholds with what they do, for a page that moves over them without asking: Same[i] and Different[i] pairs
// have a cosine of At[i] or more. The last ones are 0. At rises.
type Steps struct {
	At              []float64
	Same, Different []uint32
	Exact           bool // every cosine is a step, so that every threshold does what the next step does
}

// String says how many steps there are.
func (s *Steps) String() string { return quote.Count(len(s.At), "threshold") }

// Steps returns every cosine as a step, or for many pairs each 0.0001 and the model's own threshold.
func (p *Pairs) Steps() *Steps {
	s := &Steps{Exact: p.Len() <= mostExact}
	lists := [][]pair{p.same, p.different}
	low, high := math.Inf(1), math.Inf(-1)
	for _, list := range lists {
		low, high = min(low, float64(list[0].cosine)), max(high, float64(list[len(list)-1].cosine))
		for _, one := range list {
			if s.Exact {
				s.At = append(s.At, float64(one.cosine))
			}
		}
	}
	if !s.Exact {
		for k := math.Floor(low * grid); k <= math.Ceil(high*grid); k++ {
			s.At = append(s.At, k/grid)
		}
		s.At = append(s.At, p.Own)
	}
	s.At = append(s.At, math.Nextafter(max(high, p.Own), 2)) // nothing is called same
	slices.Sort(s.At)
	s.At = slices.Compact(s.At)
	for _, t := range s.At {
		s.Same = append(s.Same, uint32(len(p.same)-from(p.same, t)))
		s.Different = append(s.Different, uint32(len(p.different)-from(p.different, t)))
	}
	return s
}

// Item is an item of a pair.
type Item struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Domain string `json:"domain"`
}

// String names the item.
func (i Item) String() string { return quote.Text(i.ID) }

// Wrong is a pair that a threshold gets wrong.
type Wrong struct {
	Left   Item    `json:"left"`
	Right  Item    `json:"right"`
	Cosine float64 `json:"cosine"`
}

// String names the items of the pair.
func (w Wrong) String() string { return fmt.Sprintf("%v and %v: %.4f", w.Left, w.Right, w.Cosine) }

// Wrong returns the pairs that a threshold gets wrong: different ones that it calls same, and same ones that it calls
// different, at most so many of each and no two items twice. Those farthest from the threshold come first, or with near
// those next to it.
func (p *Pairs) Wrong(t float64, near bool, most int) (accepted, missed []Wrong) {
	over := p.different[from(p.different, t):]
	under := p.same[:from(p.same, t)]
	if near {
		return p.list(over, most, false), p.list(under, most, true)
	}
	return p.list(over, most, true), p.list(under, most, false)
}

// list returns the first pairs of a list, or from its end, each two items once: drawn pairs repeat.
func (p *Pairs) list(of []pair, most int, fromEnd bool) []Wrong {
	out, seen := []Wrong{}, map[[2]int32]bool{}
	for i := 0; i < len(of) && len(out) < most; i++ {
		one := of[i]
		if fromEnd {
			one = of[len(of)-1-i]
		}
		items := [2]int32{min(one.left, one.right), max(one.left, one.right)}
		if !seen[items] {
			seen[items] = true
			out = append(out, Wrong{p.item(one.left), p.item(one.right), float64(one.cosine)})
		}
	}
	return out
}

// item returns an item by its row.
func (p *Pairs) item(row int32) Item {
	i := Item{ID: p.items.IDs[row]}
	if p.items.Labels != nil {
		i.Label = p.items.Labels[row]
	}
	if p.items.Domains != nil {
		i.Domain = p.items.Domains[row]
	}
	return i
}
