package stats

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
)

// compareTwo is Compare with one other system.
func compareTwo(ctx context.Context, a, b System, labels []int32, opt Options) (*Comparison, error) {
	all, err := Compare(ctx, a, []System{b}, labels, opt)
	if err != nil {
		return nil, err
	}
	return all.Comparisons[0], nil
}

// compareTwoPairs is ComparePairs with one other system.
func compareTwoPairs(ctx context.Context, a, b PairSystem, pairs LabelledPairs, opt PairOptions) (*Comparison, error) {
	all, err := ComparePairs(ctx, a, []PairSystem{b}, pairs, opt)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// collected are scored pairs for metric.Verify.
type collected struct {
	scores, weights []float64
	same            []bool
}

func (c *collected) add(score float64, same bool, weight float64) {
	c.scores, c.same, c.weights = append(c.scores, score), append(c.same, same), append(c.weights, weight)
}

func (c *collected) verify(thresholds ...float64) (metric.Verification, error) {
	return metric.Verify(c.scores, c.same, c.weights, metric.VerificationOptions{Thresholds: thresholds})
}

// simulated returns items normally spread around class means, which are drawn by the seed of the classes.
func simulated(perClass, classes, width int, noise float64, classSeed, seed uint64) ([]float32, []int32) {
	labels := make([]int32, perClass*classes)
	for i := range labels {
		labels[i] = int32(i % classes)
	}
	return simulatedOf(labels, classes, width, noise, classSeed, seed), labels
}

// simulatedAny is simulated with classes at random: items as they come, which is how resamples draw them.
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

// resampled returns the items drawn as often as weights say, by classes each copy of a class as a class of its own,
// and which item each is a copy of.
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
