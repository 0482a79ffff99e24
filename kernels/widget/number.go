package widget

import (
	"cmp"
	"math"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// maxWhole is the largest whole number that JavaScript tells from its neighbours.
const maxWhole = 1<<53 - 1

// IntSlider chooses a whole number by a slider.
type IntSlider struct {
	Name     string // by which later cells ask for the value; "" = they do not
	Label    string // what stands before it; "" = Name
	Min, Max int    // both 0 = 0 to 100
	Step     int    // 0 = 1
	Default  int    // the value at first; 0 is Min where 0 is not from Min to Max
	Vertical bool
	Lazy     bool // a change counts when the user lets go of the slider
	Look
	control[int]
}

// Value returns the value as it is now.
func (w *IntSlider) Value() int {
	low, high := limits(w.Min, w.Max, 100)
	return w.now(within(w.Default, low, high))
}

func (w *IntSlider) describe() (description, error) {
	low, high := limits(w.Min, w.Max, 100)
	d := start("IntSlider", w.Name, w.Label, w.Look, map[string]any{"min": low, "max": high})
	slider(d.state, w.Vertical, w.Lazy)
	return number(&w.control, d, w.Value(), &low, &high, w.Step, 1)
}

// FloatSlider chooses a number by a slider.
type FloatSlider struct {
	Name     string  // by which later cells ask for the value; "" = they do not
	Label    string  // what stands before it; "" = Name
	Min, Max float64 // both 0 = 0 to 100
	Step     float64 // 0 = 0.1
	Default  float64 // the value at first; 0 is Min where 0 is not from Min to Max
	Format   string  // of the number beside it, as d3-format has it; "" = ".2f"
	Vertical bool
	Lazy     bool // a change counts when the user lets go of the slider
	Look
	control[float64]
}

// Value returns the value as it is now.
func (w *FloatSlider) Value() float64 {
	low, high := limits(w.Min, w.Max, 100)
	return w.now(within(w.Default, low, high))
}

func (w *FloatSlider) describe() (description, error) {
	low, high := limits(w.Min, w.Max, 100)
	d := start("FloatSlider", w.Name, w.Label, w.Look, map[string]any{"min": low, "max": high})
	slider(d.state, w.Vertical, w.Lazy)
	if w.Format != "" {
		d.state["readout_format"] = w.Format
	}
	return number(&w.control, d, w.Value(), &low, &high, w.Step, 0.1)
}

// FloatLogSlider chooses a positive number by a slider whose steps are factors, such as a learning rate.
type FloatLogSlider struct {
	Name     string  // by which later cells ask for the value; "" = they do not
	Label    string  // what stands before it; "" = Name
	Min, Max float64 // above 0; both 0 = 1 to 10,000
	Step     float64 // of the logarithm to base 10; 0 = 0.1
	Default  float64 // the value at first; 0 = Min
	Format   string  // of the number beside it, as d3-format has it; "" = ".3g"
	Vertical bool
	Lazy     bool // a change counts when the user lets go of the slider
	Look
	control[float64]
}

// Value returns the value as it is now.
func (w *FloatLogSlider) Value() float64 {
	low, high := w.limits()
	return w.now(within(w.Default, low, high))
}

func (w *FloatLogSlider) limits() (low, high float64) {
	if w.Min == 0 && w.Max == 0 {
		return 1, 10_000
	}
	return w.Min, w.Max
}

func (w *FloatLogSlider) describe() (description, error) {
	low, high := w.limits()
	d := start("FloatLogSlider", w.Name, w.Label, w.Look, nil)
	if !(low > 0) || math.IsInf(high, 0) {
		return d, wrong(d.class, w.Name, "%v to %v is no range of positive numbers", low, high)
	}
	d.state["min"], d.state["max"] = exponent(low), exponent(high)
	slider(d.state, w.Vertical, w.Lazy)
	if w.Format != "" {
		d.state["readout_format"] = w.Format
	}
	return number(&w.control, d, w.Value(), &low, &high, w.Step, 0.1)
}

// exponent returns the logarithm to base 10, such that a power of ten has a whole one.
func exponent(v float64) float64 { return math.Round(math.Log10(v)*1e12) / 1e12 }

// IntText is a field for a whole number.
type IntText struct {
	Name    string // by which later cells ask for the value; "" = they do not
	Label   string // what stands before it; "" = Name
	Step    int    // of the arrows beside it; 0 = 1
	Default int    // the value at first
	Look
	control[int]
}

// Value returns the value as it is now.
func (w *IntText) Value() int { return w.now(w.Default) }

func (w *IntText) describe() (description, error) {
	d := start("IntText", w.Name, w.Label, w.Look, nil)
	return number(&w.control, d, w.Value(), nil, nil, w.Step, 1)
}

// FloatText is a field for a number.
type FloatText struct {
	Name    string  // by which later cells ask for the value; "" = they do not
	Label   string  // what stands before it; "" = Name
	Step    float64 // of the arrows beside it; 0 = any number
	Default float64 // the value at first
	Look
	control[float64]
}

// Value returns the value as it is now.
func (w *FloatText) Value() float64 { return w.now(w.Default) }

func (w *FloatText) describe() (description, error) {
	d := start("FloatText", w.Name, w.Label, w.Look, nil)
	return number(&w.control, d, w.Value(), nil, nil, w.Step, 0)
}

// BoundedIntText is a field for a whole number from Min to Max.
type BoundedIntText struct {
	Name     string // by which later cells ask for the value; "" = they do not
	Label    string // what stands before it; "" = Name
	Min, Max int    // both 0 = 0 to 100
	Step     int    // of the arrows beside it; 0 = 1
	Default  int    // the value at first; 0 is Min where 0 is not from Min to Max
	Look
	control[int]
}

// Value returns the value as it is now.
func (w *BoundedIntText) Value() int {
	low, high := limits(w.Min, w.Max, 100)
	return w.now(within(w.Default, low, high))
}

func (w *BoundedIntText) describe() (description, error) {
	low, high := limits(w.Min, w.Max, 100)
	d := start("BoundedIntText", w.Name, w.Label, w.Look, map[string]any{"min": low, "max": high})
	return number(&w.control, d, w.Value(), &low, &high, w.Step, 1)
}

// BoundedFloatText is a field for a number from Min to Max.
type BoundedFloatText struct {
	Name     string  // by which later cells ask for the value; "" = they do not
	Label    string  // what stands before it; "" = Name
	Min, Max float64 // both 0 = 0 to 100
	Step     float64 // of the arrows beside it; 0 = any number
	Default  float64 // the value at first; 0 is Min where 0 is not from Min to Max
	Look
	control[float64]
}

// Value returns the value as it is now.
func (w *BoundedFloatText) Value() float64 {
	low, high := limits(w.Min, w.Max, 100)
	return w.now(within(w.Default, low, high))
}

func (w *BoundedFloatText) describe() (description, error) {
	low, high := limits(w.Min, w.Max, 100)
	d := start("BoundedFloatText", w.Name, w.Label, w.Look, map[string]any{"min": low, "max": high})
	return number(&w.control, d, w.Value(), &low, &high, w.Step, 0)
}

// limits returns the bounds of a range; otherwise is the upper one of a range that was not given.
func limits[N int | float64](low, high, otherwise N) (N, N) {
	if low == 0 && high == 0 {
		return 0, otherwise
	}
	return low, high
}

// within returns the default of a range: 0 that is not in it means its lower end.
func within[N cmp.Ordered](v, low, high N) N {
	var zero N
	if v == zero && (zero < low || zero > high) {
		return low
	}
	return v
}

// slider sets what sliders share.
func slider(state map[string]any, vertical, lazy bool) {
	if vertical {
		state["orientation"] = "vertical"
	}
	if lazy {
		state["continuous_update"] = false
	}
}

// number completes the description of a widget for one number. low and high nil = without bounds. A step of 0 is
// otherwise, which is the class's own.
func number[N int | float64](c *control[N], d description, v N, low, high *N, step, otherwise N) (description, error) {
	if step == 0 {
		step = otherwise
	}
	if step != 0 {
		d.state["step"] = step
	}
	rule := link.Rule{Type: link.RuleFloat}
	if _, whole := any(v).(int); whole {
		rule.Type = link.RuleInt
	}
	if low != nil {
		l, h := float64(*low), float64(*high)
		rule.Min, rule.Max = &l, &h
	}
	name := d.about.Name
	check := func(v N) error { return checkNumber(d.class, name, rule, float64(v)) }
	if rising := low == nil || *low < *high; !rising { // NaN included
		return d, wrong(d.class, name, "%v to %v is no range: Max must be above Min", *low, *high)
	}
	if step < 0 || math.IsNaN(float64(step)) || math.IsInf(float64(step), 0) {
		return d, wrong(d.class, name, "a step of %v", step)
	}
	return c.described(d, v, plain("value", check), rule)
}

// checkNumber says why a number is none that the user could choose.
func checkNumber(class, name string, rule link.Rule, v float64) error {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return wrong(class, name, "%v is no finite number", v)
	case rule.Type == link.RuleInt && math.Abs(v) > maxWhole:
		return wrong(class, name, "%v is more than a browser can tell from its neighbours", v)
	case rule.Min != nil && (v < *rule.Min || v > *rule.Max):
		return wrong(class, name, "%v is not from %v to %v", v, *rule.Min, *rule.Max)
	}
	return nil
}
