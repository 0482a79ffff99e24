// Package duplicates finds items of a frame that occur more than once, exactly or nearly: [Find] compares all pairs of
// one frame, [SharedRows] the items of two frames, and [RowHashes] returns hashes that can be kept in a file.
//
// Duplicates on two sides of a split make a test look better than it is: the package split keeps them on one side when
// it is given [Duplicates].
package duplicates

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/numeric"
	"github.com/go-siamese/lab/data/option"
)

// Near is the default similarity at or above which two items are near duplicates: .95. Of copies of the
// built-in images, with their default features, it finds nearly all that are a tenth darker, nine in ten of
// those a tenth brighter, one in five of JPEG copies of quality 95, and hardly any that are shifted by a pixel,
// a quarter of a HOG cell: at 28x28 pixels these differ as much as two trousers of the same cut. Among the
// 20,000 images themselves it finds 47 pairs, each of one class. Lower it where copies are rougher, and look at
// the pairs: at .85 there are 31,408.
const Near = 0.95

// defaultMaxPairs is how many near-duplicate pairs are listed by default.
const defaultMaxPairs = 1000

// Options control what [Find] looks for. The zero value looks for exact duplicates only.
type Options struct {
	// Near looks for near duplicates too, which takes longer: all pairs are compared.
	Near bool
	// Threshold is the similarity (above 0, at most 1) at or above which two items are near duplicates; see
	// [Find] for its definition. 0 = [Near]. It is an error without Near.
	Threshold float64
	// MaxPairs is the most near-duplicate pairs to list, the most similar first. 0 = 1000. Groups and the count
	// of pairs do not depend on it.
	MaxPairs int
	// Progress, when set, is called with the comparisons of two items done and in total. Calls never overlap,
	// done never falls, and the last call is (total, total). Without Near it is not called.
	Progress func(done, total int64)
}

// Default returns options for exact and near duplicates, at the similarity [Near].
func Default() Options { return Options{Near: true} }

// Validate returns every problem of the options, joined, or nil; each wraps an [*option.Error].
func (o Options) Validate() error {
	var problems []error
	switch {
	case !(o.Threshold >= 0 && o.Threshold <= 1):
		problems = append(problems, fmt.Errorf("data: duplicates: %w", option.Errorf("Threshold",
			"%g is not a similarity in (0, 1]; 0 = %g", o.Threshold, Near)))
	case o.Threshold > 0 && !o.Near:
		problems = append(problems, fmt.Errorf("data: duplicates: %w", option.Errorf("Threshold",
			"it is %g, but near duplicates are not looked for: set Near too", o.Threshold)))
	}
	if o.MaxPairs < 0 {
		problems = append(problems, fmt.Errorf("data: duplicates: %w", option.Errorf("MaxPairs",
			"%d is negative; 0 = %d", o.MaxPairs, defaultMaxPairs)))
	}
	return errors.Join(problems...)
}

// NearPair is two items that are near duplicates, I < J, and how similar they are.
type NearPair struct {
	I          int     `json:"i"`
	J          int     `json:"j"`
	Similarity float64 `json:"similarity"`
}

// Duplicates are the items of a frame that occur more than once, exactly or nearly. Items are given by their
// index; groups are ascending, by their first item and within.
type Duplicates struct {
	Threshold float64 `json:"threshold"` // of near duplicates, 0 = only exact ones were looked for
	// Exact are the groups of two or more items with the same values: NaN equals NaN, 0 equals -0.
	Exact [][]int `json:"exact"`
	// Near are the groups of two or more items that are joined by a chain of exact or near
	// duplicates, so that items of different groups are no duplicates of each other. It holds
	// the exact ones too; with Threshold 0 it is Exact.
	Near [][]int `json:"near"`
	// Pairs are the pairs of near duplicates that are not exact ones, the most similar first, then by item; at
	// most MaxPairs. The first of a group of exact duplicates stands for all of them.
	Pairs     []NearPair `json:"pairs"`
	PairCount int        `json:"pair_count"` // how many there are in all
	// Blank are the items without a finite value in any column that varies. There is nothing to
	// compare: they are never near duplicates, only exact ones.
	Blank []int `json:"blank"`
}

