// Package preprocess brings features to the scale that a model wants: imputing, signed square root, scaling, equal
// blocks, principal components and whitening.
//
// [Options] choose the stages. [Fit] learns their numbers from training items only, and returns a [Transform], which is
// saved with the model and applied to all items, new ones included:
//
//	transform, err := preprocess.Fit(ctx, frame, sides.Train, preprocess.Default())
//	scaled, err := transform.Frame(ctx, frame)
//
// The same items and options give the same bits, whatever the number of cores. The package changes columns only: it
// removes no items and no outliers, and encodes no text. Package describe finds what should be mended before.
//
// A new stage needs a field of [options.Options] with its rule in Validate and Equal, its numbers as a field of
// Transform that Transform.Arrays lists, its fit (transform_column.go for stages of single columns) and its place in
// Transform.stages (transform_apply.go).
package preprocess

import "github.com/go-siamese/lab/data/preprocess/options"

// Options control what is done to features before a model sees them: see [options.Options] for the fields.
type Options = options.Options

// Values of [Options].Impute and Scale, see package options.
const (
	ImputeNone    = options.ImputeNone
	ImputeMean    = options.ImputeMean
	ImputeMedian  = options.ImputeMedian
	ScaleNone     = options.ScaleNone
	ScaleStandard = options.ScaleStandard
	ScaleRobust   = options.ScaleRobust
	ScaleWithin   = options.ScaleWithin
)

// Default returns plain standardisation, with its choices spelt out: missing values are errors.
func Default() Options { return options.Default() }
