package explain

import (
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// columnsOf returns a copy of t without its principal components, so that its outputs are single columns. Fitted values
// of the steps before them are shared with t. Fields of Spec are listed one by one: a new step of preprocessing is left
// out here until someone decides on which side of the components it is.
func columnsOf(t *preprocess.Transform) *preprocess.Transform {
	out := *t
	out.Spec = preprocess.Options{Impute: t.Spec.Impute, SignedSqrt: t.Spec.SignedSqrt, Scale: t.Spec.Scale,
		EqualBlocks: t.Spec.EqualBlocks, BlockWeights: t.Spec.BlockWeights}
	out.Mean, out.Loadings, out.Variance, out.VarianceKept = nil, nil, nil, 0
	return &out
}

// drawItems returns n random items of f, without repetition and in their order in f, or f itself if it has no more.
func drawItems(f *data.Frame, n int, seed uint64) *data.Frame {
	if f.N() <= n {
		return f
	}
	// A random sample, not the first n: frames are often sorted by class.
	items := streams.Rand(seed, streams.Background).Perm(f.N())[:n]
	slices.Sort(items)
	return f.Select(items)
}

// without returns the items of f that have none of these ids, in order, or f itself if no item has.
func without(f *data.Frame, ids ...string) *data.Frame {
	keep := slices.DeleteFunc(itemset.AllItems(f), func(i int) bool { return slices.Contains(ids, f.IDs[i]) })
	if len(keep) == f.N() {
		return f
	}
	return f.Select(keep)
}
