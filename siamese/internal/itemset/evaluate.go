package itemset

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sort"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Evaluate returns ROC-AUC and MAP@R of the cosines of z [N, E] over all pairs of items with known classes, as package
// metric defines them for items of one class each. Ties count one half in ROC-AUC and rank by lower number in MAP@R,
// which skips queries without a positive. A metric that is not defined, for lack of pairs of one kind, is 0.
//
// It takes about N² (E + log N) operations and memory for the cosines of the positive pairs. Cosines are computed
// twice: keeping those of all pairs would take 4 N² bytes. The result does not depend on the number of processors.
//
// Package metric takes items of one class each; this is for items of several.
func (l *Labelling) Evaluate(ctx context.Context, z *embedding.Embeddings) (auc, mapAtR float64, err error) {
	const block = 64 // queries at a time
	blocks, workers := (z.N+block-1)/block, runtime.GOMAXPROCS(0)
	// scores calls each with the cosines [N] of every query of block b with all items.
	scores := func(b int, each func(query int, row []float32)) error {
		start, end := b*block, min(z.N, (b+1)*block)
		all, err := embedding.ScoreAll(&embedding.Embeddings{Values: z.Values[start*z.E : end*z.E], N: end - start,
			E: z.E}, z)
		for q := start; q < end && err == nil; q++ {
			each(q, all[(q-start)*z.N:(q-start+1)*z.N])
		}
		return err
	}
	// Every block has its own results, so that sums do not depend on the schedule.
	same, precision, answered := make([][]float32, blocks), make([]float64, blocks), make([]int, blocks)
	// First pass: the cosines of all positive pairs, each counted once (j > q), and AP@R of every query.
	err = parallel.Each(ctx, blocks, workers, func(_, b int) error {
		return scores(b, func(q int, row []float32) {
			for j := q + 1; j < z.N; j++ {
				if is, known := l.Relation(q, j); is && known {
					same[b] = append(same[b], row[j])
				}
			}
			if p, ok := l.precision(q, row); ok {
				precision[b] += p
				answered[b]++
			}
		})
	})
	if err != nil {
		return 0, 0, err
	}
	positives := slices.Concat(same...)
	slices.Sort(positives)
	// Second pass, over the negative pairs. ROC-AUC is the share of (positive, negative) comparisons that the positive
	// wins (Mann-Whitney U). Twice the wins are counted in integers, with 1 for a tie, so that the sum is exact in any
	// order.
	above, negatives := make([]uint64, blocks), make([]uint64, blocks)
	err = parallel.Each(ctx, blocks, workers, func(_, b int) error {
		return scores(b, func(q int, row []float32) {
			for j := q + 1; j < z.N; j++ {
				if is, known := l.Relation(q, j); !is && known {
					// positives[low:high] tie with this negative, those from high on beat it
					low := sort.Search(len(positives), func(k int) bool { return positives[k] >= row[j] })
					high := sort.Search(len(positives), func(k int) bool { return positives[k] > row[j] })
					above[b] += 2*uint64(len(positives)) - uint64(low) - uint64(high)
					negatives[b]++
				}
			}
		})
	})
	if err != nil {
		return 0, 0, err
	}
	if n := 2 * float64(Sum(negatives)) * float64(len(positives)); n > 0 {
		auc = float64(Sum(above)) / n
	}
	if n := Sum(answered); n > 0 {
		mapAtR = Sum(precision) / float64(n)
	}
	return auc, mapAtR, nil
}

// precision returns AP@R = 1/R Σ_{i≤R} precision(i) hit(i) of a query with R positives by its scores [N], or false if
// R = 0. Items without known classes are left out of the ranking: they are neither hits nor misses.
func (l *Labelling) precision(query int, scores []float32) (float64, bool) {
	// The query itself is left out: its cosine with itself is always the highest.
	var ranked []int32 // items with known classes
	r := 0
	for j := range scores {
		if is, known := l.Relation(query, j); known && j != query {
			ranked = append(ranked, int32(j))
			if is {
				r++
			}
		}
	}
	if r == 0 {
		return 0, false
	}
	// Ties by number, as in package metric, so that the metric is a function of the cosines.
	slices.SortFunc(ranked, func(a, b int32) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]),
			cmp.Compare(a, b))
	})
	// Only the first R ranks count: precision(i) is hits so far over i.
	hits, total := 0, 0.0
	for k, j := range ranked[:r] {
		if is, _ := l.Relation(query, int(j)); is {
			hits++
			total += float64(hits) / float64(k+1)
		}
	}
	return total / float64(r), true
}

// Sum returns the sum of list, in order; 0 for an empty one.
func Sum[T int | uint64 | float64](list []T) (total T) {
	for _, v := range list {
		total += v
	}
	return total
}
