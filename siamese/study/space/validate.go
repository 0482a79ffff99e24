package space

import (
	"errors"
	"math"
	"reflect"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/loss/spec"
)

// Settings that a search must not change: they change what scores mean, or which trial is which.
var fixed = []string{"monitor", "seed", "devices", "label_separator", "val_pairs"}

// Validate returns nil or all that is wrong with the space, joined, each an [option.Error] with the setting's name. An empty
// space is of base alone.
// Both ends of every range and every choice are tried on base, with the conditions fulfilled and the rest as base has it, so
// that they are held to the ranges of [config.Config.Validate]. What only some combinations of values make invalid is
// found when such a point is reached.
func (s Space) Validate(base config.Config) error {
	var errs []error
	seen := map[string]Param{}
	for _, p := range s {
		err := p.validate(base, seen)
		if _, ok := seen[p.Name]; ok {
			err = option.Errorf(p.Name, "it is in the space twice")
		}
		seen[p.Name] = p
		if err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 { // values are tried only where all settings are sound
		return errors.Join(errs...)
	}
	if err := base.Validate(); err != nil {
		return err
	}
	told := map[string]bool{} // an error of several values is told once
	for _, p := range s {
		for _, value := range p.extremes() {
			at := Point{}
			s.fulfil(p, at)
			at[p.Name] = value
			if _, err := s.Apply(base, at); err != nil && !told[p.Name+err.Error()] {
				told[p.Name+err.Error()] = true
				if !slices.Contains(option.Names(err), p.Name) {
					err = &option.Error{Option: p.Name, Err: err}
				}
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// fulfil adds to the point what makes the condition of p hold.
func (s Space) fulfil(p Param, at Point) {
	if p.When == nil {
		return
	}
	on, _ := s.Param(p.When.Name)
	at[on.Name] = float64(slices.Index(on.Choices, p.When.In[0]))
	s.fulfil(on, at)
}

// extremes returns the values that are tried: the ends, or all choices.
func (p Param) extremes() []float64 {
	if p.Kind != KindChoice {
		return []float64{p.Low, p.High}
	}
	out := make([]float64, len(p.Choices))
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

// validate checks a setting by itself, and that its condition is about a choice among those before it.
func (p Param) validate(base config.Config, before map[string]Param) error {
	field, ok := fieldOf(&base, p.Name)
	switch {
	case !ok && p.Name != Loss:
		return option.Errorf(p.Name, "a configuration has no such setting")
	case slices.Contains(fixed, p.Name):
		return option.Errorf(p.Name, "a search cannot change it: trials would not be comparable")
	case p.Name == Loss && p.Kind != KindChoice:
		return option.Errorf(p.Name, "it is a choice of names of losses, not %q", p.Kind)
	}
	if err := p.validateCondition(before); err != nil {
		return err
	}
	if p.Kind == KindChoice {
		return p.validateChoices(field)
	}
	kind := reflect.Float64
	if p.Kind == KindInt {
		kind = reflect.Int
	}
	switch {
	case p.Kind != KindFloat && p.Kind != KindInt:
		return option.Errorf(p.Name, "kind %q is not known: use %s", p.Kind,
			option.Choices([]string{KindFloat, KindInt, KindChoice}))
	case len(p.Choices) > 0:
		return option.Errorf(p.Name, "a range has no choices")
	case field.Value.Kind() != kind:
		return option.Errorf(p.Name, "it is %s, which kind %q does not suit", field.Value.Kind(), p.Kind)
	case !(p.Low < p.High) || math.IsInf(p.High-p.Low, 0): // NaN is wrong too
		return option.Errorf(p.Name, "[%v, %v] is no range", p.Low, p.High)
	case p.Kind == KindInt && (p.Low != math.Trunc(p.Low) || p.High != math.Trunc(p.High) ||
		math.Abs(p.Low) > 1<<40 || math.Abs(p.High) > 1<<40):
		return option.Errorf(p.Name, "the ends %v and %v are not whole numbers, or too large", p.Low, p.High)
	case p.Log && p.Low <= 0:
		return option.Errorf(p.Name, "a range by factors begins above 0, not at %v", p.Low)
	}
	return nil
}

func (p Param) validateChoices(field fields.Field) error {
	if len(p.Choices) < 2 {
		return option.Errorf(p.Name, "give two choices or more, or set it in the configuration")
	}
	if p.Low != 0 || p.High != 0 || p.Log {
		return option.Errorf(p.Name, "a choice has no ends")
	}
	for i, text := range p.Choices {
		if slices.Contains(p.Choices[:i], text) {
			return option.Errorf(p.Name, "the choice %q is given twice", text)
		}
		var err error
		if p.Name == Loss {
			_, err = spec.Default(text)
		} else {
			err = field.Set(text)
		}
		if err != nil {
			return &option.Error{Option: p.Name, Err: err}
		}
	}
	return nil
}

func (p Param) validateCondition(before map[string]Param) error {
	if p.When == nil {
		return nil
	}
	on, ok := before[p.When.Name]
	switch {
	case !ok:
		return option.Errorf(p.Name, "its condition is about %q, which does not stand before it", p.When.Name)
	case on.Kind != KindChoice:
		return option.Errorf(p.Name, "its condition is about %q, which is no choice", p.When.Name)
	case len(p.When.In) == 0:
		return option.Errorf(p.Name, "its condition has no values")
	}
	for _, text := range p.When.In {
		if !slices.Contains(on.Choices, text) {
			return option.Errorf(p.Name, "its condition is that %s is %q, which is none of its choices: %s", on.Name, text,
				option.Choices(on.Choices))
		}
	}
	return nil
}

// set returns base with the values of the point, which may lack some. A number of components becomes a wish, and so
// does the size of batches, which another loss may need too: on narrow or short data every trial that asks for more
// than there is would fail.
func (s Space) set(base config.Config, at Point) (config.Config, error) {
	for _, p := range s { // in order: a loss brings parameters that come after it
		value, ok := at[p.Name]
		if !ok {
			continue
		}
		text := p.Text(value)
		if p.Name == Loss {
			loss, err := spec.Default(text)
			if err != nil {
				return base, &option.Error{Option: p.Name, Err: err}
			}
			base.Loss = loss
			continue
		}
		field, ok := fieldOf(&base, p.Name)
		if !ok {
			return base, option.Errorf(p.Name, "a configuration has no such setting")
		}
		if p.Kind == KindInt {
			field.Value.SetInt(int64(value))
			continue
		}
		if err := field.Set(text); err != nil {
			return base, &option.Error{Option: p.Name, Err: err}
		}
	}
	if _, varied := at["preprocess.components"]; varied && base.Preprocess.Components > 0 {
		base.Preprocess.FewerComponents = true
	}
	_, batches := at["batch_pairs"]
	if _, losses := at[Loss]; batches || losses {
		base.SmallerBatches = true
	}
	return base, nil
}

// fieldOf returns a setting of a configuration by name.
func fieldOf(cfg *config.Config, name string) (fields.Field, bool) {
	for _, f := range fields.Of(cfg) {
		if f.Name == name {
			return f, true
		}
	}
	return fields.Field{}, false
}
