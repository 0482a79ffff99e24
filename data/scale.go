package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Kinds of scaling.
const (
	ScaleNone     = "none"     // values are used as they are
	ScaleStandard = "standard" // (x - mean) / standard deviation
)

// Scaler changes features before a model sees them: dst = (src - Mean) * Inverse, column by
// column. It belongs to the model and is saved with it.
type Scaler struct {
	Kind    string    `json:"kind"`    // ScaleNone or ScaleStandard
	Columns []string  `json:"columns"` // [F] the features it was fitted on, in order
	Mean    []float32 `json:"mean"`    // [F], nil for ScaleNone
	Inverse []float32 `json:"inverse"` // [F] 1 / standard deviation, 0 for a constant column; nil for ScaleNone
}

// constantBelow is the standard deviation, in units of the largest magnitude in a column,
// from which on its values differ by more than the rounding of float32 (2^-24): a column with
// less is constant. Dividing by it would blow rounding up to the size of a real feature.
const constantBelow = 1e-7

// smallestStd is the least standard deviation whose inverse is far from the end of float32.
const smallestStd = 1e-30

// NoScaling returns a scaler that leaves the named features as they are.
func NoScaling(columns []string) *Scaler {
	return &Scaler{Kind: ScaleNone, Columns: slices.Clone(columns)}
}

// FitStandard returns the scaler that brings every feature of the given items, which should be
// the training items and no others, to mean 0 and standard deviation 1 (that of the
// population: divided by the number of items). Constant columns, also those that vary by no
// more than float32 rounding, become 0. Sums are taken in float64, in the order of items, so
// that the result does not depend on the number of cores.
//
// No items, items out of range and values that are not finite (named by item and column) are
// errors.
func FitStandard(f *Frame, items []int) (*Scaler, error) {
	if f == nil || len(f.X) != f.N()*f.F() {
		return nil, errors.New("data: fit scaler: the frame is nil, or its lengths disagree (see Validate)")
	}
	if len(items) == 0 {
		return nil, errors.New("data: fit scaler: no items; give the training items of a split")
	}
	for _, i := range items {
		if i < 0 || i >= f.N() {
			return nil, fmt.Errorf("data: fit scaler: item %d is out of range [0, %d)", i, f.N())
		}
	}
	s := &Scaler{Kind: ScaleStandard, Columns: slices.Clone(f.Columns), Mean: make([]float32, f.F()), Inverse: make([]float32, f.F())}
	tiles := (f.F() + fitTile - 1) / fitTile
	bad := make([]error, tiles)
	parallel(tiles, func(t int) {
		bad[t] = s.fit(f, items, t*fitTile, min(f.F(), (t+1)*fitTile))
	})
	if err := errors.Join(bad...); err != nil {
		return nil, err
	}
	return s, nil
}

// fitTile is the number of columns fitted at a time: their sums stay in the nearest cache.
const fitTile = 128

// fit handles columns [from, to): first the means, then the squared differences from them,
// which loses no digits where the mean is large.
func (s *Scaler) fit(f *Frame, items []int, from, to int) error {
	var mean, square, largest [fitTile]float64
	for _, i := range items {
		for k, v := range f.Row(i)[from:to] {
			mean[k] += float64(v)
			largest[k] = max(largest[k], math.Abs(float64(v))) // NaN stays NaN
		}
	}
	n := float64(len(items))
	for k := range to - from {
		if math.IsNaN(largest[k]) || math.IsInf(largest[k], 0) {
			return notFinite(f, items, from+k)
		}
		mean[k] /= n
	}
	for _, i := range items {
		for k, v := range f.Row(i)[from:to] {
			d := float64(v) - mean[k]
			square[k] += d * d
		}
	}
	for k := range to - from {
		s.Mean[from+k] = float32(mean[k])
		if std := math.Sqrt(square[k] / n); std > max(constantBelow*largest[k], smallestStd) {
			s.Inverse[from+k] = float32(1 / std)
		}
	}
	return nil
}

func notFinite(f *Frame, items []int, j int) error {
	for _, i := range items {
		if v := float64(f.Row(i)[j]); math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("data: fit scaler: item %q column %q is %g; drop or fill it first", f.IDs[i], f.Columns[j], v)
		}
	}
	return nil
}

// Validate returns nil for a sound scaler, for instance one that was just loaded, or an error
// that joins every problem: an unknown kind, lengths that disagree, repeated columns, values
// that are not finite.
func (s *Scaler) Validate() error {
	if s == nil {
		return errors.New("data: the scaler is nil")
	}
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("data: scaler: "+format, args...))
	}
	want := len(s.Columns)
	switch s.Kind {
	case ScaleNone:
		want = 0
	case ScaleStandard:
	default:
		add("kind %q, want %q or %q", s.Kind, ScaleNone, ScaleStandard)
	}
	if len(s.Columns) == 0 {
		add("no columns")
	}
	if twice := repeated(s.Columns); len(twice) > 0 {
		add("columns must be unique, repeated: %s", quoted(twice))
	}
	for _, v := range []struct {
		name   string
		values []float32
	}{{"Mean", s.Mean}, {"Inverse", s.Inverse}} {
		if len(v.values) != want {
			add("%s has %d values, want %d", v.name, len(v.values), want)
		}
		for j, x := range v.values {
			if x-x != 0 {
				add("%s[%d] is %g", v.name, j, x)
				break
			}
		}
	}
	return errors.Join(problems...)
}
