package metric

import (
	"cmp"
	"slices"
)

// rankSlow returns the retrieval figures of query i from its scores against all references, by a full sort.
func rankSlow(scores []float32, label int32, refLabels []int32, i int, self bool, ks []int) QueryFigures {
	order := make([]int, 0, len(scores))
	r := 0
	for j := range scores {
		if self && j == i {
			continue
		}
		order = append(order, j)
		if refLabels[j] == label {
			r++
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b))
	})
	ranked := make([]int32, len(order))
	nearest, first := -1, 0
	for n, j := range order {
		ranked[n] = refLabels[j]
		if first == 0 && refLabels[j] == label {
			first = n + 1
		}
	}
	if len(order) > 0 {
		nearest = order[0]
	}
	return judge(label, ranked, r, first, nearest, ks)
}
