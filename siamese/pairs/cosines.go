package pairs

import (
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/stats"
)

// ForStats returns pairs in the form of package stats, which imports nothing from here. The lists are shared.
func ForStats(p Pairs) stats.LabelledPairs {
	return stats.LabelledPairs{Left: p.Left, Right: p.Right, Label: p.Label, Weight: p.Weight}
}

// KindsOf returns the cosines of pairs by z [N, E] with their kind (same or not) and weight, as metrics of two kinds
// need them. A pair with a graded label y and weight w becomes two of the same cosine: a same one of weight y·w and a
// different one of weight (1-y)·w. What has weight 0 is left out. It panics if an item is out of range.
func KindsOf(z *embedding.Embeddings, pairs Pairs) (scores []float64, same []bool, weights []float64) {
	return ByKind(pairs, Cosines(z, pairs))
}

// Cosines returns the cosine of every pair by z [N, E], [B], in the order of pairs. It panics if an item is out of
// range.
func Cosines(z *embedding.Embeddings, pairs Pairs) []float64 {
	return z.Cosines(pairs.Left, pairs.Right)
}

// ByKind is [KindsOf] for given cosines, [B], one for each pair.
func ByKind(pairs Pairs, cosines []float64) (scores []float64, same []bool, weights []float64) {
	// Zero parts are left out, so that of pairs labelled 0 and 1 each stays one score.
	for k, label := range pairs.Label {
		score, l, w := cosines[k], float64(label), float64(pairs.WeightOf(k))
		for _, part := range []struct {
			same   bool
			weight float64
		}{{true, l * w}, {false, (1 - l) * w}} {
			if part.weight > 0 {
				scores, same, weights = append(scores, score), append(same, part.same), append(weights, part.weight)
			}
		}
	}
	return scores, same, weights
}

// Scores returns the cosine of every pair by z [N, E] and whether it counts as positive ([Pairs.Same]), each [B].
// Weights are ignored. It panics if an item is out of range.
func Scores(z *embedding.Embeddings, pairs Pairs) (scores []float32, same []bool) {
	scores, same = make([]float32, pairs.Len()), make([]bool, pairs.Len())
	for k, cosine := range Cosines(z, pairs) {
		scores[k], same[k] = float32(cosine), pairs.Same(k)
	}
	return scores, same
}

// CosinesByLabel returns the cosines of the positive and of the negative pairs by z [N, E], each in the order of pairs.
// Weights are ignored. It panics if an item is out of range.
func CosinesByLabel(z *embedding.Embeddings, pairs Pairs) (same, different []float32) {
	scores, isSame := Scores(z, pairs)
	for k, score := range scores {
		if isSame[k] {
			same = append(same, score)
		} else {
			different = append(different, score)
		}
	}
	return same, different
}

// SquaredError returns the weighted mean squared difference of cosines and labels, Σ w (cosine - label)² / Σ w: the
// loss "mse" of the pairs. cosines has one value for each pair, [B]. It is NaN if no pair has a weight above 0, so
// callers check that first.
func SquaredError(cosines []float32, pairs Pairs) float64 {
	// Sums are in float64: float32 would lose digits over many pairs.
	var sum, weights float64
	for k, s := range cosines {
		d, w := float64(s)-float64(pairs.Label[k]), float64(pairs.WeightOf(k))
		sum += w * d * d
		weights += w
	}
	return sum / weights
}
