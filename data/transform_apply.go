package data

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
)

// Apply writes what becomes of whole rows src [N, F], with the columns in the transform's
// order (see [Transform.Match]), to dst [N, Width]. dst may be src where the widths are equal.
// A row gets the same bits whatever rows stand beside it. Many rows are done in parallel.
//
// Lengths that are no whole rows or disagree, missing values where none are imputed, infinite
// ones, and ones so large that the outcome is not finite are errors that name row and
// column; dst then holds nothing of use.
func (t *Transform) Apply(dst, src []float32) error {
	f, width := t.F(), t.Width()
	if f == 0 || len(src)%f != 0 || len(dst) != len(src)/f*width {
		return fmt.Errorf("data: apply transform: src has %d values and dst %d; want whole rows, of %d and of %d", len(src), len(dst), f, width)
	}
	for _, a := range t.Arrays() {
		if len(*a.Values) != product(a.Shape) {
			return fmt.Errorf("data: apply transform: %w", t.Validate())
		}
	}
	return t.applyNamed(dst, src, func(row int) string { return fmt.Sprintf("row %d", row) })
}

// applyNamed is Apply for slices of the right lengths; name says which row an error is about.
func (t *Transform) applyNamed(dst, src []float32, name func(row int) string) error {
	f, width := t.F(), t.Width()
	rows := len(src) / f
	step := max(1, (1<<16)/f) // some 256 KiB at a time; one query row does not pay for a goroutine
	var loadings blas64.General
	if t.Spec.pca() {
		step = max(step, 128) // the loadings are read once for each
		loadings = widen(t.Loadings, width)
	}
	parts := (rows + step - 1) / step
	bad := make([]error, parts)
	parallel(parts, func(part int) {
		from, to := part*step, min(rows, (part+1)*step)
		if row, problem := t.applyPart(dst[from*width:to*width], src[from*f:to*f], loadings); problem != "" {
			bad[part] = fmt.Errorf("data: apply transform: %s %s", name(from+row), problem)
		}
	})
	for _, err := range bad {
		if err != nil {
			return err
		}
	}
	return nil
}

// applyPart does some rows. Where one cannot be done it returns its number and why.
func (t *Transform) applyPart(dst, src []float32, loadings blas64.General) (row int, problem string) {
	f, width, scaled := t.F(), t.Width(), dst
	if t.Spec.pca() {
		scaled = make([]float32, len(src))
	}
	for row = range len(src) / f {
		from, to := src[row*f:(row+1)*f], scaled[row*f:(row+1)*f]
		if !finite(from) {
			for j, v := range from {
				if v-v != 0 && (v == v || t.Fill == nil) {
					return row, fmt.Sprintf("column %q is %g; %s", t.Columns[j], v, remedy(v))
				}
			}
		}
		t.stages(to, from, 0)
		if !finite(to) {
			j := slices.IndexFunc(to, func(v float32) bool { return v-v != 0 })
			return row, fmt.Sprintf("column %q becomes %g: the value is far beyond those that the transform was fitted on", t.Columns[j], to[j])
		}
	}
	if !t.Spec.pca() {
		return 0, ""
	}
	t.project(dst, scaled, loadings)
	for row = range len(dst) / width {
		if !finite(dst[row*width : (row+1)*width]) {
			return row, "has components that are not finite: its values are far beyond those that the transform was fitted on"
		}
	}
	return 0, ""
}

// stages does all but the components to the columns at, at+1, … of a row. to may be from.
func (t *Transform) stages(to, from []float32, at int) {
	to = to[:len(from)]
	copy(to, from)
	if t.Fill != nil {
		fill := t.Fill[at : at+len(to)]
		for j, v := range to {
			if v != v {
				to[j] = fill[j]
			}
		}
	}
	if t.Spec.SignedSqrt {
		for j, v := range to {
			to[j] = signedSqrt(v)
		}
	}
	if t.Centre != nil {
		centre, factor := t.Centre[at:at+len(to)], t.Factor[at:at+len(to)]
		for j, v := range to {
			to[j] = (v - centre[j]) * factor[j]
		}
	}
}

func signedSqrt(v float32) float32 {
	return float32(math.Copysign(math.Sqrt(math.Abs(float64(v))), float64(v)))
}

// finite says whether no value is NaN or infinite.
func finite(values []float32) bool {
	var sum float32
	for _, v := range values {
		sum += v - v
	}
	return sum == 0
}
