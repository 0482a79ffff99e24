package metric

import (
	"fmt"
	"slices"
)

// ConfusionMatrix counts, for the queries of every class, which class their nearest reference has. The diagonal over
// the number of queries is Recall@1, but for lone queries, which Recall@1 leaves out.
type ConfusionMatrix struct {
	Classes []int32 `json:"classes"` // rows and columns, by class number
	Counts  [][]int `json:"counts"`  // [class of the query][class of its nearest reference]
}

// Confusion returns the nearest-neighbour confusion matrix from [Retrieval.PerQuery], the labels of the queries and
// those of the references (the same for AllPairs). Lone queries are counted too: their nearest is always of another
// class. Queries without any reference are not. The error says which length or index does not fit.
func Confusion(per []QueryMetrics, labels, refLabels []int32) (ConfusionMatrix, error) {
	if len(per) != len(labels) {
		return ConfusionMatrix{},
			fmt.Errorf("metric: metrics of %d queries for %d labels: want those of Options.PerQuery",
				len(per), len(labels))
	}
	// References may have classes that no query has, and the other way round; rows or columns of 0 show that.
	classes := append(slices.Clone(labels), refLabels...)
	slices.Sort(classes)
	classes = slices.Compact(classes)
	m := ConfusionMatrix{Classes: classes, Counts: make([][]int, len(classes))}
	for i := range m.Counts {
		m.Counts[i] = make([]int, len(classes))
	}
	for i, q := range per {
		// -1 marks a query without references.
		if q.Nearest < 0 {
			continue
		}
		if q.Nearest >= len(refLabels) {
			return ConfusionMatrix{}, fmt.Errorf("metric: query %d has item %d nearest, of %d references",
				i, q.Nearest, len(refLabels))
		}
		a, _ := slices.BinarySearch(classes, labels[i])
		b, _ := slices.BinarySearch(classes, refLabels[q.Nearest])
		m.Counts[a][b]++
	}
	return m, nil
}
