// Package describe looks at a frame before anything is trained on it: missing and infinite values, constant and
// repeated columns, outliers, duplicate items, class sizes and scales, with advice on what to do.
//
// [Frame] returns a [Description], which prints as text on one screen, as HTML for a notebook, and saves as JSON.
// Nothing is changed or fitted: what the advice says is left to the caller. Duplicates are found by the package
// duplicates.
package describe

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/numeric"
	"github.com/go-siamese/lab/data/option"
)

// defaultFence is where Tukey's "far out" begins (Exploratory Data Analysis, 1977).
const defaultFence = 3

// maxWorst is how many outliers are named, of a column and of a frame, and how many of the oddest items.
const maxWorst = 3

// Options control how [Frame] describes a frame. The zero value covers everything but near duplicates, whose
// search takes longer than all the rest.
type Options struct {
	// Fence is how many spreads below the first or above the third quartile a value must be to count as an outlier;
	// see [Frame] for the spread. 0 = 3. Of a normal distribution 3 spreads leave out 2 values in a million.
	Fence float64
	// Duplicates says which duplicate items to look for. The zero value = exact ones;
	// [duplicates.Default] looks for near ones too.
	Duplicates duplicates.Options
}

// Validate returns every problem of the options, joined, or nil; each wraps an [*option.Error].
func (o Options) Validate() error {
	problems := []error{o.Duplicates.Validate()}
	if !(o.Fence >= 0 && o.Fence < 1e9) {
		problems = append(problems, fmt.Errorf("data: describe: %w",
			option.Errorf("Fence", "%g is not a number of spreads; 0 = %d", o.Fence, defaultFence)))
	}
	return errors.Join(problems...)
}

// Description is what [Frame] finds in a frame. Statistics are over finite values; they are 0
// where there is none. It can be shown as text ([Description.String]) and as HTML
// ([Description.HTML]), and saved as JSON.
type Description struct {
	Items    int `json:"items"`
	Features int `json:"features"`

	// Missing counts the values that are NaN, Infinite those that are +Inf or -Inf, IncompleteItems the items with any
	// of these.
	Missing         int `json:"missing"`
	Infinite        int `json:"infinite"`
	IncompleteItems int `json:"incomplete_items"`
	// ConstantColumns counts the columns without spread, also those without any finite value.
	ConstantColumns int `json:"constant_columns"`
	// RepeatedColumns counts the columns with the same values as one before them.
	RepeatedColumns int `json:"repeated_columns"`
	// Outliers counts the values beyond the fence, OutlierColumns and OutlierItems the columns and items with any.
	Outliers       int `json:"outliers"`
	OutlierColumns int `json:"outlier_columns"`
	OutlierItems   int `json:"outlier_items"`

	// Fence is that of outliers, in spreads: the option, or its default.
	Fence float64 `json:"fence"`
	// WorstOutliers are the three farthest, of different columns, the farthest first.
	WorstOutliers []Outlier `json:"worst_outliers"`
	// OddestItems are the three items that are outliers in the most columns.
	OddestItems []ItemCount `json:"oddest_items"`
	// Blocks and Columns describe those of the frame, in its order.
	Blocks  []BlockStats  `json:"blocks"`
	Columns []ColumnStats `json:"columns"`

	// Duplicates are the items that occur more than once, by index.
	Duplicates *duplicates.Duplicates `json:"duplicates"`
	// DuplicateIDs are the item ids of the groups of Duplicates.Near, in their order.
	DuplicateIDs [][]string `json:"duplicate_ids"`
	// Conflicts are the places in DuplicateIDs of groups whose items have different labels.
	Conflicts []int `json:"conflicts"`

	// Labelled is whether some item has a label, Unlabelled the number of items without one.
	Labelled   bool `json:"labelled"`
	Unlabelled int  `json:"unlabelled"`
	// Classes and Domains are sorted by name; there are no Domains where the frame has none.
	Classes []ClassStats  `json:"classes"`
	Domains []DomainStats `json:"domains"`
	// Imbalance is the size of the largest class by that of the smallest, 0 without classes.
	Imbalance float64 `json:"imbalance"`

	// Telling are the columns that by themselves tell classes apart; see [TellingColumns].
	Telling []Telling `json:"telling"`

	// Advice lists what stands out and what to do about it, a sentence each, the most serious first.
	Advice []string `json:"advice"`
}

