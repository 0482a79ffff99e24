package evaluate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/report"
)

const (
	shownItems = 2000 // most items on a map
	// mappedItems is the number of them from which its directions are computed, where embeddings are wider than that:
	// time grows as the cube of the smaller of items and width.
	mappedItems = 500
)

// drawn returns the numbers below n in rising order or, if there are more than most, so many of them drawn by rng.
func drawn(n, most int, rng *rand.Rand) []int {
	all := rng.Perm(n)[:min(n, most)]
	slices.Sort(all)
	return all
}

// mapOf returns the map of the shown items by a method: their embeddings on the first two principal components. Where
// items do not vary in two directions it is nil, with a warning.
func (d *detail) mapOf(ctx context.Context, c method) (*report.Map, error) {
	z := c.z.Select(d.shown)
	// The PCA is that of package preprocess, which takes a frame: a feature for each number of an embedding.
	f := &data.Frame{IDs: embedding.Pick(d.test.IDs, d.shown), X: z.Values,
		Blocks: []data.Block{{Name: "z", Start: 0, End: z.E}}}
	for k := range z.E {
		f.Columns = append(f.Columns, fmt.Sprintf("z/%d", k))
	}
	most := f.N()
	if z.E > mappedItems {
		most = mappedItems
	}
	// The same items for every method, so that maps differ in the embeddings only.
	fitted := drawn(f.N(), most, streams.Rand(d.model.Config.Seed, streams.Mapped))
	t, err := preprocess.Fit(ctx, f, fitted, preprocess.Options{Scale: preprocess.ScaleNone, Components: 2})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		d.report.Warnings = append(d.report.Warnings,
			fmt.Sprintf("%s: no map of the embeddings: %v", c.metrics.Name, err))
		return nil, nil
	}
	at, err := embedding.TransformedRows(ctx, t, f)
	if err != nil {
		return nil, err
	}
	// All shown items are placed, also those that the directions were not computed from.
	out := &report.Map{}
	for i := range at.N {
		out.X, out.Y = append(out.X, float64(at.Row(i)[0])), append(out.Y, float64(at.Row(i)[1]))
	}
	// VarianceKept is the share of both components together; each has of it what it has of their variance.
	both := float64(t.Variance[0]) + float64(t.Variance[1])
	for k := range out.Share {
		out.Share[k] = float64(t.VarianceKept) * float64(t.Variance[k]) / both
	}
	return out, nil
}
