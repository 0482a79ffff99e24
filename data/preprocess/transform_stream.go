package preprocess

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/numeric"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/parallel"
)

// streamFrom is the bytes of gathered columns from which [Fit] takes sums over rows instead, if the choices allow it.
// It is a variable because tests lower it.
var streamFrom = 64e6

// Streams reports whether [Fit] with valid choices learns them in passes over the items, whose number then makes no
// difference to the memory that it takes: columns need no quantiles and no classes.
func Streams(spec Options) bool {
	return spec.Imputing() != ImputeMedian && (spec.Scaling() == ScaleStandard || spec.Scaling() == ScaleNone)
}

// ColumnsAtOnce returns of how many columns, of width, [Fit] holds the values of all items at once where it does not
// take sums over rows.
func ColumnsAtOnce(width int) float64 {
	tiles := (width + numeric.GatherTile - 1) / numeric.GatherTile
	return float64(min(tiles, runtime.GOMAXPROCS(0)) * (numeric.GatherTile + 1))
}

// chunkBytes is how much of the items every pass goes through before it goes on: small enough to be read from disk
// once for all columns.
const chunkBytes = 8 << 20

// fitStream is [Transform.fitColumns] in passes over the rows in the order of items, with the same bits: sums of a
// column are added in the same order. Cores share the columns.
func (t *Transform) fitStream(ctx context.Context, f *data.Frame, items []int) (square []float64, err error) {
	width, n := f.F(), float64(len(items))
	sum, largest, known := make([]float64, width), make([]float64, width), make([]float64, width)
	if err := t.pass(ctx, f, items, func(i, from int, values []float32) error {
		for k, v := range values {
			j := from + k
			if v-v != 0 && (v == v || t.Fill == nil) {
				return fmt.Errorf("item %q column %q is %g; %s", f.IDs[i], f.Columns[j], v, remedy(v))
			}
			if v == v {
				known[j]++
				if t.Fill == nil {
					v = t.rooted(v)
					largest[j] = max(largest[j], math.Abs(float64(v)))
				}
				sum[j] += float64(v)
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for j := range width {
		if known[j] == 0 {
			return nil, fmt.Errorf("column %q has no known value in the items: drop it", f.Columns[j])
		}
		if t.Fill != nil {
			t.Fill[j] = float32(sum[j] / known[j])
		}
	}
	square = make([]float64, width)
	if t.Centre == nil {
		return square, nil
	}
	if t.Fill != nil { // what was summed is not yet what is scaled
		clear(sum)
		if err := t.pass(ctx, f, items, func(_, from int, values []float32) error {
			for k, v := range values {
				x := t.filled(from+k, v)
				sum[from+k] += x
				largest[from+k] = max(largest[from+k], math.Abs(x))
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	middle, scaled := make([]float64, width), t.Spec.Scaling() == ScaleStandard
	if scaled {
		for j := range width {
			middle[j] = sum[j] / n
		}
	}
	squares := make([]float64, width)
	if err := t.pass(ctx, f, items, func(_, from int, values []float32) error {
		for k, v := range values {
			d := t.filled(from+k, v) - middle[from+k]
			squares[from+k] += d * d
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for j := range width {
		least, spread := max(numeric.ConstantBelow*largest[j], numeric.SmallestSpread), 0.0
		if scaled {
			spread = math.Sqrt(squares[j] / n)
		} else {
			t.Factor[j] = 1
		}
		t.Centre[j] = float32(middle[j])
		if spread > least {
			t.Factor[j] = float32(1 / spread)
		}
		factor := float64(t.Factor[j])
		square[j] = squares[j] * factor * factor / n
	}
	return square, nil
}

// filled returns value v of column j after the stages before scaling.
func (t *Transform) filled(j int, v float32) float64 {
	if v != v {
		v = t.Fill[j]
	}
	return float64(t.rooted(v))
}

// rooted returns v after the signed square root, if there is one.
func (t *Transform) rooted(v float32) float32 {
	if t.Spec.SignedSqrt {
		return signedSqrt(v)
	}
	return v
}

// pass calls do for the values of every item in columns from from on, in the order of items, on goroutines that have
// columns of their own. It returns the first error of the first item that has one.
func (t *Transform) pass(ctx context.Context, f *data.Frame, items []int,
	do func(i, from int, values []float32) error) error {
	width := f.F()
	parts := min(width, runtime.GOMAXPROCS(0))
	type problem struct {
		at  int // place in items
		err error
	}
	for rows := max(1, chunkBytes/(4*width)); len(items) > 0; items = items[min(len(items), rows):] {
		chunk, bad := items[:min(len(items), rows)], make([]problem, parts)
		err := parallel.Each(ctx, parts, 0, func(_, part int) error {
			from, to := part*width/parts, (part+1)*width/parts
			for at, i := range chunk {
				if err := do(i, from, f.Row(i)[from:to]); err != nil {
					bad[part] = problem{at, err}
					return nil //nolint:nilerr // it is kept: another part may have the error of an earlier item
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		ondisk.Touched(len(chunk) * width)
		first := problem{at: len(chunk)}
		for _, b := range bad { // of one item the leftmost column
			if b.err != nil && b.at < first.at {
				first = b
			}
		}
		if first.err != nil {
			return first.err
		}
	}
	return nil
}
