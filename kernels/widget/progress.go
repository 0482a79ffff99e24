package widget

import (
	"slices"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// IntProgress is a bar that the program moves.
type IntProgress struct {
	Label    string // what stands before it
	Min, Max int    // both 0 = 0 to 100
	Default  int    // where it is at first; 0 is Min where 0 is not from Min to Max
	Kind     string // "success", "info", "warning" or "danger"; "" = plain
	Look
	control[int]
}

// Value returns where the bar is now.
func (w *IntProgress) Value() int {
	low, high := limits(w.Min, w.Max, 100)
	return w.now(within(w.Default, low, high))
}

func (w *IntProgress) describe() (description, error) {
	low, high := limits(w.Min, w.Max, 100)
	return progress(&w.control, start("IntProgress", "", w.Label, w.Look, nil), w.Value(), low, high, w.Kind)
}

// FloatProgress is a bar that the program moves.
type FloatProgress struct {
	Label    string  // what stands before it
	Min, Max float64 // both 0 = 0 to 100
	Default  float64 // where it is at first; 0 is Min where 0 is not from Min to Max
	Kind     string  // "success", "info", "warning" or "danger"; "" = plain
	Look
	control[float64]
}

// Value returns where the bar is now.
func (w *FloatProgress) Value() float64 {
	low, high := limits(w.Min, w.Max, 100)
	return w.now(within(w.Default, low, high))
}

func (w *FloatProgress) describe() (description, error) {
	low, high := limits(w.Min, w.Max, 100)
	return progress(&w.control, start("FloatProgress", "", w.Label, w.Look, nil), w.Value(), low, high, w.Kind)
}

// progress completes the description of a bar.
func progress[N int | float64](c *control[N], d description, v, low, high N, kind string) (description, error) {
	if !slices.Contains([]string{"", "success", "info", "warning", "danger"}, kind) {
		return d, wrong(d.class, d.about.Text, "%q is no Kind: it is success, info, warning, danger or empty", kind)
	}
	d, err := number(c, d, v, &low, &high, 0, 0)
	d.state["min"], d.state["max"], d.state["bar_style"] = low, high, kind
	d.about.Rules = map[string]link.Rule{} // the user does not move it
	return d, err
}
