package metric

import "math"

// curve turns distinct scores in falling order, each with its weight of positives and negatives, into a Verification.
// It needs constant memory, because the totals are known before it starts.
//
// Every metric comes from the running sums tp and fp of the weight accepted so far:
//
//	ROC-AUC = sum over scores of wn (tp before + wp/2) / (P N)         ties count half (Mann and Whitney 1947)
//	AP      = sum over scores of wp/P precision                        (the step form, Zhu 2004)
//	EER     = the crossing of FNR = 1-tp/P and FPR = fp/N, interpolated linearly between ROC points
//
// Metrics with a choice of prevalence are kept twice, [0] for that of the pairs and [1] for one half.
type curve struct {
	opt       VerificationOptions // with its defaults
	pos, neg  float64             // totals P and N
	low, high float64             // lowest and highest score

	tp, fp   float64    // weight of positives and negatives accepted so far
	last     float64    // threshold of the last ROC point
	auc      float64    // P N x ROC-AUC so far
	ap       [2]float64 // natural, balanced
	best     [2]struct{ acc, f1, cost Choice }
	weight   [2][2]float64    // weight of a positive and of a negative so that all sum to 1
	fnrAt    []OperatingPoint // by wanted rate: the lowest threshold so far that keeps to it
	eerFound bool             // whether the rates have crossed
	eer      float64
	eerAt    float64      // threshold of the EER
	at       []Counts     // by frozen threshold
	points   []CurvePoint // nil if not wanted
	hist     *Histogram   // nil if not wanted
}

// newCurve returns a curve for total weights pos > 0 and neg > 0 of scores from low to high; top is a score above all
// others, the threshold that accepts nothing. opt has its defaults.
func newCurve(pos, neg, low, high, top float64, opt VerificationOptions) *curve {
	c := &curve{opt: opt, pos: pos, neg: neg, low: low, high: high, last: top, at: newCounts(pos, neg, opt)}
	if opt.Bins > 0 {
		c.hist = &Histogram{Low: low, High: high, Positives: make([]float64, opt.Bins),
			Negatives: make([]float64, opt.Bins)}
	}
	if opt.Points > 0 {
		c.points = append(c.points, CurvePoint{Threshold: top, FNR: 1})
	}
	// Natural: every pair weighs the same. Balanced: positives weigh one half together, and so do negatives.
	c.weight[0] = [2]float64{1 / (pos + neg), 1 / (pos + neg)}
	c.weight[1] = [2]float64{.5 / pos, .5 / neg}
	for _, f := range opt.FPRs {
		c.fnrAt = append(c.fnrAt, OperatingPoint{Want: f, Threshold: top, FPR: 0, FNR: 1})
	}
	// Below any value, or above for costs, so that accepting nothing is the first choice.
	for b := range c.best {
		c.best[b].acc.Value, c.best[b].f1.Value, c.best[b].cost.Value = -1, -1, math.Inf(1)
	}
	c.choose(top)
	return c
}

// step accepts the pairs that score t: weight wp of positives and wn of negatives, not both 0. t falls from call to
// call, strictly: ties are accepted together. It is called once for each distinct score, up to 2^25 times.
func (c *curve) step(t, wp, wn float64) {
	c.auc += wn * (c.tp + wp/2)
	// The ROC point before the step, and the one after it.
	fpr0, fnr0 := c.fp/c.neg, 1-c.tp/c.pos
	c.tp += wp
	c.fp += wn
	fpr, fnr := c.fp/c.neg, 1-c.tp/c.pos
	if !c.eerFound && fnr <= fpr {
		// Before the step FNR > FPR, so the denominator is above 0.
		d0, d1 := fnr0-fpr0, fnr-fpr
		x := d0 / (d0 - d1)
		c.eer = fpr0 + x*(fpr-fpr0)
		c.eerAt = c.last + x*(t-c.last)
		c.eerFound = true
	}
	c.last = t
	countAt(c.at, t, wp, wn)
	if c.hist != nil {
		c.hist.add(t, wp, wn)
	}
	if c.points != nil {
		c.point(CurvePoint{t, fpr, math.Max(0, fnr)})
	}
	if wp == 0 {
		return // accepting only more negatives never makes a threshold better
	}
	// The precision that a share wp/P of the positives is found at. Only scores with positives add to it.
	for b := range c.ap {
		p, n := c.tp*c.weight[b][0], c.fp*c.weight[b][1]
		c.ap[b] += wp / c.pos * p / (p + n)
	}
	// FPR rises from step to step, so the last that keeps to a rate has its lowest FNR.
	for i := range c.fnrAt {
		if fpr <= c.fnrAt[i].Want {
			c.fnrAt[i].Threshold, c.fnrAt[i].FPR, c.fnrAt[i].FNR = t, fpr, math.Max(0, fnr)
		}
	}
	c.choose(t)
}

