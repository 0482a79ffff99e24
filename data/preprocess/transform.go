package preprocess

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
)

// Transform is [Options] with the numbers learnt from training items. It belongs to the model and is saved with
// it. Its methods do not change it, so several goroutines may use it at once.
//
// F is the number of columns it was fitted on, K the number of components that it keeps.
type Transform struct {
	Spec    Options      `json:"spec"`
	Columns []string     `json:"columns"` // [F] the features it was fitted on, in order
	Blocks  []data.Block `json:"blocks"`  // of Columns
	Domains []string     `json:"domains"` // of the items it was fitted on, sorted; empty when they had none
	// Settings say how the features of these items were made, "" = not known. Others are refused ([SettingsError]).
	Settings data.Settings `json:"settings,omitempty"`

	Fill   []float32 `json:"fill"`   // [F] stands in for missing values; empty when none are imputed
	Centre []float32 `json:"centre"` // [F] subtracted from a column; empty when nothing is scaled
	Factor []float32 `json:"factor"` // [F] what then multiplies it, 0 for a constant column; empty with Centre

	// Of the components, empty without them. A component k of a scaled row x [F] is Σ_j (x_j - Mean_j)·Loadings_jk,
	// divided by √Variance_k when it is whitened.
	Mean     []float32 `json:"mean"`     // [F] of the scaled columns
	Loadings []float32 `json:"loadings"` // [F, K] row by row; the components are its columns, each of unit length
	// Variance [K] is that of the training items along every component, within classes where these are whitened, the
	// largest first.
	Variance []float32 `json:"variance"`
	// VarianceKept is the share of the scaled columns' variance that the K components have, in [0, 1].
	VarianceKept float64 `json:"variance_kept"`
}

// F is the number of features the transform takes.
func (t *Transform) F() int { return len(t.Columns) }

// Width is the number of features it returns, whatever the number of rows: K with components, else F.
func (t *Transform) Width() int {
	if t.Spec.Reduces() {
		return len(t.Variance)
	}
	return len(t.Columns)
}

// Blank reports whether every column was constant among the items that it was fitted on, so that all items become one:
// scaling leaves constant columns out. It is false where nothing is scaled.
func (t *Transform) Blank() bool {
	return len(t.Factor) > 0 && !slices.ContainsFunc(t.Factor, func(v float32) bool { return v != 0 })
}

// OutColumns returns the names [Width] of the transformed features, and their blocks: the features it was fitted on,
// or the components "pca/0", "pca/1", … in a block "pca". Both are the caller's.
func (t *Transform) OutColumns() ([]string, []data.Block) {
	if !t.Spec.Reduces() {
		return slices.Clone(t.Columns), slices.Clone(t.Blocks)
	}
	names := make([]string, t.Width())
	for k := range names {
		names[k] = fmt.Sprintf("pca/%d", k)
	}
	return names, []data.Block{{Name: "pca", Start: 0, End: len(names)}}
}

// String describes the stages in one line, in the order in which they are applied.
func (t *Transform) String() string {
	// A stage that does nothing is not named.
	p := t.Spec
	var stages []string
	if p.Imputing() != ImputeNone {
		stages = append(stages, p.Imputing()+" for missing values")
	}
	if p.SignedSqrt {
		stages = append(stages, "signed square root")
	}
	if p.Scaling() != ScaleNone {
		stages = append(stages, p.Scaling()+" scaling")
	}
	if p.EqualBlocks {
		stages = append(stages, fmt.Sprintf("%d blocks made equal", len(t.Blocks)))
	}
	if p.Reduces() {
		text := fmt.Sprintf("%d principal components with %.1f %% of the variance", t.Width(), 100*t.VarianceKept)
		if p.Whiten {
			text += ", whitened"
			if p.WithinClass {
				text += " within classes"
			}
		}
		stages = append(stages, text)
	}
	if len(stages) == 0 {
		stages = []string{"unchanged"}
	}
	return fmt.Sprintf("%d features: %s", t.F(), strings.Join(stages, ", "))
}

// Fewer returns how many components there are, and true, if that is fewer than asked for: see
// [Options.FewerComponents].
func (t *Transform) Fewer() (components int, fewer bool) {
	components = t.Width()
	return components, components < t.Spec.Components
}

