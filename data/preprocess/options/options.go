// Package options holds the choices of preprocessing as plain data, apart from what fits and applies them: a program
// that only writes a configuration links none of that. Package preprocess has the same names.
package options

import (
	"errors"
	"maps"
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// Values of [Options.Impute]: what replaces a missing value (NaN).
const (
	ImputeNone   = "none"   // nothing: a missing value is an error
	ImputeMean   = "mean"   // the mean of the column's known values
	ImputeMedian = "median" // the median of the column's known values
)

// Values of [Options.Scale]: how every column is shifted and scaled, by its training items. Standard deviations are
// those of the population (divided by the number of items).
const (
	ScaleNone     = "none"     // values are not changed
	ScaleStandard = "standard" // (x - mean) / standard deviation
	ScaleRobust   = "robust"   // (x - median) / interquartile range
	ScaleWithin   = "within"   // (x - mean) / standard deviation about the mean of the item's class; labels are needed
)

// Options control what is done to features before a model sees them. The stages are applied in the order of the
// fields; [preprocess.Fit] learns their numbers from the training items.
//
// They are saved with a model: zero means zero or "not this stage" in every field but one. Scale "" means "standard",
// because a program that sets another field alone, such as Options{EqualBlocks: true}, would otherwise feed unscaled
// columns to a model and nothing would say so; no scaling has to be asked for by name. [Default] spells the choices
// out.
type Options struct {
	// Impute replaces missing values (NaN) by a number of the column's training items. "" = "none".
	Impute string `json:"impute" help:"what replaces missing values: none (an error), mean or median of training items"`
	// SignedSqrt takes sign(x)·√|x| of every value.
	SignedSqrt bool `json:"signed_sqrt" help:"take sign(x)·sqrt(|x|) first, which tames large values of a histogram"`
	// Scale shifts and scales every column by itself. "" = "standard".
	Scale string `json:"scale" help:"how columns are scaled: standard, robust, within (classes) or none"`

	// EqualBlocks gives every block the same expected squared norm over the training items (the mean of what
	// the blocks had), so that a block of many columns does not dominate one of few.
	EqualBlocks bool `json:"equal_blocks" help:"give every block of features the same weight"`
	// BlockWeights multiplies the squared norm of the named blocks: 2 doubles a block's share of a dot product, 0
	// leaves the block out. Blocks that are not named have 1.
	BlockWeights map[string]float64 `json:"block_weights" help:"block weights: hog=1,glcm=0.5; they need equal_blocks"`

	// Principal components (Pearson 1901; Hotelling 1933), in place of the columns: the first
	// Components of them, or as many as keep the share Variance, in (0, 1], of the variance. 0 and
	// 0 keeps the columns.

	Components int     `json:"components" help:"principal components that replace the columns; 0 = keep the columns"`
	Variance   float64 `json:"variance" help:"share of the variance that components keep; 0 = keep the columns"`
	// FewerComponents makes Components a wish: where the items vary in fewer directions, those are taken, and
	// [preprocess.Transform.Fewer] says so. Without it that is an error.
	FewerComponents bool `json:"fewer_components" help:"take fewer components where items vary in fewer directions"`
	// Whiten divides every component by its standard deviation over the training items.
	Whiten bool `json:"whiten" help:"divide every component by its standard deviation"`

	// WithinClass whitens within classes instead, which needs labels: the components are turned to the axes of
	// the covariance of items about the mean of their class, and each is divided by its deviation there, so
	// that differences within a class count little (within-class covariance normalisation; Hatch, Kajarekar and
	// Stolcke 2006). It helps on unseen classes whose items vary in the same ways.
	WithinClass bool `json:"within_class" help:"whiten by differences within classes, not by those of all items"`
	// Shrinkage s mixes that covariance W [K, K] with its mean variance in all directions, (1-s)·W + s·tr(W)/K·I, which
	// keeps directions of little variance from being amplified. 0 = not at all; 0.3 is a good start.
	Shrinkage float64 `json:"shrinkage" help:"share of the mean variance in whitening within classes, in [0, 1]"`
}

// mostComponents is the largest number of components that [Options.Validate] accepts: finding them takes a matrix that
// wide.
const mostComponents = 1_000_000

// Default returns plain standardisation, with its choices spelt out: missing values are errors.
func Default() Options {
	return Options{Impute: ImputeNone, Scale: ScaleStandard}
}

// Standard returns standardisation with the same treatment of missing values: the baseline that other
// preprocessing is compared with.
func (p Options) Standard() Options {
	return Options{Impute: p.Imputing(), Scale: ScaleStandard}
}

// IsStandard reports whether p is the same as [Options.Standard], apart from missing values: a report need not compare
// the two then.
func (p Options) IsStandard() bool {
	return p.Scaling() == ScaleStandard && !p.SignedSqrt && !p.EqualBlocks && !p.Reduces()
}

// Equal reports whether p and q mean the same: "" equals the choice it stands for, and a nil map an empty one.
func (p Options) Equal(q Options) bool {
	return p.Imputing() == q.Imputing() && p.SignedSqrt == q.SignedSqrt && p.Scaling() == q.Scaling() &&
		p.EqualBlocks == q.EqualBlocks && maps.Equal(p.BlockWeights, q.BlockWeights) &&
		p.Components == q.Components && p.Variance == q.Variance && p.FewerComponents == q.FewerComponents &&
		p.Whiten == q.Whiten &&
		p.WithinClass == q.WithinClass && p.Shrinkage == q.Shrinkage
}

// Imputing returns Impute, with "" spelt out.
func (p Options) Imputing() string {
	if p.Impute == "" {
		return ImputeNone
	}
	return p.Impute
}

// Scaling returns Scale, with "" spelt out.
func (p Options) Scaling() string {
	if p.Scale == "" {
		return ScaleStandard
	}
	return p.Scale
}

// Affine reports whether columns are shifted and scaled: equal blocks need factors even where Scale is "none".
func (p Options) Affine() bool { return p.Scaling() != ScaleNone || p.EqualBlocks }

// UsesLabels reports whether [preprocess.Fit] needs the labels of the items. A [preprocess.Transform] never does: new
// items have none.
func (p Options) UsesLabels() bool { return p.Scaling() == ScaleWithin || p.WithinClass }

// Reduces reports whether principal components replace the columns.
func (p Options) Reduces() bool { return p.Components != 0 || p.Variance != 0 }

// Validate returns every problem of the choices at once, joined, each an [option.Error] with the field's name
// in JSON, or nil. A setting without effect beside the others is a problem too: whoever set it expected one. That the
// blocks with weights exist is checked by [preprocess.Fit], which has the frame.
func (p Options) Validate() error {
	var problems []error
	bad := func(ok bool, field, format string, args ...any) { // ok says what must hold, so NaN fails
		if !ok {
			problems = append(problems, option.Errorf(field, format, args...))
		}
	}
	bad(slices.Contains([]string{ImputeNone, ImputeMean, ImputeMedian}, p.Imputing()), "impute",
		"%q is not known: use %q, %q or %q", p.Impute, ImputeNone, ImputeMean, ImputeMedian)
	bad(slices.Contains([]string{ScaleNone, ScaleStandard, ScaleRobust, ScaleWithin}, p.Scaling()), "scale",
		"%q is not known: use %q, %q, %q or %q", p.Scale, ScaleStandard, ScaleRobust, ScaleWithin, ScaleNone)
	bad(len(p.BlockWeights) == 0 || p.EqualBlocks, "block_weights", "they have no effect without equal_blocks")
	for _, name := range slices.Sorted(maps.Keys(p.BlockWeights)) {
		w := p.BlockWeights[name]
		bad(w >= 0 && !math.IsInf(w, 0), "block_weights", "that of %q is %v, and a weight is a number of at least 0",
			name, w)
	}
	bad(p.Components >= 0, "components", "%d is negative; 0 = keep the columns", p.Components)
	bad(p.Components <= mostComponents, "components", "%d is more than %d", p.Components, mostComponents)
	bad(p.Variance >= 0 && p.Variance <= 1, "variance", "%v is not in [0, 1]; 0 = keep the columns", p.Variance)
	bad(p.Components == 0 || p.Variance == 0, "components", "%d and variance %v are given: give one of them",
		p.Components, p.Variance)
	bad(!p.FewerComponents || p.Components > 0, "fewer_components", "it has no effect without components")
	bad(!p.Whiten || p.Reduces(), "whiten", "it has no effect without components or variance")
	bad(!p.WithinClass || p.Whiten, "within_class", "it has no effect without whiten")
	bad(p.Shrinkage >= 0 && p.Shrinkage <= 1, "shrinkage", "%v is not in [0, 1]", p.Shrinkage)
	bad(p.Shrinkage == 0 || p.WithinClass, "shrinkage", "it has no effect without within_class")
	return errors.Join(problems...)
}

// Check returns why f cannot be transformed, joined, or nil: all problems that [data.Frame.Validate] finds, except
// missing values where they are imputed. It reads every value, in O(N·F): [preprocess.Fit] and
// [preprocess.Transform.Apply] check what they read themselves, and this is for reporting all problems at once.
func (p Options) Check(f *data.Frame) error {
	return f.ValidateMissing(p.Imputing() != ImputeNone)
}
