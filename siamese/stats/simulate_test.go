package stats

import (
	"math/rand/v2"
	"slices"
)

// simulated returns items normally spread around class means, which are drawn by the seed of the classes.
func simulated(perClass, classes, width int, noise float64, classSeed, seed uint64) ([]float32, []int32) {
	labels := make([]int32, perClass*classes)
	for i := range labels {
		labels[i] = int32(i % classes)
	}
	return simulatedOf(labels, classes, width, noise, classSeed, seed), labels
}

// simulatedAny is simulated with classes at random: items as they come, which is how replicates draw them.
func simulatedAny(n, classes, width int, noise float64, classSeed, seed uint64) ([]float32, []int32) {
	rng := rand.New(rand.NewPCG(seed, 3))
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(rng.IntN(classes))
	}
	return simulatedOf(labels, classes, width, noise, classSeed, seed), labels
}

func simulatedOf(labels []int32, classes, width int, noise float64, classSeed, seed uint64) []float32 {
	means, rng := rand.New(rand.NewPCG(classSeed, 1)), rand.New(rand.NewPCG(seed, 2))
	centre := make([]float64, classes*width)
	for i := range centre {
		centre[i] = means.NormFloat64()
	}
	var emb []float32
	for _, c := range labels {
		for j := range width {
			emb = append(emb, float32(centre[int(c)*width+j]+noise*rng.NormFloat64()))
		}
	}
	return emb
}

// resampled returns the items drawn as often as weights say, by classes each copy of a class as a class of its own, and
// which item each is a copy of.
func resampled(emb []float32, labels []int32, weights []uint32, by Unit) (e []float32, l []int32, of []int) {
	width := len(emb) / len(labels)
	classes := slices.Max(labels) + 1
	for i, w := range weights {
		for copied := range int32(w) {
			label := labels[i]
			if by == ByClass {
				label += copied * classes
			}
			e, l, of = append(e, emb[i*width:(i+1)*width]...), append(l, label), append(of, i)
		}
	}
	return e, l, of
}