// Find returns the exact duplicates of a frame and, with opt.Near, its near duplicates.
//
// The similarity of two items is that of their standardised features a and b (every column
// brought to mean 0 and standard deviation 1 over all items):
//
//	s = 2 a·b / (|a|² + |b|²) = 1 - |a-b|² / (|a|² + |b|²)
//
// It is the cosine of a and b where they are equally long and less where they are not, so that it is 1 only for
// a = b, and a faint item is no duplicate of a strong one that points the same way. (It is Lin's coefficient of
// concordance, 1989, over columns, with means of 0.) Constant columns do not count. A value that is missing or
// infinite counts as the column's mean. In frames of few columns, different items are near each other by
// chance.
//
// All pairs are compared, and the result is exact: a pair is left out only when a lower bound of |a-b|², from a
// projection of both onto directions in which the items differ most, shows that it cannot reach the threshold
// (the triangle inequality on the residuals). Sums of pairs are in float64 in the order of columns; the result
// does not depend on the number of cores. Time grows with N², and with the number of pairs at or above the
// threshold. Memory beyond the frame is some 300 bytes an item.
//
// Options out of range and a frame with faulty structure ([data.Frame.ValidateStructure]) are
// errors, and so is a context that ends.
func Find(ctx context.Context, f *data.Frame, opt Options) (*Duplicates, error) {
	if err := errors.Join(opt.Validate(), f.ValidateStructure()); err != nil {
		return nil, err
	}
	return FindSound(ctx, f, nil, opt)
}

// FindSound is [Find] without its checks, for callers that have made them: the options are valid and the
// structure of f is sound. m holds the moments of f, nil = they are computed where they are needed. The only error is
// that of ctx.
func FindSound(ctx context.Context, f *data.Frame, m *numeric.Moments, opt Options) (*Duplicates, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("data: duplicates: %w", err)
	}
	exact, err := equalRows(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("data: duplicates: %w", err)
	}
	d := &Duplicates{Exact: exact, Near: exact}
	if !opt.Near {
		return d, nil
	}
	if opt.Threshold == 0 {
		opt.Threshold = Near
	}
	d.Threshold = opt.Threshold
	if m == nil {
		if m, err = numeric.ColumnMoments(ctx, f); err != nil {
			return nil, fmt.Errorf("data: duplicates: %w", err)
		}
	}
	s := newNearSearch(f, m, d.Exact, opt)
	d.Blank = s.blank
	if err := s.run(ctx); err != nil {
		return nil, fmt.Errorf("data: duplicates: %w", err)
	}
	d.Pairs, d.PairCount = s.closest(), s.found
	// Only the first of a group was a candidate; the others join it, and so whatever it is near to.
	for _, group := range d.Exact {
		for _, i := range group[1:] {
			s.joined.Union(group[0], i)
		}
	}
	d.Near = s.joined.Groups()
	return d, nil
}

// Groups returns the duplicate group of every item of the frame, which has n items: a name
// shared by the items of a group of Near, "" for an item without duplicates. As
// [split.ItemOptions.Groups] it keeps duplicates on one side. Indices beyond n are left out.
func (d *Duplicates) Groups(n int) []string {
	groups := make([]string, n)
	for _, group := range d.Near {
		name := fmt.Sprintf("duplicates of item %d", group[0])
		for _, i := range group {
			if i < n {
				groups[i] = name
			}
		}
	}
	return groups
}

// Surplus returns the items to drop, ascending, so that of every group of Exact only the first
// is left.
func (d *Duplicates) Surplus() []int {
	var items []int
	for _, group := range d.Exact {
		items = append(items, group[1:]...)
	}
	slices.Sort(items)
	return items
}
