package stats

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
)

// errOneKind is the error of FitCalibration if all pairs of positive weight are positive, or all negative: then nothing
// says how the probability changes with the score.
var errOneKind = errors.New("no calibration can be fitted to pairs of one kind: " +
	"take validation pairs that are the same and pairs that are not")

// FitCalibration fits a calibration by a method ([Platt] or [Isotonic]) to validation pairs: their scores
// (similarities), whether each is positive, and weights (nil means 1 each; a pair of weight w counts as w pairs, 0
// leaves it out). It holds for the prevalence of these pairs; see [Calibration.At] for another.
//
// Platt minimises the cross-entropy of a logistic curve against smoothed targets, (P+1)/(P+2) for the P positives and
// 1/(N+2) for the N negatives (Platt 1999), by the safeguarded Newton iteration of Lin, Lin and Weng 2007. Isotonic
// minimises the squared error over all non-decreasing curves by pooling adjacent violators (Ayer et al. 1955;
// Zadrozny and Elkan 2002), interpolated between its steps.
//
// Warnings: all scores are equal; scores fall where they should rise (the best non-decreasing curve is constant);
// probabilities of exactly 0 or 1 at the ends of an isotonic curve. Errors name the pair, counted from 0, whose score
// or weight is not finite; pairs of one kind are an error too.
func FitCalibration[T float32 | float64](method string, scores []T, same []bool, weights []T) (
	*Calibration, metric.Warnings, error,
) {
	if !slices.Contains(calibrationMethods(), method) {
		return nil, nil, fmt.Errorf("calibration: method %q: want one of %q", method, calibrationMethods())
	}
	points, total, err := pool(scores, same, weights)
	if err != nil {
		return nil, nil, fmt.Errorf("calibration: %w", err)
	}
	if total.pos == 0 || total.neg == 0 {
		return nil, nil, fmt.Errorf("calibration: %d pairs: %w", total.pairs, errOneKind)
	}
	c := &Calibration{Method: method, Pairs: total.pairs, Fitted: total.pos / (total.pos + total.neg)}
	c.Prevalence = c.Fitted
	var warnings metric.Warnings
	if len(points) == 1 {
		warnings = append(warnings, warn(metric.OneScore, total.pairs,
			"all %d pairs score %v: every probability is the prevalence", total.pairs, points[0].score))
	}
	if method == Platt {
		warnings = append(warnings, c.fitPlatt(points, total)...)
	} else {
		warnings = append(warnings, c.fitIsotonic(points)...)
	}
	if err := c.Validate(); err != nil { // such as scores too close or too far apart for a finite curve
		return nil, nil, err
	}
	return c, warnings, nil
}

// point is the weight of positives and negatives of one score.
type point struct{ score, pos, neg float64 }

// totals are the pairs behind a list of points.
type totals struct {
	pairs    int     // of positive weight
	pos, neg float64 // weights
}

// pool checks pairs and returns them by rising score, one point for each distinct score: equal scores must get one
// probability, and both fits then take time by the number of points. The error names the pair, counted from 0, with an
// invalid score or weight. The sort is stable, so sums are the same bits in every run.
func pool[T float32 | float64](scores []T, same []bool, weights []T) ([]point, totals, error) {
	var total totals
	if len(same) != len(scores) || weights != nil && len(weights) != len(scores) {
		return nil, total, fmt.Errorf("%d scores, %d same, %d weights: want lists of equal length (or no weights)",
			len(scores), len(same), len(weights))
	}
	points := make([]point, 0, len(scores))
	for i, s := range scores {
		w := 1.0
		if weights != nil {
			w = float64(weights[i])
		}
		if v := float64(s); math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, total, fmt.Errorf("the score of pair %d is %v: want a finite similarity", i, s)
		}
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, total, fmt.Errorf("the weight of pair %d is %v: want a finite number of 0 or more", i, w)
		}
		if w == 0 {
			continue
		}
		total.pairs++
		if same[i] {
			total.pos += w
			points = append(points, point{score: float64(s), pos: w})
		} else {
			total.neg += w
			points = append(points, point{score: float64(s), neg: w})
		}
	}
	if math.IsInf(total.pos+total.neg, 0) {
		return nil, total, errors.New("the weights sum to more than a number can hold: scale them down")
	}
	points = sortedBy(points, func(p point) float64 { return p.score })
	out := points[:0]
	for _, p := range points {
		if n := len(out); n > 0 && out[n-1].score == p.score {
			out[n-1].pos += p.pos
			out[n-1].neg += p.neg
		} else {
			out = append(out, p)
		}
	}
	return out, total, nil
}
