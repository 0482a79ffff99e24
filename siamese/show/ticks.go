package show

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// ticks places four to eight ticks at round numbers: multiples of 1, 2 or 5 times a power of ten. The default ticks of
// package plot are fewer, with more digits than they need.
type ticks struct {
	whole bool // whole numbers only, as for epochs
}

// Ticks returns the ticks between low and high, with the digits that tell them apart; a single one at low where the
// range is empty or infinite.
func (t ticks) Ticks(low, high float64) []plot.Tick {
	span := high - low
	if !(span > 0) || math.IsInf(span, 0) {
		return []plot.Tick{{Value: low, Label: strconv.FormatFloat(low, 'g', 4, 64)}}
	}
	// The step is the smallest one with at most eight steps in the range. Tolerances of 1e-9 keep a tick that rounding
	// would put just outside.
	power := math.Floor(math.Log10(span / 8))
	step := math.Pow(10, power)
	for _, factor := range []float64{1, 2, 5, 10} {
		step = factor * math.Pow(10, power)
		if step*8 >= span*(1-1e-9) {
			break
		}
	}
	if t.whole {
		step = max(1, math.Round(step))
	}
	digits := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	// Adding 0 turns -0 into 0, which would be labelled "-0".
	var out []plot.Tick
	for k := math.Ceil(low/step - 1e-9); k*step <= high+1e-9*span; k++ {
		out = append(out, plot.Tick{Value: k * step, Label: strconv.FormatFloat(k*step+0, 'f', digits, 64)})
	}
	return out
}

// logTicks places ticks at powers of ten and, where these are few, at 2 and 5 times them.
type logTicks struct{}

// Ticks returns the ticks between low and high, which are above 0.
func (logTicks) Ticks(low, high float64) []plot.Tick {
	var out []plot.Tick
	few := high/low < 300
	for power := math.Floor(math.Log10(low)); power <= math.Log10(high); power++ {
		for _, factor := range []float64{1, 2, 5} {
			at := factor * math.Pow(10, power)
			if at < low*(1-1e-9) || at > high*(1+1e-9) {
				continue
			}
			label := ""
			if few || factor == 1 {
				label = strconv.FormatFloat(at, 'g', 3, 64)
			}
			out = append(out, plot.Tick{Value: at, Label: label})
		}
	}
	return out
}
