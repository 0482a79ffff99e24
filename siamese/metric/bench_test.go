package metric

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// clusters returns n embeddings of width e around one random centre a class, with noise as long as noise times the centre,
// and their labels, items of the classes taking turns.
func clusters(n, e, classes int, noise float64, seed uint64) ([]float32, []int32) {
	rng := rand.New(rand.NewPCG(seed, 1))
	centre := make([]float64, classes*e)
	for i := range centre {
		centre[i] = rng.NormFloat64()
	}
	emb, labels := make([]float32, n*e), make([]int32, n)
	for i := range n {
		labels[i] = int32(i % classes)
		for j := range e {
			emb[i*e+j] = float32(centre[i%classes*e+j] + noise*rng.NormFloat64())
		}
	}
	return emb, labels
}

func BenchmarkAllPairs(b *testing.B) {
	for _, n := range []int{2000, 20000} {
		emb, labels := clusters(n, 256, 20, 1.5, 1)
		for _, c := range []struct {
			name string
			opt  Options
		}{{"verify", Options{NoRetrieval: true}}, {"retrieve", Options{NoVerification: true}}, {"both", Options{}}} {
			b.Run(fmt.Sprintf("N=%d/E=256/%s/%s", n, c.name, dotKernel().name), func(b *testing.B) {
				for b.Loop() {
					if _, err := AllPairs(context.Background(), emb, labels, c.opt); err != nil {
						b.Fatal(err)
					}
				}
				pairs := float64(n) * float64(n-1) / 2 * float64(b.N)
				b.ReportMetric(pairs/b.Elapsed().Seconds(), "pairs/s")
			})
		}
	}
}
