package embedding_test

import (
	"math/rand/v2"
	"testing"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest/embeddingtest"
)

// BenchmarkNearest measures all cosines of 1,000 queries and 4,096 references, and the ten nearest of each query.
func BenchmarkNearest(b *testing.B) {
	b.Run("Q=1000/N=4096/E=256", func(b *testing.B) {
		rng := rand.New(rand.NewPCG(3, 1))
		queries, references := embeddingtest.RandomEmbeddings(rng, 1000, 256),
			embeddingtest.RandomEmbeddings(rng, 4096, 256)
		for b.Loop() {
			if _, err := embedding.Nearest(queries, references, 10, false); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "queries/s")
	})
}
