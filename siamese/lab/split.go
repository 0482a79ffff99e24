package lab

import (
	"math"
	"slices"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
)

// Split is which items are trained on, validated on and tested on.
type Split struct {
	Sides   session.Sides
	HeldOut []string // classes or domains in the test only
	Leakage string   // verdict on what sides have in common

	split *session.Split
	items *Items
	named []*session.Run // whose settings were asked for
}

// Seed draws another split. It is not negative.
func Seed(seed int) Option[session.SplitOptions] {
	return func(o *session.SplitOptions) { o.Seed = unsigned("lab.Seed", seed) }
}

// Val is the share of items to validate on, or from 1 on their number.
func Val(share float64) Option[session.SplitOptions] {
	return func(o *session.SplitOptions) { o.Val = share }
}

// Test is the share of items to test on, or from 1 on their number; of classes or domains that are held out it is the
// most of their items to test on, from 1 on.
func Test(share float64) Option[session.SplitOptions] {
	return func(o *session.SplitOptions) { o.Test = share }
}

// By is what the test has new: "items", "classes" or "domains".
func By(what string) Option[session.SplitOptions] {
	return func(o *session.SplitOptions) { o.By = what }
}

// HoldOut names classes, or with By("domains") domains, to test on.
func HoldOut(names ...string) Option[session.SplitOptions] {
	return func(o *session.SplitOptions) { o.HeldOut = append(o.HeldOut, names...) }
}

// Near is the similarity, in (0, 1], from which on two items are near duplicates and stay on one side.
func Near(similarity float64) Option[session.SplitOptions] {
	return func(o *session.SplitOptions) { o.Near = similarity }
}

// Groups names a table that says which items stay together, by id.
func Groups(path string) Option[session.SplitOptions] {
	return func(o *session.SplitOptions) { o.Groups = path }
}

// KeepCopies lets items with exactly the same values be on two sides. That leaks, and is an error unless it is allowed.
func KeepCopies(o *session.SplitOptions) { o.KeepCopies = true }

// Split divides the items: without options a tenth of every class is validated on and another tested on. Copies stay
// together, and a leak is an error.
func (i *Items) Split(options ...Option[session.SplitOptions]) *Split {
	opt := change(session.SplitOptions{}, options)
	if len(opt.HeldOut) > 0 && opt.Test >= 1 && opt.Test == math.Trunc(opt.Test) {
		opt.TestItems, opt.Test = i.atMost(int(opt.Test), opt), 0
	}
	s := result(during("splitting", func(each func(session.Work)) (*session.Split, error) {
		return i.frame.SplitWith(stopped(), opt, each)
	}))
	return &Split{Sides: s.Sides, HeldOut: s.HeldOut, Leakage: s.Leakage, split: s, items: i}
}

// atMost returns the bound of the items to test on, 0 = what is held out has no more than n.
func (i *Items) atMost(n int, opt session.SplitOptions) int {
	of := i.Classes
	if opt.By == session.ByDomain {
		of = i.Domains
	}
	all := 0
	for _, c := range of {
		if slices.Contains(opt.HeldOut, c.Name) {
			all += c.Items
		}
	}
	if all <= n {
		return 0
	}
	return n
}

// Train trains a model with the default configuration, changed by settings: [Set], [Use], or a function of yours.
//
//	split.Train(lab.Set("Epochs", 20), func(c *config.Config) { c.Layers = []int{64} })
func (s *Split) Train(settings ...Setting) *Model {
	cfg := change(config.Default(), settings)
	m := training(func(opt session.TrainOptions) (*session.Model, error) {
		return s.split.Train(stopped(), cfg, opt)
	})
	return newModel(m, s.items, s, nil)
}

// Side returns the items of a side: "train", "val" or "test".
func (s *Split) Side(side string) *Items { return newItems(s.split.Side(stopped(), side)) }

// Save writes the split to a JSON file.
func (s *Split) Save(path string) { check(s.split.Save(stopped(), path)) }

// Session returns the session's own handle.
func (s *Split) Session() *session.Split { return s.split }

// String returns the numbers of items and the verdict on leaks.
func (s *Split) String() string { return s.split.String() }

// Display shows the split in the cell.
func (s *Split) Display() { display(s.split) }

// Pairs are labelled pairs of items, on sides that share no item.
type Pairs struct {
	Sides session.Sides // numbers of pairs
	Lost  int           // pairs whose items are on two sides

	pairs *session.Pairs
	items *Items
}

// Same is the number that means "same" in a list of pairs: "1", or "0" for labels that say how different.
func Same(number string) Option[session.PairOptions] {
	return func(o *session.PairOptions) { o.Same = number }
}

// Pairs reads the labelled pairs in a table, by the ids of the items, and splits them.
func (i *Items) Pairs(path string, options ...Option[session.PairOptions]) *Pairs {
	opt := change(session.PairOptions{}, options)
	p := result(during("reading "+path, func(func(session.Work)) (*session.Pairs, error) {
		return i.frame.SplitPairs(stopped(), path, opt)
	}))
	return &Pairs{Sides: p.Sides, Lost: p.Lost, pairs: p, items: i}
}

// Train trains a model on the pairs, as [Split.Train] does on items.
func (p *Pairs) Train(settings ...Setting) *Model {
	cfg := change(config.Default(), settings)
	m := training(func(opt session.TrainOptions) (*session.Model, error) {
		return p.pairs.Train(stopped(), cfg, opt)
	})
	return newModel(m, p.items, nil, p)
}

// Session returns the session's own handle.
func (p *Pairs) Session() *session.Pairs { return p.pairs }

// String returns the numbers of pairs.
func (p *Pairs) String() string { return p.pairs.String() }

// Display shows the pairs in the cell.
func (p *Pairs) Display() { display(p.pairs) }
