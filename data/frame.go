package data

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/quote"
)

// Block is a named run of feature columns [Start, End): one family of features,
// for instance "hog" or "glcm".
type Block struct {
	// Name is unique within a frame and not empty.
	Name string `json:"name"`
	// Start and End are columns, 0 <= Start < End <= F.
	Start, End int
}

// Width is the number of columns of the block.
func (b Block) Width() int { return b.End - b.Start }

// String returns "hog: 1764 columns from number 0 on".
func (b Block) String() string {
	return fmt.Sprintf("%s: %d columns from number %d on", quote.Text(b.Name), b.Width(), b.Start)
}

// Frame is a table of N items with F numeric features each, and what is known of every item. Its fields can be set by
// hand; [Frame.Validate] says whether they agree, and methods panic or mislead where they do not. Reading from several
// goroutines is safe, changing is not.
type Frame struct {
	// X are the features, [N, F], row by row. NaN is a missing value.
	X []float32
	// Columns are the feature names, [F], unique and not empty.
	Columns []string
	// Blocks are in column order, without overlap; together they cover all columns.
	Blocks []Block
	// IDs are the item ids, [N], unique and not empty.
	IDs []string
	// Numbered says that IDs are no more than the numbers of the rows, since the table has no ids of its own. They mean
	// nothing in another table: joins by id are refused.
	Numbered bool
	// Labels are the classes of the items, [N], "" = unknown; nil when no item has one.
	Labels []string
	// Domains are the domains of the items, [N]; nil when there is only one.
	Domains []string
	// Settings say how the features were made, "" = not known. They are no part of [Frame.Hash], which is of what came
	// out.
	Settings Settings
}

// N is the number of items.
func (f *Frame) N() int { return len(f.IDs) }

// F is the number of features of an item.
func (f *Frame) F() int { return len(f.Columns) }

// Row returns the features of item i, shape [F]. It shares memory with the frame.
func (f *Frame) Row(i int) []float32 { return f.X[i*f.F() : (i+1)*f.F() : (i+1)*f.F()] }

// Select returns a new frame with the given items, in that order. It copies: the frames share no memory. An item that
// is named twice is there twice, under one id, which [Frame.Validate] rejects. It panics when an index is out of
// range.
func (f *Frame) Select(items []int) *Frame {
	out := &Frame{
		X:       make([]float32, 0, len(items)*f.F()),
		Columns: slices.Clone(f.Columns),
		Blocks:  slices.Clone(f.Blocks),
		IDs:     selection.Pick(f.IDs, items), Numbered: f.Numbered,
		Labels:  selection.Pick(f.Labels, items),
		Domains: selection.Pick(f.Domains, items),

		Settings: f.Settings,
	}
	for _, i := range items {
		out.X = append(out.X, f.Row(i)...)
	}
	return out
}

// String describes the frame in one line: "20000 items x 1776 features in 2 blocks".
func (f *Frame) String() string {
	return fmt.Sprintf("%d items x %d features in %s", f.N(), f.F(), quote.Count(len(f.Blocks), "block"))
}
