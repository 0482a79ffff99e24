package preprocess

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/numeric"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/parallel"
)

// Fit returns the transform that spec describes, with numbers learnt from the given items of f, which should be
// the training items and no others.
//
// Scaling within classes takes the standard deviation about the mean of the class, over the items with a label,
// or a twentieth of the standard one where that is more: so that a column that is nearly constant within
// classes does not dominate the others.
//
// Standard scaling brings every column to mean 0 and standard deviation 1 (that of the
// population: divided by the number of items), robust scaling to median 0 and interquartile
// range 1 (between linearly interpolated quartiles). A column of which more than half is one
// value, but not all, has no interquartile range: that of a normal distribution of its standard
// deviation is taken. Constant columns, also those that vary by no more than rounding, become 0.
// The numbers are the same whatever the number of cores, and differ from an exact computation
// by the rounding of float32.
//
// A spec that is not valid, an unsound frame, no items or ones out of range, infinite values,
// missing ones where none are imputed, a column without any known value, weights of blocks
// that are not there and more components than the items vary in are errors. Labels are used, and needed, only where
// [Options.UsesLabels] says so.
//
// The cost is O(n·F) for n items, robust scaling and medians O(n·log(n)·F), and with components O(n·F·m + m³) for
// m = min(n, F). f is not changed; beside it Fit needs a few columns at a time, or none where there are many items and
// [Streams] says so, and m² numbers for components.
func Fit(ctx context.Context, f *data.Frame, items []int, spec Options) (*Transform, error) {
	if err := errors.Join(spec.Validate(), f.ValidateStructure()); err != nil {
		return nil, fmt.Errorf("data: fit transform: %w", err)
	}
	if len(items) == 0 {
		return nil, errors.New("data: fit transform: no items; give the training items of a split")
	}
	for _, i := range items {
		if i < 0 || i >= f.N() {
			return nil, fmt.Errorf("data: fit transform: item %d is out of range [0, %d)", i, f.N())
		}
	}
	spec.BlockWeights = maps.Clone(spec.BlockWeights) // the transform is not the caller's to change later
	// Later stages work on what the earlier ones give: t is fitted stage by stage, in the order of Options.
	t := &Transform{Spec: spec, Columns: slices.Clone(f.Columns), Blocks: slices.Clone(f.Blocks),
		Settings: f.Settings}
	if f.Domains != nil {
		t.Domains, _ = selection.Indexed(selection.Pick(f.Domains, items))
	}
	classes, err := classesOf(f, items, spec)
	if err != nil {
		return nil, fmt.Errorf("data: fit transform: %w", err)
	}
	square, err := t.fitColumns(ctx, f, items, classes)
	if err == nil && spec.EqualBlocks {
		err = t.fitBlocks(f, square)
	}
	if err == nil && spec.Reduces() {
		err = t.fitComponents(ctx, f, items)
	}
	if err == nil && spec.WithinClass {
		err = t.whitenWithin(ctx, f, items, classes)
	}
	if err != nil {
		return nil, fmt.Errorf("data: fit transform: %w", err)
	}
	return t, nil
}

// fitColumns fits the stages that treat every column by itself, some columns at a time and in parallel. It returns the
// mean of the squares [F] of every scaled column, see fitColumn. classes is nil unless the spec uses them.
func (t *Transform) fitColumns(ctx context.Context, f *data.Frame, items []int, classes *classes) (square []float64,
	err error) {
	width := f.F()
	if t.Spec.Imputing() != ImputeNone {
		t.Fill = make([]float32, width)
	}
	if t.Spec.Affine() {
		t.Centre, t.Factor = make([]float32, width), make([]float32, width)
	}
	if Streams(t.Spec) && 4*float64(len(items))*ColumnsAtOnce(width) >= streamFrom {
		return t.fitStream(ctx, f, items)
	}
	square = make([]float64, width)
	tiles := (width + numeric.GatherTile - 1) / numeric.GatherTile
	bad := make([]error, tiles) // the first problem of a tile; all are returned, in order
	// A tile gathers its columns in one pass over the rows: reading column by column would touch every row F times.
	// Tiles share buffers: one for each would take as much memory as the frame.
	buffers := sync.Pool{New: func() any {
		buffer := make([]float32, len(items)*(numeric.GatherTile+1))
		return &buffer
	}}
	err = parallel.Each(ctx, tiles, 0, func(_, tile int) error {
		from, to := tile*numeric.GatherTile, min(width, (tile+1)*numeric.GatherTile)
		buffer := buffers.Get().(*[]float32)
		defer buffers.Put(buffer)
		values, scratch := (*buffer)[:len(items)*numeric.GatherTile],
			(*buffer)[len(items)*numeric.GatherTile:][:0] // values column by column
		for r, i := range items {
			for k, v := range f.Row(i)[from:to] {
				values[k*len(items)+r] = v
			}
		}
		for j := from; j < to; j++ {
			column := values[(j-from)*len(items) : (j-from+1)*len(items)]
			if bad[tile] = t.checkColumn(f, items, j, column); bad[tile] != nil {
				return nil
			}
			square[j] = t.fitColumn(j, column, scratch, classes)
		}
		return nil
	})
	return square, errors.Join(append(bad, err)...)
}
