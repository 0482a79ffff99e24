package space

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/config"
)

// The kinds of a [Param].
const (
	KindFloat  = "float"  // a real number in [Low, High]
	KindInt    = "int"    // a whole number in [Low, High]
	KindChoice = "choice" // one of Choices
)

// Param is a setting that a search changes. Its JSON is that of a file with a space.
type Param struct {
	// Name is the setting's name in the file of a configuration, such as "loss.margin", or [Loss].
	Name string `json:"name"`
	Kind string `json:"kind"`

	// Of numbers: the ends, which are in the range.
	Low  float64 `json:"low,omitempty"`
	High float64 `json:"high,omitempty"`
	// Log says that equal factors, not equal differences, are equally likely; Low must be above 0.
	Log bool `json:"log,omitempty"`

	// Choices are values as a flag of the command has them: "adam", "0.25", "512,256".
	Choices []string `json:"choices,omitempty"`

	// When is the condition without which the setting keeps its value in the configuration; nil = none.
	When *Condition `json:"when,omitempty"`
}

// Condition holds when a choice that stands before in the space has one of the values.
type Condition struct {
	Name string   `json:"name"`
	In   []string `json:"in"`
}

// Loss is the name of the one choice that is not a single setting: values are names of losses, and each brings the
// usual parameters of its loss, since a margin or a temperature of another loss means nothing to it.
const Loss = "loss"

// Space is what a search may change, in an order in which conditions come after what they are about.
type Space []Param

// Point is a value for every setting of a space whose condition holds: a number, or the place of a choice, from 0.
// Settings whose condition does not hold are not in it.
type Point map[string]float64

// Range is a real number in [low, high].
func Range(name string, low, high float64) Param {
	return Param{Name: name, Kind: KindFloat, Low: low, High: high}
}

// LogRange is a real number in [low, high] of which equal factors are equally likely; low is above 0.
func LogRange(name string, low, high float64) Param {
	return Param{Name: name, Kind: KindFloat, Low: low, High: high, Log: true}
}

// IntRange is a whole number in [low, high].
func IntRange(name string, low, high int) Param {
	return Param{Name: name, Kind: KindInt, Low: float64(low), High: float64(high)}
}

// LogIntRange is a whole number in [low, high] of which equal factors are equally likely; low is above 0.
func LogIntRange(name string, low, high int) Param {
	return Param{Name: name, Kind: KindInt, Low: float64(low), High: float64(high), Log: true}
}

// Choice is one of the values, written as a flag of the command has them.
func Choice(name string, values ...string) Param {
	return Param{Name: name, Kind: KindChoice, Choices: values}
}

// If returns the setting with the condition that the choice called name has one of the values.
func (p Param) If(name string, values ...string) Param {
	p.When = &Condition{name, values}
	return p
}

// Text returns a value of a [Point] as a flag has it: the digits that restore the number, or the choice.
func (p Param) Text(value float64) string {
	if p.Kind == KindChoice {
		if i := int(value); i >= 0 && i < len(p.Choices) {
			return p.Choices[i]
		}
		return fmt.Sprintf("choice %v", value)
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

// String returns the setting in a line.
func (p Param) String() string {
	text := p.Name + ": "
	if p.Kind == KindChoice {
		text += option.Choices(p.Choices)
	} else {
		text += fmt.Sprintf("%s in [%v, %v]", p.Kind, p.Low, p.High)
		if p.Log {
			text += ", by factors"
		}
	}
	if p.When != nil {
		text += ", if " + p.When.String()
	}
	return text
}

// Active reports whether the condition of a setting holds at a point, which needs to have only those before it.
func (s Space) Active(p Param, at Point) bool {
	if p.When == nil {
		return true
	}
	value, ok := at[p.When.Name]
	if !ok { // what it depends on has no effect itself
		return false
	}
	on, _ := s.Param(p.When.Name)
	return slices.Contains(p.When.In, on.Text(value))
}

// Param returns the setting of that name, and whether the space has it.
func (s Space) Param(name string) (Param, bool) {
	for _, p := range s {
		if p.Name == name {
			return p, true
		}
	}
	return Param{}, false
}

// At returns the point at a place in the unit cube, with one coordinate in [0, 1] for each setting, in order.
// Coordinates of settings without effect are not used. Ranges are divided evenly, whole numbers and choices in parts
// of equal width.
func (s Space) At(u []float64) Point {
	out := Point{}
	for i, p := range s {
		if s.Active(p, out) {
			out[p.Name] = p.at(u[i])
		}
	}
	return out
}

// at returns the value at a place of the unit interval.
func (p Param) at(u float64) float64 {
	if p.Kind == KindChoice {
		return min(math.Floor(u*float64(len(p.Choices))), float64(len(p.Choices)-1))
	}
	low, high := p.Ends()
	value := low + u*(high-low)
	if p.Log {
		value = math.Exp(value)
	}
	return p.Near(value)
}

// Ends returns the ends of a range on the scale on which it is even: their logarithms with Log. Whole numbers reach
// half a step further, so that the first and the last have as much room as others.
func (p Param) Ends() (low, high float64) {
	low, high = p.Low, p.High
	if p.Kind == KindInt {
		low, high = low-.5, high+.5
	}
	if p.Log {
		low, high = math.Log(low), math.Log(high)
	}
	return low, high
}

// Near returns the value of the range that is nearest to a number.
func (p Param) Near(value float64) float64 {
	if p.Kind == KindInt {
		value = math.RoundToEven(value)
	}
	return min(max(value, p.Low), p.High)
}

// Apply returns base with the values of the point; where it has a number of components, fewer are taken where items vary
// in fewer directions. It returns an error for a name that is no setting, for a value that it cannot have, and all that
// [config.Config.Validate] finds.
func (s Space) Apply(base config.Config, at Point) (config.Config, error) {
	cfg, err := s.set(base, at)
	if err == nil {
		err = cfg.Validate()
	}
	return cfg, err
}

// Check returns what is wrong with a point: values that are missing, out of the range or without effect.
func (s Space) Check(at Point) error {
	var errs []error
	known := 0
	for _, p := range s {
		value, ok := at[p.Name]
		active := s.Active(p, at)
		if ok {
			known++
		}
		switch {
		case active && !ok:
			errs = append(errs, option.Errorf(p.Name, "has no value"))
		case ok && !active:
			errs = append(errs, option.Errorf(p.Name, "has a value, but its condition does not hold"))
		case ok && !p.has(value):
			errs = append(errs, option.Errorf(p.Name, "%v is not in the space", value))
		}
	}
	if known < len(at) {
		errs = append(errs, errors.New("the point has settings that the space does not have"))
	}
	return errors.Join(errs...)
}

// has reports whether a value is in the range.
func (p Param) has(value float64) bool {
	if p.Kind == KindChoice {
		return value == math.Trunc(value) && value >= 0 && value < float64(len(p.Choices))
	}
	return p.Near(value) == value
}

// String returns the settings, a line for each.
func (s Space) String() string {
	lines := make([]string, len(s))
	for i, p := range s {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// String returns the condition in words.
func (c Condition) String() string { return fmt.Sprintf("%s is %s", c.Name, option.Choices(c.In)) }

// Unit returns the place of a value between the ends of its setting, in [0, 1], on the scale on which it is even.
func (p Param) Unit(value float64) float64 {
	if p.Kind == KindChoice {
		return value / float64(len(p.Choices)-1)
	}
	low, high := p.Low, p.High
	if p.Log {
		low, high, value = math.Log(low), math.Log(high), math.Log(value)
	}
	return (value - low) / (high - low)
}
