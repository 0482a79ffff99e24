package preprocess

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/go-siamese/lab/data/parallel"
)

// Apply transforms the rows src [N, F], with the columns in the transform's order (see [Transform.Match]), into
// dst [N, Width]. dst may be src where the widths are equal. The bits of a row do not depend on the other rows.
// Many rows are transformed in parallel. The cost is O(N·F), with components O(N·F·K).
//
// Lengths that are not whole rows or disagree, missing values where none are imputed, infinite ones, and ones
// so large that the result is not finite are errors that name row and column; dst is then undefined.
func (t *Transform) Apply(dst, src []float32) error {
	f, width := t.F(), t.Width()
	if f == 0 || len(src)%f != 0 || len(dst) != len(src)/f*width {
		return fmt.Errorf("data: apply transform: src has %d values and dst %d; want whole rows, of %d and of %d",
			len(src), len(dst), f, width)
	}
	// A transform that was loaded or made by hand may be unsound: lengths are checked here, in O(1), so that the
	// passes below need not.
	for _, a := range t.Arrays() {
		if len(*a.Values) != product(a.Shape) {
			return fmt.Errorf("data: apply transform: %w", t.Validate())
		}
	}
	return t.applyNamed(dst, src, func(row int) string { return fmt.Sprintf("row %d", row) })
}

// applyNamed is Apply for slices of the right lengths; name names a row in errors. Of several parts with a
// problem the first one's is returned, so that the error does not depend on the order in which they were done.
func (t *Transform) applyNamed(dst, src []float32, name func(row int) string) error {
	f, width := t.F(), t.Width()
	rows := len(src) / f
	step := max(1, (1<<16)/f) // some 256 KiB at a time; one query row does not pay for a goroutine
	var loadings blas64.General
	if t.Spec.Reduces() {
		step = max(step, 128) // the loadings are read once for each
		loadings = widen(t.Loadings, width)
	}
	// Goroutines write to places of their own in dst and bad: nothing is locked.
	parts := (rows + step - 1) / step
	bad := make([]error, parts)
	parallel.For(parts, func(part int) {
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

// applyPart transforms some rows, src [n, F] to dst [n, Width]. On failure it returns the number of the row in src and
// the problem, "" = there is none. loadings [F, K] are those of the transform in float64, unused without components.
func (t *Transform) applyPart(dst, src []float32, loadings blas64.General) (row int, problem string) {
	f, width, scaled := t.F(), t.Width(), dst
	if t.Spec.Reduces() {
		scaled = make([]float32, len(src))
	}
	inPlace := len(src) > 0 && &scaled[0] == &src[0] // then values are gone once they are transformed
	for row = range len(src) / f {
		from, to := src[row*f:(row+1)*f], scaled[row*f:(row+1)*f]
		if inPlace && !finite(from) {
			if problem := t.notFinite(from); problem != "" {
				return row, problem
			}
		}
		// What is not finite stays so, unless it is missing and filled: one check of the result finds both
		// problems.
		if t.stages(to, from, 0) {
			continue
		}
		if problem := t.notFinite(from); problem != "" && !inPlace {
			return row, problem
		}
		j := slices.IndexFunc(to, func(v float32) bool { return v-v != 0 })
		return row, fmt.Sprintf("column %q becomes %g: the value is far beyond those that the transform was fitted on",
			t.Columns[j], to[j])
	}
	if !t.Spec.Reduces() {
		return 0, ""
	}
	// Finite values can still overflow in the sums of products.
	t.project(dst, scaled, loadings)
	for row = range len(dst) / width {
		if !finite(dst[row*width : (row+1)*width]) {
			return row, "has components that are not finite: its values are far beyond those that the transform was " +
				"fitted on"
		}
	}
	return 0, ""
}

// notFinite names the first value of a row [F] that is not allowed, and what to do; "" = there is none. NaN is allowed
// where it is filled, infinity never.
func (t *Transform) notFinite(row []float32) string {
	for j, v := range row {
		if v-v != 0 && (v == v || len(t.Fill) == 0) {
			return fmt.Sprintf("column %q is %g; %s", t.Columns[j], v, remedy(v))
		}
	}
	return ""
}

// stages applies all but the components to the columns at, at+1, … of a row, and reports whether the result is
// finite. from holds as many values as there are columns to transform; to, at least as long, may be from. Columns are
// independent here, so that fitting can take some of them at a time.
func (t *Transform) stages(to, from []float32, at int) bool {
	to = to[:len(from)]
	if len(t.Fill) == 0 && !t.Spec.SignedSqrt && len(t.Centre) > 0 { // the usual way, in one pass
		return scale(to, from, t.Centre[at:at+len(to)], t.Factor[at:at+len(to)])
	}
	copy(to, from)
	if len(t.Fill) > 0 {
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
	if len(t.Centre) > 0 {
		return scale(to, to, t.Centre[at:at+len(to)], t.Factor[at:at+len(to)])
	}
	return finite(to)
}

// scale writes (from - centre) * factor and reports whether all of it is finite: only then is every product
// with 0 equal to 0, since NaN·0 and ±Inf·0 are NaN. One pass, two values at a time, takes a third of the time of one
// pass for each. All slices have the length of from.
func scale(to, from, centre, factor []float32) bool {
	var even, odd float32
	n := len(from)
	to, centre, factor = to[:n], centre[:n], factor[:n]
	j := 0
	for ; j < n-1; j += 2 {
		a, b := (from[j]-centre[j])*factor[j], (from[j+1]-centre[j+1])*factor[j+1]
		to[j], to[j+1] = a, b
		even += a * 0
		odd += b * 0
	}
	if j < n {
		to[j] = (from[j] - centre[j]) * factor[j]
		even += to[j] * 0
	}
	return even+odd == 0
}

// signedSqrt returns sign(v)·√|v|, computed in float64 and rounded once; NaN stays NaN.
func signedSqrt(v float32) float32 {
	return float32(math.Copysign(math.Sqrt(math.Abs(float64(v))), float64(v)))
}

// finite reports whether no value is NaN or infinite, that is, has an exponent of all ones: adding one to such an
// exponent carries into the highest bit, which no other exponent does. Four independent sums are four times as fast as
// one, in which each addition waits for the last. An empty slice is finite.
func finite(values []float32) bool {
	const exponent, one = 0x7f800000, 0x00800000
	var a, b, c, d uint32 // the highest bit is set once an exponent was all ones
	for ; len(values) >= 4; values = values[4:] {
		a |= math.Float32bits(values[0])&exponent + one
		b |= math.Float32bits(values[1])&exponent + one
		c |= math.Float32bits(values[2])&exponent + one
		d |= math.Float32bits(values[3])&exponent + one
	}
	for _, v := range values {
		a |= math.Float32bits(v)&exponent + one
	}
	return (a|b|c|d)>>31 == 0
}
