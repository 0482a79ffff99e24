package forensic

import (
	"errors"
	"math"

	"github.com/go-siamese/lab/data/option"
)

// Costs is how much wrong decisions cost, for whoever has to decide.
type Costs struct {
	Prior float64 `json:"prior"`   // share of same pairs among those to decide on, in (0, 1)
	FP    float64 `json:"cost_fp"` // of calling a different pair same, 0 or more
	FN    float64 `json:"cost_fn"` // of calling a same pair different, 0 or more
}

// Validate returns every fault at once, by the names Prior, CostFP and CostFN, or nil.
func (c Costs) Validate() error {
	var errs []error
	if !(c.Prior > 0 && c.Prior < 1) {
		errs = append(errs, option.Errorf("Prior", "%v is not a share between 0 and 1, both excluded", c.Prior))
	}
	for _, cost := range []struct {
		name  string
		value float64
	}{{"CostFP", c.FP}, {"CostFN", c.FN}} {
		if !(cost.value >= 0) || math.IsInf(cost.value, 0) {
			errs = append(errs, option.Errorf(cost.name, "%v is not a finite cost of 0 or more", cost.value))
		}
	}
	return errors.Join(errs...)
}

// free returns whether an error costs nothing: without looking nothing is lost then, and no cost is a share of that.
func (c Costs) free() bool { return c.FP == 0 || c.FN == 0 }

// Threshold returns the LLR from which on calling a pair same costs least, log10 of FP (1 - Prior) / (FN Prior), if LLRs
// mean what they say.
func (c Costs) Threshold() float64 {
	return math.Log10(c.FP) - math.Log10(c.FN) + math.Log10(1-c.Prior) - math.Log10(c.Prior)
}

// factors returns what FPR and FNR cost, as shares of the cost of deciding without looking, always the cheaper way.
func (c Costs) factors() (fpr, fnr float64) {
	fpr, fnr = (1-c.Prior)*c.FP, c.Prior*c.FN
	cheaper := min(fpr, fnr)
	return fpr / cheaper, fnr / cheaper
}

// Cost returns the mean cost of decisions by LLRs at the threshold of valid costs, as a share of that of deciding without
// looking: the normalised detection cost (NIST's actual DCF). 0 is best; above 1 it would be better not to look. Of
// [Sample.Best] it is the minimum over all thresholds (NIST's minimum DCF).
func (s *Sample) Cost(c Costs) float64 {
	a, b := c.factors()
	fpr, fnr := s.Rates(c.Threshold())
	return a*fpr + b*fnr
}

// evenAt returns equal costs at prior log10 odds.
func evenAt(logOdds float64) Costs { return Costs{Prior: share(logOdds), FP: 1, FN: 1} }

// share returns the probability of log10 odds.
func share(logOdds float64) float64 { return 1 / (1 + math.Pow(10, -logOdds)) }
