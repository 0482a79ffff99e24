package widget

import "github.com/go-siamese/lab/kernels/internal/link"

// IntRangeSlider chooses a range of whole numbers, both ends included.
type IntRangeSlider struct {
	Name     string // by which later cells ask for the value; "" = they do not
	Label    string // what stands before it; "" = Name
	Min, Max int    // both 0 = 0 to 100
	Step     int    // 0 = 1
	Default  [2]int // lower and upper end at first; both 0 = Min and Max
	Lazy     bool   // a change counts when the user lets go of the slider
	Look
	control[[2]int]
}

// Value returns the lower and the upper end as they are now.
func (w *IntRangeSlider) Value() [2]int {
	low, high := limits(w.Min, w.Max, 100)
	return w.now(whole(w.Default, low, high))
}

func (w *IntRangeSlider) describe() (description, error) {
	low, high := limits(w.Min, w.Max, 100)
	d := start("IntRangeSlider", w.Name, w.Label, w.Look, nil)
	return ends(&w.control, d, w.Value(), low, high, w.Step, 1, w.Lazy)
}

// FloatRangeSlider chooses a range of numbers.
type FloatRangeSlider struct {
	Name     string     // by which later cells ask for the value; "" = they do not
	Label    string     // what stands before it; "" = Name
	Min, Max float64    // both 0 = 0 to 100
	Step     float64    // 0 = 0.1
	Default  [2]float64 // lower and upper end at first; both 0 = Min and Max
	Format   string     // of the numbers beside it, as d3-format has it; "" = ".2f"
	Lazy     bool       // a change counts when the user lets go of the slider
	Look
	control[[2]float64]
}

// Value returns the lower and the upper end as they are now.
func (w *FloatRangeSlider) Value() [2]float64 {
	low, high := limits(w.Min, w.Max, 100)
	return w.now(whole(w.Default, low, high))
}

func (w *FloatRangeSlider) describe() (description, error) {
	low, high := limits(w.Min, w.Max, 100)
	d := start("FloatRangeSlider", w.Name, w.Label, w.Look, nil)
	if w.Format != "" {
		d.state["readout_format"] = w.Format
	}
	return ends(&w.control, d, w.Value(), low, high, w.Step, 0.1, w.Lazy)
}

// whole returns the default of a range within a range.
func whole[N int | float64](v [2]N, low, high N) [2]N {
	if v == [2]N{} {
		return [2]N{low, high}
	}
	return v
}

// ends completes the description of a widget for a range.
func ends[N int | float64](c *control[[2]N], d description, v [2]N, low, high, step, otherwise N, lazy bool) (
	description, error) {
	slider(d.state, false, lazy)
	// One number checks the bounds and the step.
	one, err := number(new(control[N]), d, low, &low, &high, step, otherwise)
	if err != nil {
		return d, err
	}
	d.state["min"], d.state["max"] = low, high
	rule := one.about.Rules["value"]
	single := rule
	rule.Type = link.RuleFloats
	if single.Type == link.RuleInt {
		rule.Type = link.RuleInts
	}
	check := func(v [2]N) error {
		for _, end := range v {
			if err := checkNumber(d.class, d.about.Name, single, float64(end)); err != nil {
				return err
			}
		}
		if v[1] < v[0] {
			return wrong(d.class, d.about.Name, "%v to %v ends before it begins", v[0], v[1])
		}
		return nil
	}
	return c.described(d, v, plain("value", check), rule)
}
