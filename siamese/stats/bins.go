package stats

import (
	"fmt"
	"math"
	"sort"

	"github.com/go-siamese/lab/siamese/internal/rising"
)

// outcome is a pair with its predicted probability and its true label.
type outcome struct {
	probability, weight float64
	same                bool
}

// outcome returns the label as a number: 1 for the same, 0 for different.
func (o outcome) outcome() float64 {
	if o.same {
		return 1
	}
	return 0
}

// outcomes checks pairs and returns those of positive weight by rising probability; weights nil means 1 each. It does
// not check probabilities. The error names the pair, counted from 0, with an invalid weight, or lists of other lengths.
func outcomes[T float32 | float64](probabilities []T, same []bool, weights []T) ([]outcome, error) {
	if len(same) != len(probabilities) || weights != nil && len(weights) != len(probabilities) {
		return nil, fmt.Errorf("%d probabilities, %d same, %d weights: want lists of equal length (or no weights)",
			len(probabilities), len(same), len(weights))
	}
	out := make([]outcome, 0, len(probabilities))
	for i, p := range probabilities {
		o := outcome{float64(p), 1, same[i]}
		if weights != nil {
			o.weight = float64(weights[i])
		}
		if !(o.weight >= 0) || math.IsInf(o.weight, 0) {
			return nil, fmt.Errorf("the weight of pair %d is %v: want a finite number of 0 or more", i, o.weight)
		}
		if o.weight > 0 {
			out = append(out, o)
		}
	}
	return sortedBy(out, func(o outcome) float64 { return o.probability }), nil
}

// sortedBy returns the elements of all by rising value, those of equal values in their order.
func sortedBy[T any](all []T, value func(T) float64) []T {
	values := make([]float64, len(all))
	for k, one := range all {
		values[k] = value(one)
	}
	out := make([]T, len(all))
	for k, at := range rising.Order(values) {
		out[k] = all[at]
	}
	return out
}

// equalWidth returns the non-empty bins (i/n, (i+1)/n] of n = opt.Bins, the first one closed below, by rising
// probability. pairs are sorted by probability; opt has its defaults.
func equalWidth(pairs []outcome, opt ReliabilityOptions) []Bin {
	n := float64(opt.Bins)
	place := func(o outcome) int { return widthBin(o.probability, opt.Bins) }
	var bins []Bin
	for a := 0; a < len(pairs); {
		// pairs a to b are in the bin number at.
		b, at := a, place(pairs[a])
		for b < len(pairs) && place(pairs[b]) == at {
			b++
		}
		bin := binOf(pairs[a:b], opt.Confidence)
		bin.Low, bin.High = float64(at)/n, float64(at+1)/n
		bins = append(bins, bin)
		a = b
	}
	return bins
}

// widthBin returns the number, from 0, of the bin of equal width that holds a probability. It searches the edges,
// because probability x bins may be rounded across one: then the pair would lie outside the printed range of its bin.
func widthBin(probability float64, bins int) int {
	return sort.Search(bins-1, func(i int) bool { return probability <= float64(i+1)/float64(bins) })
}

// equalMass returns bins of about 1/n of the weight each, n = opt.Bins, by rising probability. Pairs of equal
// probability stay together, so there may be fewer bins: isotonic calibration gives many pairs one probability. pairs
// are sorted by probability, and weight is their sum; opt has its defaults.
func equalMass(pairs []outcome, weight float64, opt ReliabilityOptions) []Bin {
	var bins []Bin
	var sum float64
	for a := 0; a < len(pairs); {
		// The edge after the nearest one, so that a long run of one probability uses up the edges within it.
		part := weight / float64(opt.Bins)
		b, end := a, part*(math.Round(sum/part)+1)
		for b < len(pairs) &&
			(b == a || pairs[b].probability == pairs[b-1].probability || sum+pairs[b].weight/2 <= end) {
			sum += pairs[b].weight
			b++
		}
		bins = append(bins, binOf(pairs[a:b], opt.Confidence))
		a = b
	}
	return bins
}

// binOf returns the bin of at least one pair, sorted by probability, from its lowest to its highest probability. The
// share's interval takes pairs as independent, 1 / sum of (w/W)^2 of them: Kish's effective number.
func binOf(pairs []outcome, confidence float64) Bin {
	b := Bin{Low: pairs[0].probability, High: pairs[len(pairs)-1].probability, Pairs: len(pairs)}
	var pos, squares float64
	for _, p := range pairs {
		b.Weight += p.weight
		b.Mean += p.weight * p.probability
		pos += p.weight * p.outcome()
	}
	for _, p := range pairs {
		squares += p.weight / b.Weight * (p.weight / b.Weight)
	}
	b.Mean /= b.Weight
	b.Share = Wilson(pos/b.Weight, 1/squares, confidence)
	return b
}