// Unseen returns the domains of f that none of the fitted items had, sorted, or nil. They are no error, because
// a transform works on columns, not domains; but its quality there is unknown. Where either side has no domains
// there is nothing to compare. Labels are not compared: similarity is meant for unseen classes.
func (t *Transform) Unseen(f *data.Frame) []string {
	if len(t.Domains) == 0 {
		return nil
	}
	var unseen []string
	names, _ := selection.Indexed(f.Domains)
	for _, d := range names {
		if _, ok := slices.BinarySearch(t.Domains, d); !ok {
			unseen = append(unseen, d)
		}
	}
	return unseen
}

// Validate returns nil for a sound transform, for instance one that was just loaded, or an error that joins
// every problem: unknown choices, columns or blocks that are not those of a frame, lengths that disagree, and
// values that are not finite. With a sound transform no row can make [Transform.Apply] panic.
func (t *Transform) Validate() error {
	if t == nil {
		return errors.New("data: the transform is nil")
	}
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("data: transform: "+format, args...))
	}
	if err := t.Spec.Validate(); err != nil {
		add("%w", err)
	}
	if err := t.Settings.Validate(); err != nil {
		add("%w", err)
	}
	if len(t.Columns) == 0 {
		add("no columns")
	}
	if twice := listing.Repeated(t.Columns); len(twice) > 0 {
		add("columns must be unique, repeated: %s", listing.Quoted(twice))
	}
	// Blocks have to cover the columns in order, as in a frame.
	for _, err := range (&data.Frame{Columns: t.Columns, Blocks: t.Blocks}).BlockProblems() {
		add("%w", err)
	}
	if !slices.IsSorted(t.Domains) || len(listing.Repeated(t.Domains)) > 0 {
		add("domains must be sorted and unique")
	}
	width := t.Width()
	// Components may be fewer than the columns, never more, and as many as were asked for by number.
	if c := t.Spec.Components; c > 0 && (width > c || width < c && !t.Spec.FewerComponents) || width > len(t.Columns) ||
		t.Spec.Reduces() && width == 0 {
		add("%d components of %d columns, where %d were asked for (0 = by variance)", width, len(t.Columns), c)
	}
	if !(t.VarianceKept >= 0 && t.VarianceKept <= 1) {
		add("VarianceKept is %v, which is not in [0, 1]", t.VarianceKept)
	}
	for _, a := range t.Arrays() {
		if want := product(a.Shape); len(*a.Values) != want {
			add("%s has %d values, want %d", a.Name, len(*a.Values), want)
		}
		for j, x := range *a.Values {
			if x-x != 0 { // NaN or infinite
				add("%s[%d] is %g", a.Name, j, x)
				break
			}
		}
	}
	// Whitening divides by the root of a variance.
	for k, v := range t.Variance {
		if t.Spec.Reduces() && !(v > 0) {
			add("variance[%d] is %g, which no component has", k, v)
			break
		}
	}
	return errors.Join(problems...)
}

// Array is one of a transform's arrays of numbers, for saving and loading. A sound transform has as many Values as
// Shape says.
type Array struct {
	Name   string     // the JSON name of the field
	Shape  []int      // [F], [F, K] or [K], row by row
	Values *[]float32 // the field, to read or to fill
}

// String returns the name and the shape, not the values.
func (a Array) String() string { return fmt.Sprintf("%s %v", a.Name, a.Shape) }

// Arrays returns the arrays that Spec, Columns and Variance (whose length is K) require, in the order of the
// fields: those of a transform that is to be loaded, too, before its values are there. The others are empty in a sound
// transform; those that are not are listed with shape [0], so that Validate finds them.
func (t *Transform) Arrays() []Array {
	f, k := len(t.Columns), len(t.Variance)
	var out []Array
	list := func(wanted bool, name string, values *[]float32, shape ...int) {
		if wanted {
			out = append(out, Array{name, shape, values})
		} else if len(*values) > 0 {
			out = append(out, Array{name, []int{0}, values})
		}
	}
	list(t.Spec.Imputing() != ImputeNone, "fill", &t.Fill, f)
	list(t.Spec.Affine(), "centre", &t.Centre, f)
	list(t.Spec.Affine(), "factor", &t.Factor, f)
	list(t.Spec.Reduces(), "mean", &t.Mean, f)
	list(t.Spec.Reduces(), "loadings", &t.Loadings, f, k)
	list(t.Spec.Reduces(), "variance", &t.Variance, k)
	return out
}

// product returns how many values an array of that shape has, 1 for no shape.
func product(shape []int) int {
	n := 1
	for _, k := range shape {
		n *= k
	}
	return n
}
