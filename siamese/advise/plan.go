package advise

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

const (
	mostFolds    = 5
	mostSizes    = 6    // points of a curve
	mostTested   = 1000 // items of a fold
	mostPerClass = 200  // items of a class on the curve over classes, where it is classes that count
	leastShare   = 12   // the smallest part of a curve is a twelfth of the largest, where that is enough to fit on
	leastClasses = 6    // of a curve over classes: three folds of two, and three sizes
)

// Parts of the work, for streams and Progress.
const (
	partItems   = "items"
	partClasses = "classes"
	partLabels  = "labels"
)

// fold is a test side and the nested training parts beside it.
type fold struct {
	seed  uint64
	all   []int   // the whole training side
	parts [][]int // items, by size
	test  []int
}

// plan is the folds of a curve.
type plan struct {
	of     string    // partItems or partClasses
	sizes  []float64 // of the parts
	folds  []fold    // of all draws
	k      int       // folds of a draw
	now    float64   // the size of all items or classes
	metric string
}

// sizes returns up to mostSizes whole numbers from low to high, each about as many times the one before.
func sizes(low, high int) []int {
	var out []int
	for k := range mostSizes {
		n := int(math.Round(float64(low) * math.Pow(float64(high)/float64(low), float64(k)/(mostSizes-1))))
		if len(out) == 0 || n > out[len(out)-1] {
			out = append(out, n)
		}
	}
	return out
}

// planItems returns the folds of the curve over items of a frame in which all items have labels.
func planItems(f *data.Frame, groups []string, opt Options) (*plan, error) {
	_, counts := f.ClassCounts()
	if len(counts) < 2 {
		return nil, fmt.Errorf("there is %d class: with two or more something is to be told apart", len(counts))
	}
	sorted := slices.Sorted(slices.Values(counts))
	slices.Reverse(sorted)
	second, middle := sorted[1], sorted[len(sorted)/2]
	if second < 6 {
		return nil, fmt.Errorf("only %d class(es) have 6 items or more: two such classes are needed, to fit on a part of "+
			"them and to test on others", len(slices.DeleteFunc(sorted, func(n int) bool { return n < 6 })))
	}
	p := &plan{of: partItems, k: max(2, min(mostFolds, middle/2)), now: float64(f.N()) / float64(len(counts)),
		metric: metricFor(len(counts))}
	per := p.now * float64(p.k-1) / float64(p.k)
	low := opt.least(8)
	if int(per) <= low {
		return nil, fmt.Errorf("classes have %.3g items on average, of which %d are fitted on: more than %d are needed",
			p.now, int(per), low)
	}
	list := sizes(max(low, int(per)/leastShare), int(per))
	for r := range opt.repeats() {
		sides, err := split.FoldItems(f, p.k, split.ItemOptions{Stratify: true, Seed: opt.Seed + uint64(r), Groups: groups})
		if err != nil {
			return nil, err
		}
		for i, s := range sides {
			// A stream for every fold, so that folds may be done in any order.
			seed := uint64(r*mostFolds + i)
			rng := streams.Rand(opt.Seed, streams.Advice+seed)
			one := fold{seed: opt.Seed + seed, all: s.Train, test: sample(rng, s.Test, mostTested)}
			classes := byClass(f, rng, s.Train)
			for _, n := range list {
				// The same share of every class, so that the parts are as unbalanced as the whole.
				share := float64(n) / float64(list[len(list)-1])
				var part []int
				for _, items := range classes {
					m := min(len(items), max(2, int(math.Round(share*float64(len(items))))))
					part = append(part, items[:m]...)
				}
				slices.Sort(part)
				one.parts = append(one.parts, part)
			}
			p.folds = append(p.folds, one)
		}
	}
	for k := range list { // the means of what was drawn, since classes have whole items
		n := 0
		for _, one := range p.folds {
			n += len(one.parts[k])
		}
		p.sizes = append(p.sizes, float64(n)/float64(len(counts)*len(p.folds)))
	}
	return p, p.check(f)
}