// choose keeps threshold t if it is strictly better than all higher ones, for each metric and prevalence by itself.
// With weights of sum 1, accuracy is tp + tn, F1 = 2tp / (2tp + fp + fn), and the mean cost CostFP fp + CostFN fn.
func (c *curve) choose(t float64) {
	fpr, fnr := c.fp/c.neg, math.Max(0, 1-c.tp/c.pos)
	for b := range c.best {
		w := c.weight[b]
		tp, fn := c.tp*w[0], math.Max(0, c.pos-c.tp)*w[0]
		fp, tn := c.fp*w[1], math.Max(0, c.neg-c.fp)*w[1]
		if v := tp + tn; v > c.best[b].acc.Value {
			c.best[b].acc = Choice{t, v, fpr, fnr}
		}
		if v := 2 * tp / (2*tp + fp + fn); v > c.best[b].f1.Value {
			c.best[b].f1 = Choice{t, v, fpr, fnr}
		}
		if v := c.opt.CostFP*fp + c.opt.CostFN*fn; v < c.best[b].cost.Value {
			c.best[b].cost = Choice{t, v, fpr, fnr}
		}
	}
}

// result returns the metrics after the last step, when every pair is accepted. Minima with 1 undo rounding.
func (c *curve) result() Verification {
	// The curve ends at the lowest threshold even if thinning has left it out.
	if n := len(c.points); n > 0 && c.points[n-1].Threshold != c.last {
		c.points = append(c.points, CurvePoint{Threshold: c.last, FPR: 1})
	}
	v := Verification{
		Positives: c.pos, Negatives: c.neg,
		ROCAUC: math.Min(1, c.auc/c.pos/c.neg), EER: c.eer, EERThreshold: c.eerAt,
		FNRAtFPR: c.fnrAt, At: c.at, Curve: c.points, Histogram: c.hist,
	}
	// In the order of ap, best and weight.
	for b, p := range []*Prevalent{&v.Natural, &v.Balanced} {
		p.Prevalence = c.pos * c.weight[b][0]
		p.AveragePrecision = math.Min(1, c.ap[b])
		p.BestAccuracy, p.BestF1, p.MinCost = c.best[b].acc, c.best[b].f1, c.best[b].cost
	}
	if coarse := countCoarse(c.opt.FPRs, c.neg); coarse > 0 {
		v.Warnings.add(CoarseFPR, coarse,
			"%d of the wanted false positive rates are finer than %g negatives can show: "+
				"their FNR is that of accepting none", coarse, c.neg)
	}
	if c.low == c.high {
		v.Warnings.add(OneScore, int(c.pos+c.neg), "all %.0f pairs score %v: the scores separate nothing",
			c.pos+c.neg, c.low)
	}
	return v
}

// countCoarse returns the number of rates below 1/neg, that of one negative: no threshold but one above all negatives
// keeps to them.
func countCoarse(rates []float64, neg float64) (n int) {
	for _, f := range rates {
		if f*neg < 1 {
			n++
		}
	}
	return n
}
