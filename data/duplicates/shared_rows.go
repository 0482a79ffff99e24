package duplicates

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/parallel"
)

// SharedRows returns the pairs (i, j) of an item i of a and an item j of b that have the same
// values in all columns, where NaN equals NaN and 0 equals -0: for every j, in their order, the
// first such i. Columns are matched by name. It takes about as long as reading both frames once.
//
// Frames with faulty structure ([data.Frame.ValidateStructure]) and with other columns are errors.
func SharedRows(a, b *data.Frame) ([][2]int, error) {
	for _, f := range []*data.Frame{a, b} {
		if err := f.ValidateStructure(); err != nil {
			return nil, err
		}
	}
	place := selection.Positions(b.Columns)
	source := make([]int, a.F()) // the column of b for a column of a
	var missing []string
	for k, name := range a.Columns {
		at, ok := place[name]
		if !ok {
			missing = append(missing, name)
		}
		source[k] = at
	}
	if len(missing) > 0 || a.F() != b.F() {
		return nil, fmt.Errorf("data: shared rows: %d columns and %d columns, of the first %d are missing in the "+
			"second: %s; select the same columns", a.F(), b.F(), len(missing), listing.Quoted(missing))
	}
	// Hashes of both are taken in the order of a's columns, so that equal items have equal ones.
	first := rowHashes(a, selection.All(a.F()))
	second := rowHashes(b, source)
	// Only what b has too is listed: a may be far longer.
	byHash := make(map[uint64][]int, b.N())
	for _, h := range second {
		byHash[h] = nil
	}
	for i, h := range first {
		if list, ok := byHash[h]; ok {
			byHash[h] = append(list, i)
		}
	}
	var shared [][2]int
	for j, h := range second {
		row := b.Row(j)
		k := slices.IndexFunc(byHash[h], func(i int) bool {
			for k, v := range a.Row(i) {
				if canonical(v) != canonical(row[source[k]]) {
					return false
				}
			}
			return true
		})
		if k >= 0 {
			shared = append(shared, [2]int{byHash[h][k], j})
		}
	}
	return shared, nil
}

// RowHashes returns a hash of the values of every item in columns, in their order, where NaN equals NaN and 0 equals
// -0. Files keep such hashes: they are the same on every machine and in every version. Two items of other values have
// the same hash with a probability of about 2^-64. A frame with faulty structure ([data.Frame.ValidateStructure]) or
// without one of the columns is an error.
func RowHashes(f *data.Frame, columns []string) ([]uint64, error) {
	if err := f.ValidateStructure(); err != nil {
		return nil, err
	}
	place := selection.Positions(f.Columns)
	source := make([]int, len(columns))
	for k, name := range columns {
		at, ok := place[name]
		if !ok {
			return nil, fmt.Errorf("data: hashes of rows: column %q is missing", name)
		}
		source[k] = at
	}
	return rowHashes(f, source), nil
}

// rowHashes returns a hash of the values of every item, [N], taken in the order of columns, which are indices.
func rowHashes(f *data.Frame, columns []int) []uint64 {
	hashes := make([]uint64, f.N())
	const step = 256
	parallel.For((f.N()+step-1)/step, func(part int) {
		ondisk.Touched(step * f.F())
		for i := part * step; i < min(f.N(), (part+1)*step); i++ {
			row, h := f.Row(i), uint64(0)
			for _, k := range columns {
				h = mix(h, row[k])
			}
			hashes[i] = h
		}
	})
	return hashes
}
