package stats

import (
	"errors"
	"fmt"
)

// Sure fills in the intervals of Brier and ECE of r, which [Judge] made of probabilities of these pairs with all weights of
// positives and all of negatives scaled so that a share r.Prevalence is positive, in bins of the default number, and puts those
// of the bins' shares in the place of Judge's. They hold for pairs of other items, at a level (0 means .95).
//
// Both figures are means of each kind of pair, joined by the prevalence, which is given and not counted. With probability p
// of a pair, W the weight of its kind and y = 1 for positives, 0 for negatives, the influence of a weight w is
//
//	Brier   prevalence of the kind x w/W ((p-y)^2 - mean of that in the kind)
//	ECE     prevalence of the kind x w/W (s (p-y) - mean of that in the kind), s = 1 where the bin says too much and -1 where too little
//
// and the variance is that of [PairIntervals], which knows that pairs share items. The bins are held fixed, and so is the side
// on which each is off. Where bins are off by no more than chance the interval is therefore wider than need be, and it holds
// what such samples give on average: ECE adds up what bins are off by either way and stays above 0 for probabilities without a
// fault.
//
// Lists of different lengths, unsound pairs and probabilities, a prevalence outside (0, 1) and pairs of one kind are errors.
func (p Judged) Sure(r *Reliability, probabilities []float64, level float64) error {
	if level == 0 {
		level = defaultLevel
	}
	if err := checkLevel(level); err != nil {
		return fmt.Errorf("stats: %w", err)
	}
	if err := p.check(); err != nil {
		return err
	}
	if len(probabilities) != len(p.Label) {
		return fmt.Errorf("stats: %d probabilities of %d pairs", len(probabilities), len(p.Label))
	}
	for k, x := range probabilities {
		if !(x >= 0 && x <= 1) {
			return fmt.Errorf("stats: the probability of pair %d is %v: want a number from 0 to 1", k, x)
		}
	}
	if !(r.Prevalence > 0 && r.Prevalence < 1) {
		return fmt.Errorf("stats: the prevalence is %v: want a share between 0 and 1, both excluded", r.Prevalence)
	}
	kinds := p.kinds(r.Prevalence)
	if kinds[0] == nil || kinds[1] == nil {
		return errors.New("stats: pairs of one kind only: how far probabilities are right takes both")
	}
	var off [defaultBins]float64 // by bin, of what its probabilities are too high
	for y, shares := range kinds {
		for k, share := range shares {
			off[widthBin(probabilities[k], defaultBins)] += share * (probabilities[k] - float64(y))
		}
	}
	spread, flat := p.spread(), 0
	for _, f := range []struct {
		to    **Interval
		value float64
		of    func(probability, y float64) float64
	}{
		{&r.BrierInterval, r.Brier, func(probability, y float64) float64 { return (probability - y) * (probability - y) }},
		{&r.ECEInterval, r.ECE, func(probability, y float64) float64 {
			if off[widthBin(probability, defaultBins)] < 0 {
				return y - probability
			}
			return probability - y
		}},
	} {
		i := Interval{Value: f.value, Level: level, Method: string(Linear)}
		e := spread.standardError(influences(kinds, probabilities, f.of))
		if e == 0 {
			flat++
		}
		i.Low, i.High = sample{value: f.value, high: 1}.normal(e, level)
		*f.to = &i
	}
	if flat > 0 {
		r.Warnings = append(r.Warnings, noSpread(flat))
	}
	spread.sureBins(r, kinds, probabilities, level)
	return nil
}

// kinds returns by kind, negatives first, the share of every pair in a mean over both at a prevalence; nil for a kind that
// there is not.
func (p Judged) kinds(prevalence float64) (out [2][]float64) {
	for y, part := range []float64{1 - prevalence, prevalence} {
		all, weights := 0.0, make([]float64, len(p.Label))
		for k, label := range p.Label {
			is := float64(label)
			if y == 0 {
				is = 1 - is
			}
			weights[k] = is * p.weight(k)
			all += weights[k]
		}
		if all == 0 {
			continue
		}
		for k := range weights {
			weights[k] *= part / all
		}
		out[y] = weights
	}
	return out
}

// influences returns that of every pair on the mean, over both kinds, of what of says of its probability.
func influences(kinds [2][]float64, probabilities []float64, of func(probability, y float64) float64) []float64 {
	out := make([]float64, len(probabilities))
	for y, shares := range kinds {
		sum, all := 0.0, 0.0
		for k, share := range shares {
			sum, all = sum+share*of(probabilities[k], float64(y)), all+share
		}
		for k, share := range shares {
			out[k] += share * (of(probabilities[k], float64(y)) - sum/all)
		}
	}
	return out
}
