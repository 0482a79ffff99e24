package data

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data/internal/selection"
)

// Block is a named run of feature columns [Start, End): one family of features,
// for instance "hog" or "glcm".
type Block struct {
	Name       string `json:"name"`
	Start, End int
}

// Width is the number of columns of the block.
func (b Block) Width() int { return b.End - b.Start }

// Frame is a table of N items with F numeric features each, and what is known of every item.
type Frame struct {
	X       []float32 // [N, F], row by row
	Columns []string  // [F] feature names, unique
	Blocks  []Block   // in column order, without overlap; together they cover all columns
	IDs     []string  // [N] item ids, unique
	Labels  []string  // [N] class of an item ("" = unknown), or nil when no item has one
	Domains []string  // [N] domain of an item, or nil when there is only one
}

// N is the number of items.
func (f *Frame) N() int { return len(f.IDs) }

// F is the number of features of an item.
func (f *Frame) F() int { return len(f.Columns) }

// Row returns the features of item i, shape [F]. It shares memory with the frame.
func (f *Frame) Row(i int) []float32 { return f.X[i*f.F() : (i+1)*f.F() : (i+1)*f.F()] }

// Select returns a new frame with the given items, in that order. It copies.
// It panics when an index is out of range.
func (f *Frame) Select(items []int) *Frame {
	out := &Frame{
		X:       make([]float32, 0, len(items)*f.F()),
		Columns: slices.Clone(f.Columns),
		Blocks:  slices.Clone(f.Blocks),
		IDs:     selection.Pick(f.IDs, items),
		Labels:  selection.Pick(f.Labels, items),
		Domains: selection.Pick(f.Domains, items),
	}
	for _, i := range items {
		out.X = append(out.X, f.Row(i)...)
	}
	return out
}

// String describes the frame in one line.
func (f *Frame) String() string {
	return fmt.Sprintf("%d items x %d features in %d blocks", f.N(), f.F(), len(f.Blocks))
}
