package describe

import (
	"context"
	"runtime"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/parallel"
)

// gatherBytes is how much of the values on disk is gathered by column in a pass over them. It is a variable because
// tests lower it.
var gatherBytes = 256 << 20

const (
	// lineValues is how many values of a row a line of the cache holds.
	lineValues = 16
	// rowsAtOnce is after how many rows a pass looks whether it goes on.
	rowsAtOnce = 1024
)

// columnsAtOnce returns of how many columns all values are gathered at a time: on disk as many as there is room for, so
// that there are few passes; in memory a line of the cache for every core, that they stay in it.
func columnsAtOnce(f *data.Frame) int {
	most := max(1, gatherBytes/(4*f.N()))
	if !ondisk.Holds(f.X) {
		most = min(most, lineValues*runtime.GOMAXPROCS(0))
	}
	return min(f.F(), most)
}

// Bytes returns how much memory [Frame] takes beside f, where near duplicates are not looked for.
func Bytes(f *data.Frame) float64 {
	perCore := 12 * float64(min(f.F(), runtime.GOMAXPROCS(0)))
	return float64(f.N()) * (4*float64(columnsAtOnce(f)) + perCore + 160)
}

// gather fills values with those of columns [from, to), one column after the other: a frame is stored by rows, and one
// column at a time would read all of it for each.
func gather(ctx context.Context, values []float32, f *data.Frame, from, to int) error {
	n, width := f.N(), to-from
	return parallel.Each(ctx, (n+rowsAtOnce-1)/rowsAtOnce, 0, func(_, part int) error {
		first, last := part*rowsAtOnce, min(n, (part+1)*rowsAtOnce)
		// Columns in groups that a line of the cache holds of a row, so that few lines are written at a time.
		for a := 0; a < width; a += lineValues {
			b := min(width, a+lineValues)
			for i := first; i < last; i++ {
				for k, v := range f.Row(i)[from+a : from+b] {
					values[(a+k)*n+i] = v
				}
			}
		}
		ondisk.Touched((last - first) * f.F())
		return nil
	})
}

// scratch is what a goroutine sorts columns in: 12 bytes an item.
type scratch struct {
	keys, spare []uint32
	sorted      []float32
}

// newScratch returns that for columns of n values.
func newScratch(n int) *scratch {
	return &scratch{make([]uint32, n), make([]uint32, n), make([]float32, 0, n)}
}