// BlockStats describes a block of columns.
type BlockStats struct {
	Name     string `json:"name"`
	Columns  int    `json:"columns"`
	Missing  int    `json:"missing"`  // values
	Infinite int    `json:"infinite"` // values
	Constant int    `json:"constant"` // columns
	Repeated int    `json:"repeated"` // columns
	Outliers int    `json:"outliers"` // values
	// Min and Max are over all values, Mean over the means of the columns that have one, and Std
	// is the median of the standard deviations of the columns that are not constant. All are 0 where there is none.
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
	Mean float64 `json:"mean"`
	Std  float64 `json:"std"`
}

// ColumnStats describes a column. Quartiles are interpolated between the two nearest values
// (Hyndman and Fan 1996, type 7, as NumPy does). The standard deviation is that of the
// population and 0 for a constant column, also one that varies by no more than float32 rounding.
type ColumnStats struct {
	Name  string `json:"name"`
	Block string `json:"block"`
	// Missing and Infinite count values that are NaN, and +Inf or -Inf.
	Missing  int `json:"missing"`
	Infinite int `json:"infinite"`
	// Constant means no spread, or no finite value at all.
	Constant bool `json:"constant"`
	// SameAs is the first column with the same values, "" = none before it.
	SameAs string  `json:"same_as,omitempty"`
	Min    float64 `json:"min"`
	Q1     float64 `json:"q1"`
	Median float64 `json:"median"`
	Q3     float64 `json:"q3"`
	Max    float64 `json:"max"`
	Mean   float64 `json:"mean"`
	Std    float64 `json:"std"`
	// Outliers counts values; it is 0 for a constant column.
	Outliers int `json:"outliers"`
	// Worst are the three farthest outliers, the farthest first.
	Worst []Outlier `json:"worst,omitempty"`
}

// Outlier is a value far from the others of its column, by the fence of [Options].
type Outlier struct {
	// ID is the item and Column the column of the value.
	ID     string  `json:"id"`
	Column string  `json:"column"`
	Value  float64 `json:"value"`
	// Distance is that from the nearer quartile, in spreads; above the fence.
	Distance float64 `json:"distance"`
}

// ItemCount is an item and in how many columns it is an outlier: one that is odd in many is likely to be damaged as a
// whole.
type ItemCount struct {
	ID      string `json:"id"`
	Columns int    `json:"columns"`
}

// ClassStats describes a class.
type ClassStats struct {
	Name  string `json:"name"`
	Items int    `json:"items"`
	// Domains counts the domains that the class occurs in; 0 where the frame has none.
	Domains int `json:"domains"`
}

// DomainStats describes a domain: its items, how many classes they are of, and how many have no label.
type DomainStats struct {
	Name       string `json:"name"`
	Items      int    `json:"items"`
	Classes    int    `json:"classes"`
	Unlabelled int    `json:"unlabelled"`
}

// Frame describes the values, items, classes and domains of a frame, which may have missing or infinite values,
// and advises on what stands out.
//
// An outlier is a value more than opt.Fence spreads below the first or above the third quartile of its column.
// The spread is the interquartile range, as in Tukey's fences, or the range of the middle 90 % of the values
// divided by 2.44 where that is larger; both are the same for a normal distribution. Where the quartiles
// coincide, because most values are the same, it is 1.349 standard deviations, again the same for a normal
// distribution. Thus columns that are skewed or mostly 0, as histograms of gradients are, have few outliers.
// Infinite values are counted separately.
//
// The result depends on neither the number of cores nor, up to the last digits and ties, on the order of items and
// columns. Time grows with N*F, and with N² where near duplicates are looked for. Options out of range and a frame
// with faulty structure ([data.Frame.ValidateStructure]) are errors, and so is a context that ends.
func Frame(ctx context.Context, f *data.Frame, opt Options) (*Description, error) {
	if err := errors.Join(opt.Validate(), f.ValidateStructure()); err != nil {
		return nil, err
	}
	// The result keeps the fence that was used, not the 0 that stands for it.
	if opt.Fence == 0 {
		opt.Fence = defaultFence
	}
	d := &Description{Items: f.N(), Features: f.F(), Fence: opt.Fence}
	m, err := numeric.ColumnMoments(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("data: describe: %w", err)
	}
	if err := d.describeColumns(ctx, f, m); err != nil {
		return nil, fmt.Errorf("data: describe: %w", err)
	}
	// Each step fills fields of its own; the last one reads them all.
	d.describeBlocks(f, m)
	d.describeClasses(f)
	if d.Duplicates, err = duplicates.FindSound(ctx, f, m, opt.Duplicates); err != nil {
		return nil, err
	}
	d.describeDuplicates(f)
	d.Telling = TellingColumns(f)
	d.advise()
	return d, nil
}
