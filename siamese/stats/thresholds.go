package stats

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/go-siamese/lab/siamese/metric"
)

// ThresholdMetrics holds the metrics of pairs at a frozen threshold, with confidence intervals: what a user of the
// threshold would see on other items. [Thresholds] and [Metrics.AtThreshold] make it.
type ThresholdMetrics struct {
	Threshold float64  `json:"threshold"`
	Accuracy  Estimate `json:"accuracy"` // balanced
	FPR       Estimate `json:"fpr"`
	FNR       Estimate `json:"fnr"`

	Warnings metric.Warnings `json:"warnings,omitempty"`
}

// Thresholds returns the metrics of thresholds over all pairs of items, given by a run, whose own threshold is not used,
// and labels (N class numbers), each with its delta-method interval by items: those of [Intervals] with
// [Delta], for any number of thresholds in one pass over the pairs and without the other metrics. A rate of 0 or 1
// has the interval of independent items (see [Wilson]), as in Intervals. Thresholds are taken as
// given: the effect of choosing them on the same items is not in the intervals.
//
// Only Similarity, Confidence and Workers of opt are used. The result is in the order of thresholds, which may repeat.
// No items and thresholds that are not finite are errors; others are those of Intervals. It holds 16 bytes an item and
// threshold.
func Thresholds(ctx context.Context, r Run, labels []int32, thresholds []float64, opt Options) (
	[]ThresholdMetrics, error,
) {
	opt = Options{Similarity: opt.Similarity, Method: Delta, Confidence: opt.Confidence, Workers: opt.Workers}
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	opt, err := opt.withDefaults(len(labels))
	if err != nil {
		return nil, err
	}
	for _, t := range thresholds {
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return nil, fmt.Errorf("stats: a threshold is %v: want finite scores", t)
		}
	}
	if len(labels) == 0 {
		return nil, errors.New("stats: no items: thresholds need pairs")
	}
	rows, err := metric.NewRows(r.Values, labels, opt.Similarity)
	if err != nil {
		return nil, err
	}
	// Distinct and sorted, so that one binary search places a score among all thresholds.
	rising := slices.Sorted(slices.Values(thresholds))
	rising = slices.Compact(rising)
	tallies := make([]acceptance, rows.N())
	err = rows.Mixed(r.Mixture).Sweep(ctx, opt.Workers, nil, func(_, place int, scores []float32) {
		tallies[place] = accepted(rows, place, scores, rising)
	})
	if err != nil {
		return nil, err
	}
	out := make([]ThresholdMetrics, len(thresholds))
	for k, t := range thresholds {
		at := sort.SearchFloat64s(rising, t)
		out[k] = thresholdMetrics(t, at, tallies, opt.Confidence)
	}
	return out, nil
}

// acceptance counts the pairs of one item, positives and negatives: all of them, and those each of rising thresholds
// accepts.
type acceptance struct {
	all [2]float64   // positives and negatives
	by  [2][]float64 // the same by number of the threshold, and a last entry of 0
}

// accepted counts the pairs of the item at a place, from its scores with all places. rising has distinct thresholds.
func accepted(rows *metric.Rows, place int, scores []float32, rising []float64) acceptance {
	out := acceptance{by: [2][]float64{make([]float64, len(rising)+1), make([]float64, len(rising)+1)}}
	first, last := rows.Class(place)
	for other, score := range scores {
		if other == place {
			continue
		}
		kind := 1
		if first <= other && other < last {
			kind = 0
		}
		out.all[kind]++
		// Index = the number of thresholds that accept the pair: those at or below its score.
		out.by[kind][sort.Search(len(rising), func(i int) bool { return rising[i] > float64(score) })]++
	}
	for _, counts := range out.by { // from the number of accepting thresholds to counts by threshold
		sum := 0.0
		for k := len(rising); k >= 0; k-- {
			counts[k], sum = sum, sum+counts[k]
		}
	}
	return out
}

// thresholdMetrics returns the metrics of a threshold, number at of those in tallies, with intervals by items. Every
// pair is in the tallies of both its items, so sums over items are halved. The influence of an item on a rate is the
// number of its accepted pairs less the rate times the number of its pairs, over the number of all pairs of that kind.
// This is what pairBins.influence computes for one threshold by bins.
func thresholdMetrics(threshold float64, at int, tallies []acceptance, confidence float64) ThresholdMetrics {
	var all, yes [2]float64
	var items [2]int // that have pairs of the kind
	for _, a := range tallies {
		for kind := range all {
			if a.all[kind] > 0 {
				items[kind]++
			}
			all[kind] += a.all[kind] / 2
			yes[kind] += a.by[kind][at] / 2
		}
	}
	c := metric.Counts{TP: yes[0], FN: all[0] - yes[0], FP: yes[1], TN: all[1] - yes[1]}
	out := ThresholdMetrics{Threshold: threshold}
	n, flat := len(tallies), 0
	units := kindUnits{min(items[0], int(all[0])), min(items[1], int(all[1]))}
	for k, f := range []struct {
		to    *Estimate
		value float64
	}{{&out.Accuracy, c.BalancedAccuracy()}, {&out.FPR, c.FPR()}, {&out.FNR, c.FNR()}} {
		// Accuracy is 1 - (FPR + FNR)/2, so its influence is minus the mean of theirs.
		s := sample{value: f.value, high: 1, defined: all[0] > 0 && all[1] > 0, runs: 1}
		for _, a := range tallies {
			if !s.defined {
				break
			}
			fpr := (a.by[1][at] - yes[1]/all[1]*a.all[1]) / all[1]
			fnr := (yes[0]/all[0]*a.all[0] - a.by[0][at]) / all[0]
			s.influence = append(s.influence, []float64{-(fpr + fnr) / 2, fpr, fnr}[k])
		}
		f.to.Interval, f.to.StandardError = s.interval(Options{Method: Delta, Confidence: confidence})
		switch {
		case !s.defined || f.to.StandardError > 0:
		case s.flat(f.to.Interval, 0):
			f.to.Interval = s.atEnd(units.of([]int{accuracy, falsePositives, falseNegatives}[k]), confidence)
		default:
			flat++
		}
	}
	if n < enough {
		out.Warnings = append(out.Warnings, fewUnits(n, "items"))
	}
	if flat > 0 {
		out.Warnings = append(out.Warnings, noSpread(flat))
	}
	return out
}