// planClasses returns the folds of the curve over classes.
func planClasses(f *data.Frame, groups []string, opt Options) (*plan, error) {
	names, counts := f.ClassCounts()
	if len(names) < leastClasses {
		return nil, fmt.Errorf("there are %d classes: some are left out to test on and the curve is over the others, which "+
			"takes %d or more", len(names), leastClasses)
	}
	if slices.Max(counts) < 2 {
		return nil, errors.New("no class has two items")
	}
	p := &plan{of: partClasses, k: max(3, min(mostFolds, len(names)/3)), now: float64(len(names))}
	p.metric = metricFor(len(names) / p.k)
	high := len(names) - (len(names)+p.k-1)/p.k // the training classes of every fold, at least
	list := sizes(max(opt.least(3), high/leastShare), high)
	for _, n := range list {
		p.sizes = append(p.sizes, float64(n))
	}
	for r := range opt.repeats() {
		sides, err := split.FoldClasses(f, p.k, split.ClassOptions{Seed: opt.Seed + uint64(r), Groups: groups})
		if err != nil {
			return nil, err
		}
		for i, s := range sides {
			seed := uint64(r*mostFolds + i)
			rng := streams.Rand(opt.Seed, streams.Advice+1000+seed)
			one := fold{seed: opt.Seed + seed, all: s.Train, test: sample(rng, s.Test, mostTested)}
			classes := byClass(f, rng, s.Train)
			rng.Shuffle(len(classes), func(a, b int) { classes[a], classes[b] = classes[b], classes[a] })
			// Classes of one item show nothing of what items of a class differ in: a part begins with others.
			slices.SortStableFunc(classes, func(a, b []int) int { return min(len(b), 2) - min(len(a), 2) })
			for _, n := range list {
				var part []int
				for _, items := range classes[:min(n, len(classes))] {
					part = append(part, items[:min(len(items), mostPerClass)]...)
				}
				slices.Sort(part)
				one.parts = append(one.parts, part)
			}
			p.folds = append(p.folds, one)
		}
	}
	return p, p.check(f)
}

// least returns the smallest part of a curve, in items or classes: two, and more for a given model.
func (o Options) least(given int) int {
	if o.Fit != nil {
		return given
	}
	return 2
}

// check returns why the folds of a plan cannot be fitted or tested, nil where they can: the smallest part and the test
// side need two classes, and two items of one of them.
func (p *plan) check(f *data.Frame) error {
	for k, one := range p.folds {
		for _, side := range []struct {
			name  string
			items []int
		}{{"test items", one.test}, {"items to fit on", one.parts[0]}} {
			count := map[string]int{}
			most := 0
			for _, i := range side.items {
				count[f.Labels[i]]++
				most = max(most, count[f.Labels[i]])
			}
			if len(count) < 2 || most < 2 {
				return fmt.Errorf("fold %d has %d %s of %d class(es), at most %d of one: two classes are needed, and two items "+
					"of one of them", k+1, len(side.items), side.name, len(count), most)
			}
		}
	}
	return nil
}

// byClass returns the items of every class in random order, classes by name.
func byClass(f *data.Frame, rng *rand.Rand, items []int) [][]int {
	names, number := f.Classes()
	out := make([][]int, len(names))
	for _, i := range items {
		out[number[i]] = append(out[number[i]], i)
	}
	out = slices.DeleteFunc(out, func(list []int) bool { return len(list) == 0 })
	for _, list := range out {
		rng.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
	}
	return out
}

// sample returns at most n of the items, rising.
func sample(rng *rand.Rand, items []int, n int) []int {
	if len(items) <= n {
		return items
	}
	out := slices.Clone(items)
	rng.Shuffle(len(out), func(a, b int) { out[a], out[b] = out[b], out[a] })
	out = out[:n]
	slices.Sort(out)
	return out
}
