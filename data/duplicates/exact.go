package duplicates

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/numeric"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/parallel"
)

// equalRows returns the groups of two or more items with the same values, ascending by their first item and within. It
// reads the frame once, in parallel, and then only the rows that share a hash.
func equalRows(ctx context.Context, f *data.Frame) ([][]int, error) {
	hashes := make([]uint64, f.N())
	const step = 256
	if err := parallel.Each(ctx, (f.N()+step-1)/step, 0, func(_, part int) error {
		ondisk.Touched(step * f.F())
		for i := part * step; i < min(f.N(), (part+1)*step); i++ {
			h := uint64(0)
			for _, v := range f.Row(i) {
				h = mix(h, v)
			}
			hashes[i] = h
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return equalGroups(hashes, func(i, j int) bool {
		b := f.Row(j)
		for k, v := range f.Row(i) {
			if canonical(v) != canonical(b[k]) {
				return false
			}
		}
		return true
	}), nil
}

// EqualColumns returns the groups of two or more columns with the same values in every item, ascending by their first
// column and within, where NaN equals NaN and 0 equals -0. The structure of f must be sound. It takes about as long as
// reading the frame once, and once more where columns are repeated. The error is that of ctx.
func EqualColumns(ctx context.Context, f *data.Frame) ([][]int, error) {
	hashes := make([]uint64, f.F())
	if err := numeric.Pass(ctx, f, numeric.FitTile, func(from, to, first, last int) {
		h := hashes[from:to]
		for i := first; i < last; i++ {
			for k, v := range f.Row(i)[from:to] {
				h[k] = mix(h[k], v)
			}
		}
	}); err != nil {
		return nil, err
	}
	like, equal, err := likeFirst(ctx, f, hashes)
	if err != nil {
		return nil, err
	}
	return equalGroups(hashes, func(a, b int) bool {
		if like[b] == a {
			return equal[b]
		}
		for i := range f.N() { // columns of one hash that are not the same: nobody has seen any
			if row := f.Row(i); canonical(row[a]) != canonical(row[b]) {
				return false
			}
		}
		return true
	}), nil
}

// likeFirst returns the first column with the hash of every column, and whether both are the same. It reads the frame
// once, if there is such a column before another.
func likeFirst(ctx context.Context, f *data.Frame, hashes []uint64) (like []int, equal []bool, err error) {
	first := map[uint64]int{}
	like, equal = make([]int, len(hashes)), make([]bool, len(hashes))
	var both []int // columns that have one before them
	for j, h := range hashes {
		at, found := first[h]
		if !found {
			first[h], at = j, j
		} else {
			both = append(both, j)
		}
		like[j], equal[j] = at, true
	}
	if len(both) == 0 {
		return like, equal, nil
	}
	const tile = 64
	return like, equal, numeric.Pass(ctx, f, tile, func(from, to, begin, end int) {
		at, _ := slices.BinarySearch(both, from)
		for _, j := range both[at:] {
			if j >= to {
				break
			}
			for i := begin; i < end && equal[j]; i++ {
				row := f.Row(i)
				equal[j] = canonical(row[like[j]]) == canonical(row[j])
			}
		}
	})
}

// equalGroups returns the groups of two or more things that are equal, ascending; hashes has one for each thing. Only
// things with the same hash are compared, each with the first of every group that has it, so that colliding hashes cost
// time and not correctness. equal must be transitive.
func equalGroups(hashes []uint64, equal func(i, j int) bool) [][]int {
	byHash := make(map[uint64][][]int, len(hashes))
	for i, h := range hashes {
		groups := byHash[h]
		k := slices.IndexFunc(groups, func(g []int) bool { return equal(g[0], i) })
		if k >= 0 {
			groups[k] = append(groups[k], i)
			continue
		}
		byHash[h] = append(groups, []int{i})
	}
	out := [][]int{}
	for _, groups := range byHash {
		for _, g := range groups {
			if len(g) > 1 {
				out = append(out, g)
			}
		}
	}
	slices.SortFunc(out, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return out
}

// canonical returns the bits of v, the same for all NaN and for 0 and -0.
func canonical(v float32) uint32 {
	switch {
	case v != v:
		return 0x7fc00000
	case v == 0:
		return 0
	}
	return math.Float32bits(v)
}

// mix adds a value to a hash. Both factors are odd numbers without a pattern (from SplitMix64, Steele, Lea and
// Flood 2014); rows whose hashes collide are compared in full. Model files keep these hashes ([RowHashes]), so
// this must not change.
func mix(h uint64, v float32) uint64 {
	return (bits.RotateLeft64(h, 23) ^ uint64(canonical(v))*0xbf58476d1ce4e5b9) * 0x94d049bb133111eb
}
