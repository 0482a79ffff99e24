package siamese

import "github.com/go-siamese/lab/siamese/stats"

// judgedPairsOf returns pairs as package stats has them.
func judgedPairsOf(p Pairs) stats.LabelledPairs {
	return stats.LabelledPairs{Left: p.Left, Right: p.Right, Label: p.Label, Weight: p.Weight}
}

// judged returns the cosine, the kind and the weight of every pair; a graded one is there as both kinds, and what
// weighs nothing is not there.
func judged(z *Embeddings, pairs Pairs) (scores []float64, same []bool, weights []float64) {
	return byKind(pairs, cosinesOf(z, pairs))
}

// cosinesOf returns the cosine of every pair.
func cosinesOf(z *Embeddings, pairs Pairs) []float64 {
	out := make([]float64, pairs.Len())
	for k := range out {
		out[k] = z.Cosine(int(pairs.Left[k]), int(pairs.Right[k]))
	}
	return out
}

// byKind is [judged] for cosines by pair.
func byKind(pairs Pairs, cosines []float64) (scores []float64, same []bool, weights []float64) {
	for k, label := range pairs.Label {
		score, l, w := cosines[k], float64(label), float64(pairs.weight(k))
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
