package metric

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// clusters returns n embeddings of width e around one random centre a class, with noise as long as noise times the
// centre, and their labels, items of the classes taking turns.
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

// The full sort beside it, as the metrics are defined.
func BenchmarkAllPairsBySorting(b *testing.B) {
	const n, e = 2000, 256
	emb, labels := clusters(n, e, 20, 1.5, 1)
	for b.Loop() {
		var a accumulator
		for i := range n {
			for j := i + 1; j < n; j++ {
				s := oracleScore(emb[i*e:(i+1)*e], emb[j*e:(j+1)*e], Cosine, 1.0/keyMax)
				if err := a.add(s, labels[i] == labels[j], 1); err != nil {
					b.Fatal(err)
				}
			}
		}
		if _, err := a.verification(VerificationOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*(n-1)/2*float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
}

func BenchmarkVerify(b *testing.B) {
	const n = 1_000_000
	rng := rand.New(rand.NewPCG(1, 2))
	scores, same := make([]float32, n), make([]bool, n)
	for i := range scores {
		same[i] = i%20 == 0
		scores[i] = rng.Float32()
	}
	for b.Loop() {
		if _, err := Verify(scores, same, nil, VerificationOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
}

func BenchmarkByClass(b *testing.B) {
	for _, classes := range []int{20, 400} {
		emb, labels := clusters(8000, 256, classes, 1.5, 1)
		b.Run(fmt.Sprintf("N=8000/E=256/classes=%d", classes), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := ByClass(context.Background(), emb, labels, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEstimatePairs(b *testing.B) {
	for _, n := range []int{20000, 50000, 200000} {
		emb, labels := clusters(n, 256, 20, 1.5, 1)
		b.Run(fmt.Sprintf("N=%d/E=256/queries=2000/%s", n, dotKernel().name), func(b *testing.B) {
			for b.Loop() {
				if _, err := EstimatePairs(context.Background(), emb, labels, EstimateOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(2000*float64(n)*float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
		})
	}
}

func BenchmarkKMeans(b *testing.B) {
	emb, _ := clusters(20000, 256, 20, 3.5, 1)
	b.Run("N=20000/E=256/K=20", func(b *testing.B) {
		for b.Loop() {
			if _, err := kMeans(context.Background(), emb, 20000, ClusteringOptions{K: 20}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
