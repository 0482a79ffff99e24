package stats

import (
	"errors"
	"fmt"
)

// AddIntervals sets the confidence intervals of Brier and ECE of r, and replaces those of the bins' shares. r must
// come from [MeasureReliability] of probabilities of these pairs, with weights scaled so that a share r.Prevalence of
// them is positive, in the default number of bins. The intervals hold for pairs of other items. confidence is in (0,
// 1); 0 means .95.
//
// Both metrics are means of each kind of pair, combined by the prevalence, which is taken as known. With probability
// p of a pair, W the weight of its kind and y = 1 for positives, 0 for negatives, the influence of a weight w is
//
//	Brier   prevalence of the kind x w/W ((p-y)^2 - mean of that in the kind)
//	ECE     prevalence of the kind x w/W (s (p-y) - mean of that in the kind)
//
// with s = 1 if the bin's mean probability is too high and -1 otherwise, and the variance is that of [PairIntervals],
// which accounts for shared items. Bins are held fixed, and so is the sign of each bin's error. If bins are off only by
// chance the interval is therefore too wide, and covers the mean over such samples: ECE adds up absolute errors of bins
// and stays above 0 even for perfect probabilities.
//
// Lists of different lengths, invalid pairs and probabilities, a prevalence outside (0, 1) and pairs of one kind are
// errors, and leave r as it was. An interval of width 0 is a warning in r.
func (p LabelledPairs) AddIntervals(r *Reliability, probabilities []float64, confidence float64) error {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	if err := checkConfidence(confidence); err != nil {
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
		return errors.New("stats: pairs of one kind only: reliability needs positives and negatives")
	}
	var off [defaultBins]float64 // by bin: how far its probabilities are too high
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
		{&r.BrierInterval, r.Brier, func(probability, y float64) float64 {
			return (probability - y) * (probability - y)
		}},
		{&r.ECEInterval, r.ECE, func(probability, y float64) float64 {
			if off[widthBin(probability, defaultBins)] < 0 {
				return y - probability
			}
			return probability - y
		}},
	} {
		i := Interval{Value: f.value, Confidence: confidence, Method: string(Delta)}
		e := spread.standardError(influences(kinds, probabilities, f.of))
		if e == 0 {
			flat++
		}
		i.Low, i.High = sample{value: f.value, high: 1}.normal(e, confidence)
		*f.to = &i
	}
	if flat > 0 {
		r.Warnings = append(r.Warnings, noSpread(flat))
	}
	spread.binIntervals(r, kinds, probabilities, confidence)
	return nil
}

// kinds returns by kind, negatives first, the share of every pair in a mean over both at a prevalence; nil for a
// missing kind. The shares of positives sum to the prevalence, those of negatives to the rest.
func (p LabelledPairs) kinds(prevalence float64) (out [2][]float64) {
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

// influences returns the influence of every pair on the mean over both kinds of of(probability, y), where y is 1 for
// positives and 0 for negatives: its shares times the differences from the means of the kinds. A pair with a label
// between 0 and 1 has a part in each.
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
