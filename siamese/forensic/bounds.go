package forensic

import "math"

// Bounds are the LLRs beyond which the data do not bear out what is said.
type Bounds struct {
	Low  float64 `json:"low"`  // 0 or less
	High float64 `json:"high"` // 0 or more
}

// grid is the step of bounds, in LLR; farthest is the LLR beyond which those of a sample are cut, as infinite ones are.
const (
	grid     = .01
	farthest = 9
)

// Bounds returns the empirical lower and upper bounds of the LLRs (ELUB; Vergeer et al. 2016, Numerical likelihood
// ratios outputted by LR systems are often based on extrapolation: when to stop extrapolating?). One more same pair with
// the lowest LLR and one more different pair with the highest are imagined; within the bounds deciding by the LLRs is
// still no worse than deciding without. same and different are how many independent pairs of each kind the sample stands
// for, taken as 1 where they are less: a bound cannot lie much beyond log10 of their number, however many pairs there are.
//
// With as many as the pairs it is lir's elub, which takes all pairs to be independent.
func (s *Sample) Bounds(same, different int) Bounds {
	n := [2]float64{float64(max(different, 1)), float64(max(same, 1))}
	low := max(s.cut(s.llr[0]), -math.Log10(n[1]+1))
	high := min(s.cut(s.llr[len(s.llr)-1]), math.Log10(n[0]+1))
	from, to := min(0, math.Floor(low/grid)), max(0, math.Floor(high/grid)+1)
	out := Bounds{Low: from * grid, High: to * grid}
	// The bounds nearest to 0 count: a step within the nearest LLR at which deciding by LLRs is worse.
	steps := int(to - from)
	width := (to*grid - from*grid) / float64(steps)
	for k := range steps + 1 {
		t := float64(k)*width + from*grid
		if k == steps {
			t = to * grid
		}
		if !s.worse(t, n) {
			continue
		}
		if t <= 0 {
			out.Low = max(out.Low, t+grid)
		}
		if t >= 0 {
			out.High = min(out.High, t-grid)
		}
	}
	return Bounds{Low: min(out.Low, 0), High: max(out.High, 0)}
}

// cut returns an LLR within the farthest.
func (s *Sample) cut(llr float64) float64 { return min(max(llr, -farthest), farthest) }

// worse returns whether decisions by LLRs above t cost more than decisions without, for costs that make t the threshold,
// with one more misleading pair of each kind. n is the number of different and of same pairs.
func (s *Sample) worse(t float64, n [2]float64) bool {
	fpr, fnr := s.Rates(math.Nextafter(t, math.Inf(1)))
	times := math.Pow(10, t)
	cost := 1 - (1-fnr)*n[1]/(n[1]+1) + times*(fpr*n[0]+1)/(n[0]+1)
	return min(1, times) < cost
}
