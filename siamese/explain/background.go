package explain

import (
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// columnsOf returns t without its principal components.
func columnsOf(t *preprocess.Transform) *preprocess.Transform {
	out := *t
	out.Spec = preprocess.Options{Impute: t.Spec.Impute, SignedSqrt: t.Spec.SignedSqrt, Scale: t.Spec.Scale,
		EqualBlocks: t.Spec.EqualBlocks, BlockWeights: t.Spec.BlockWeights}
	out.Mean, out.Loadings, out.Variance, out.VarianceKept = nil, nil, nil, 0
	return &out
}

// drawItems returns n random items of f, in their order, or all if there are no more.
func drawItems(f *data.Frame, n int, seed uint64) *data.Frame {
	if f.N() <= n {
		return f
	}
	items := streams.Rand(seed, streams.Background).Perm(f.N())[:n]
	slices.Sort(items)
	return f.Select(items)
}

// leaveOneOut returns the items of f whose ids are others.
func without(f *data.Frame, ids ...string) *data.Frame {
	keep := slices.DeleteFunc(itemset.AllItems(f), func(i int) bool { return slices.Contains(ids, f.IDs[i]) })
	if len(keep) == f.N() {
		return f
	}
	return f.Select(keep)
}
