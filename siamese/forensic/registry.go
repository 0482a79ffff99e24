package forensic

import "math"

// The keys of measures in results and JSON.
const (
	Cllr            = "cllr"
	MinCllr         = "min_cllr"
	CalibrationLoss = "calibration_loss"
	ActualCost      = "actual_cost"
	MinCost         = "min_cost"
)

// Criterion is a measure of LLRs: lower is better, and 0 best. To add one, enter it in [Registry]: reports, pages and
// intervals list what is there.
type Criterion struct {
	Key, Name string
	Says      string // what it is, in a few words, for tables
	// Calibrated says that it judges what LLRs say, and not their order alone: scores that are no LLRs have none.
	Calibrated bool
	// Costed says that it depends on costs, and is not defined where an error costs nothing.
	Costed bool
	// losses returns of what it is the mean.
	losses func(s *Sample, c Costs) losses
}

// losses are what pairs add to a measure: same times the mean of of over same pairs plus different times that over
// different ones. Where a measure takes the best of something (LLRs, thresholds), that is held fixed: to first order it
// does not change with the pairs, so that intervals may take it as given.
type losses struct {
	of              func(llr float64, same bool) float64
	same, different float64
}

var registry = []*Criterion{
	{Key: Cllr, Name: "Cllr",
		Says:       "mean surprise in bits by the LLRs; 1 = they say nothing",
		Calibrated: true, losses: func(*Sample, Costs) losses {
			return losses{surprise, .5, .5}
		}},
	{Key: MinCllr, Name: "minimum Cllr",
		Says: "the same with the best LLRs in this order", losses: func(s *Sample, _ Costs) losses {
			return losses{func(llr float64, same bool) float64 { return surprise(s.bestOf(llr), same) }, .5, .5}
		}},
	{Key: CalibrationLoss, Name: "calibration loss",
		Says:       "how much better calibration could make it",
		Calibrated: true, losses: func(s *Sample, _ Costs) losses {
			return losses{func(llr float64, same bool) float64 {
				return surprise(llr, same) - surprise(s.bestOf(llr), same)
			}, .5, .5}
		}},
	{Key: ActualCost, Name: "cost",
		Says:       "of deciding by the LLRs; 1 = as much as without looking",
		Calibrated: true, Costed: true, losses: func(_ *Sample, c Costs) losses {
			different, same := c.factors()
			return losses{wrongAt(c.Threshold()), same, different}
		}},
	{Key: MinCost, Name: "minimum cost",
		Says: "the same with the best threshold", Costed: true, losses: func(s *Sample, c Costs) losses {
			different, same := c.factors()
			wrong := wrongAt(c.Threshold())
			return losses{func(llr float64, is bool) float64 { return wrong(s.bestOf(llr), is) }, same, different}
		}},
}

// Registry returns all measures in their order in tables. The slice is shared: do not change it.
func Registry() []*Criterion { return registry }

// ByKey returns the measure with a key such as [Cllr], or nil: files may have keys of other versions.
func ByKey(key string) *Criterion {
	for _, c := range registry {
		if c.Key == key {
			return c
		}
	}
	return nil
}

// Value returns the measure of a sample, at valid costs. It is +Inf where an infinite LLR is wrong.
func (c *Criterion) Value(s *Sample, costs Costs) float64 {
	l := c.losses(s, costs)
	var sums [2]float64
	for i, llr := range s.llr {
		for k := range sums {
			if w := s.weight[k][i]; w > 0 {
				sums[k] += w * l.of(llr, k == 1)
			}
		}
	}
	return l.different*sums[0]/s.all(0) + l.same*sums[1]/s.all(1)
}

// String returns the name.
func (c *Criterion) String() string { return c.Name }

// surprise returns what an LLR costs in bits at even odds: log2(1 + 1/LR) of a same pair, log2(1 + LR) of a different
// one. Cllr is its mean over both kinds (Brümmer and du Preez 2006).
func surprise(llr float64, same bool) float64 {
	if same {
		llr = -llr
	}
	// log2(1 + 10^llr), without overflow.
	return max(0, llr)/math.Log10(2) + math.Log1p(math.Exp(-math.Ln10*math.Abs(llr)))/math.Ln2
}

// wrongAt returns 1 for pairs that a threshold gets wrong, and 0 for others.
func wrongAt(threshold float64) func(llr float64, same bool) float64 {
	return func(llr float64, same bool) float64 {
		if (llr >= threshold) != same {
			return 1
		}
		return 0
	}
}

// CrossEntropy returns the mean surprise in bits, at prior log10 odds of a pair being the same, of somebody who adds
// these LLRs to them (the empirical cross-entropy of Ramos and Gonzalez-Rodriguez 2013). At 0 it is Cllr.
func (s *Sample) CrossEntropy(logOdds float64) float64 {
	prior := share(logOdds)
	var sums [2]float64
	for i, llr := range s.llr {
		for k := range sums {
			if w := s.weight[k][i]; w > 0 {
				sums[k] += w * surprise(llr+logOdds, k == 1)
			}
		}
	}
	return prior*sums[1]/s.all(1) + (1-prior)*sums[0]/s.all(0)
}
