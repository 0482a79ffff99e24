package stats

import (
	"math"

	"github.com/go-siamese/lab/siamese/metric"
)

// logistic fits a logistic curve to points: probability 1 / (1 + exp(-(a z + b))) at the standardised score z. Sums
// over points are divided by the total weight, so that limits of the iteration do not depend on the number of pairs.
type logistic struct {
	points       []point
	hit, miss    float64 // targets of positives and of negatives
	total        float64 // weight of all points
	mean, spread float64 // of scores
	a, b         float64
}

// fitPlatt sets the slope and the offset. Scores are standardised for the iteration, which makes it independent of
// their scale and changes the curve by rounding only. points have distinct scores; total is their weight. It warns if
// the best slope would be negative (the slope is then 0), and if the iteration has not converged.
func (c *Calibration) fitPlatt(points []point, total totals) metric.Warnings {
	l := &logistic{
		points: points, total: total.pos + total.neg,
		hit: (total.pos + 1) / (total.pos + 2), miss: 1 / (total.neg + 2),
	}
	share := (total.pos*l.hit + total.neg*l.miss) / l.total // mean target
	constant := math.Log(oddsOf(share))
	if len(points) == 1 { // equal scores have no spread to divide by
		c.Offset = constant
		return nil
	}
	l.standardise()
	l.b = math.Log((total.pos + 1) / (total.neg + 1)) // Platt's start
	gradient := l.newton()
	if l.a <= 0 {
		// The loss is convex, so the best slope of 0 or more is 0, with the mean target everywhere.
		c.Slope, c.Offset = 0, constant
		return metric.Warnings{reversedScores(c.Pairs)}
	}
	// Back from standardised scores: a (s - mean)/spread + b.
	c.Slope = l.a / l.spread
	c.Offset = l.b - c.Slope*l.mean
	if gradient > 1e-5 {
		return metric.Warnings{warn(metric.NotConverged, c.Pairs,
			"the calibration's gradient is still %.2g a pair after %d iterations", gradient, newtonLimit)}
	}
	return nil
}

// standardise sets the weighted mean and the standard deviation of the scores, which differ.
func (l *logistic) standardise() {
	for _, p := range l.points {
		l.mean += (p.pos + p.neg) / l.total * p.score
	}
	for _, p := range l.points {
		d := p.score - l.mean
		l.spread += (p.pos + p.neg) / l.total * d * d
	}
	l.spread = math.Sqrt(l.spread)
}

// newtonLimit is the largest number of iterations, as in Lin, Lin and Weng 2007.
const newtonLimit = 100

// newton minimises the loss and returns the norm of its gradient, a mean over weight. The Hessian's diagonal is raised
// slightly so that it can be inverted, and a step is halved until the loss falls enough (Armijo's rule).
func (l *logistic) newton() float64 {
	loss := l.loss(l.a, l.b)
	length := math.Inf(1)
	for range newtonLimit {
		var ga, gb float64
		haa, hab, hbb := 1e-12, 0.0, 1e-12
		for _, p := range l.points {
			w, z := (p.pos+p.neg)/l.total, (p.score-l.mean)/l.spread
			t := (p.pos*l.hit + p.neg*l.miss) / l.total
			q := sigmoid(l.a*z + l.b)
			d, h := w*q-t, w*q*(1-q)
			ga, gb = ga+d*z, gb+d
			haa, hab, hbb = haa+h*z*z, hab+h*z, hbb+h
		}
		if length = math.Hypot(ga, gb); length < 1e-12 {
			return length
		}
		det := haa*hbb - hab*hab
		da, db := -(hbb*ga-hab*gb)/det, -(haa*gb-hab*ga)/det
		slope, step := ga*da+gb*db, 1.0
		for ; step >= 1e-10; step /= 2 {
			a, b := l.a+step*da, l.b+step*db
			if next := l.loss(a, b); next < loss+1e-4*step*slope {
				l.a, l.b, loss = a, b, next
				break
			}
		}
		if step < 1e-10 {
			return length // the loss is at its minimum up to rounding
		}
	}
	return length
}

// loss returns the mean cross-entropy of slope a and offset b against the targets, without overflow.
func (l *logistic) loss(a, b float64) float64 {
	var sum float64
	for _, p := range l.points {
		w := (p.pos + p.neg) / l.total
		t := (p.pos*l.hit + p.neg*l.miss) / l.total
		x := a*(p.score-l.mean)/l.spread + b
		// log(1+exp(x)) w - x t
		sum += w*(math.Max(x, 0)+math.Log1p(math.Exp(-math.Abs(x)))) - x*t
	}
	return sum
}
