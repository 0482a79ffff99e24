package preprocess

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/ondisk"
)

// Rows reads the transformed items of a frame, a few at a time, so that the transformed frame need not be in memory as
// a whole. It is for one goroutine; several Rows of one transform and frame may be used at once.
type Rows struct {
	transform *Transform
	frame     *data.Frame
	match     []int     // [F] place in the frame of every column; nil = they stand in order
	buffer    []float32 // of rows in the transform's order, reused by Read
	row       []float32 // in the frame's order, reused by Pick
}

// Rows returns a reader of the transformed items of f. Columns are matched by name (see [Transform.Match]), and
// settings must not differ (see [Transform.CheckSettings]). A frame may have no items, but an unsound one is an error.
// Values are checked as they are read, not here. The reader keeps f, which must not be changed while it is in use.
func (t *Transform) Rows(f *data.Frame) (*Rows, error) {
	// ValidateStructure refuses a frame without items, which is fine here: a batch may be empty.
	if f == nil || f.N() > 0 || len(f.X) > 0 {
		if err := f.ValidateStructure(); err != nil {
			return nil, err
		}
	}
	match, err := t.Match(f.Columns)
	if err != nil {
		return nil, err
	}
	if err := t.CheckSettings(f.Settings); err != nil {
		return nil, err
	}
	if slices.IsSorted(match) { // a permutation in order: rows are used without a copy
		match = nil
	}
	return &Rows{transform: t, frame: f, match: match}, nil
}

// Read writes the transformed items start, start+1, … to dst, as many as the n rows [n, Width] of dst. Infinite
// values, missing ones where none are imputed and ones so large that the outcome is not finite are errors that
// name item and column. It may not be called by several goroutines at once.
func (r *Rows) Read(dst []float32, start int) error {
	t, width := r.transform, r.transform.Width()
	n := len(dst) / width
	if start < 0 || n*width != len(dst) || start+n > r.frame.N() {
		return fmt.Errorf("data: read rows: %d values from item %d on are not rows of %d of the %d items", len(dst),
			start, width, r.frame.N())
	}
	f := r.frame.F()
	src := r.frame.X[start*f : (start+n)*f]
	if r.match != nil {
		r.buffer = slices.Grow(r.buffer[:0], len(src))[:len(src)]
		for i := range n {
			row := src[i*f : (i+1)*f]
			for k, j := range r.match {
				r.buffer[i*f+k] = row[j]
			}
		}
		src = r.buffer
	}
	err := t.applyNamed(dst, src, func(row int) string { return fmt.Sprintf("item %q", r.frame.IDs[start+row]) })
	if err == nil {
		return nil
	}
	// Only now that something is wrong is the whole frame checked: its error names all values that are not allowed.
	if all := t.Spec.Check(r.frame); all != nil {
		return all
	}
	return err
}

// Pick writes the transformed items of these numbers to dst [n, Width], with the bits that [Rows.Read] gives each. Its
// errors are those of Read, and a number that is out of range.
func (r *Rows) Pick(dst []float32, items []int32) error {
	t, f := r.transform, r.frame.F()
	if len(dst) != len(items)*t.Width() {
		return fmt.Errorf("data: pick rows: %d values are not %d rows of %d", len(dst), len(items), t.Width())
	}
	r.buffer = slices.Grow(r.buffer[:0], len(items)*f)[:len(items)*f]
	for k, item := range items {
		if item < 0 || int(item) >= r.frame.N() {
			return fmt.Errorf("data: pick rows: item %d is out of range [0, %d)", item, r.frame.N())
		}
		to := r.buffer[k*f : (k+1)*f]
		row := to
		if r.match != nil {
			r.row = slices.Grow(r.row[:0], f)[:f]
			row = r.row
		}
		if err := ondisk.Copy(row, r.frame.Row(int(item))); err != nil {
			return fmt.Errorf("data: pick rows: item %q: %w", r.frame.IDs[item], err)
		}
		for at, j := range r.match {
			to[at] = row[j]
		}
	}
	return t.applyNamed(dst, r.buffer, func(row int) string { return fmt.Sprintf("item %q", r.frame.IDs[items[row]]) })
}

// ReadAll writes all transformed items to dst [N, Width], some at a time. Its errors are those of [Rows.Read] and of a
// context that ends; dst is then undefined.
func (r *Rows) ReadAll(ctx context.Context, dst []float32) error {
	const rows = 1024 // so that a reordered copy stays small
	width := r.transform.Width()
	for start := 0; start < r.frame.N(); start += rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.Read(dst[start*width:min(r.frame.N(), start+rows)*width], start); err != nil {
			return err
		}
	}
	return nil
}

// Frame returns a new frame with the transformed features of f, see [Transform.Rows]. Ids,
// labels and domains are copies of those of f. On an error the frame is not to be used.
func (t *Transform) Frame(ctx context.Context, f *data.Frame) (*data.Frame, error) {
	rows, err := t.Rows(f)
	if err != nil {
		return nil, err
	}
	out := &data.Frame{
		X: make([]float32, f.N()*t.Width()), IDs: slices.Clone(f.IDs), Labels: slices.Clone(f.Labels),
		Domains: slices.Clone(f.Domains), Numbered: f.Numbered,
	}
	out.Columns, out.Blocks = t.OutColumns()
	return out, rows.ReadAll(ctx, out.X)
}
