// Package gallery makes more of a search by what the items searched among say of each other. No labels are used.
//
// A gallery is the items that are searched (references). Two of them that are of one class are often closer to a third
// one than to each other. Expansion uses that: an item gives way to the mean of itself and its nearest items of the
// gallery, weighted by cosines, so that what is special about one picture cancels out.
//
//	references, err := gallery.Expand(ctx, z, gallery.Options{})
//	queries, err := gallery.ExpandQueries(ctx, one, z, gallery.Options{}) // by z, not by what it was expanded to
//	nearest, err := embedding.Nearest(queries, references, 10, false)
//
// Re-ranking orders what a search has found anew: by which neighbours an item has in common with the query, of those
// that are neighbours of both sides (k-reciprocal encoding). The two go together: expanded items can be re-ranked.
//
//	ranker, err := gallery.NewReranker(ctx, z, gallery.RerankOptions{})
//	best, err := ranker.Search(ctx, one, 10, 0) // the 10 best of the 100 nearest
//	overlaps, err := ranker.Overlaps(ctx)       // of all pairs, for package metric
//
// A result depends on the whole gallery: other items around it give the same two items another cosine. A single pair
// has no gallery, and a threshold or calibration that was chosen on pairs does not hold for cosines of expanded items or
// for re-ranked similarities.
//
// What both gain by the size of the gallery is in siamese/testdata/gallery.
package gallery

import (
	"cmp"
	"errors"
	"math"

	"github.com/go-siamese/lab/data/option"
)

// Defaults of [Options].
const (
	DefaultNeighbours = 30
	DefaultPower      = 1
)

// Options says how items are expanded. The zero value is usable: its fields have defaults.
type Options struct {
	// Neighbours is how many nearest items of the gallery are averaged with each item; 0 = DefaultNeighbours. More than a
	// class has in the gallery are of other classes, and draw these together: take fewer for a small gallery.
	Neighbours int
	Power      float64 // of cosines, as weights: the larger, the more the nearest count; finite; 0 = DefaultPower
	// Uniform gives the item and its nearest the same weight; Power must be 0.
	Uniform bool
}

// Validate returns all that is wrong with the options, joined, or nil. Errors name the fields.
func (o Options) Validate() error {
	var count, power error
	if o.Neighbours < 0 {
		count = option.Errorf("Neighbours", "%d is less than 0", o.Neighbours)
	}
	switch {
	case !(o.Power >= 0) || math.IsInf(o.Power, 0): // NaN is no power either
		power = option.Errorf("Power", "%v is not a number from 0 up", o.Power)
	case o.Uniform && o.Power != 0:
		power = option.Errorf("Power", "%v has no effect on uniform weights: leave one of them out", o.Power)
	}
	return errors.Join(count, power)
}

// neighbours returns the number of neighbours.
func (o Options) neighbours() int { return cmp.Or(o.Neighbours, DefaultNeighbours) }

// weight returns the weight of a neighbour with a cosine; the item itself, whose cosine is 1, has 1.
func (o Options) weight(cosine float64) float64 {
	if o.Uniform {
		return 1
	}
	cosine = max(0, cosine) // what is opposite says nothing about where the item is
	if power := cmp.Or(o.Power, DefaultPower); power != 1 {
		return math.Pow(cosine, power)
	}
	return cosine
}
