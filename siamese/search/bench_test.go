package search

import (
	"fmt"
	"testing"
)

// BenchmarkSearch measures batches of queries in indexes of every storage.
func BenchmarkSearch(b *testing.B) {
	const q, n, width, k = 1000, 20000, 256, 10
	z, queries := clustered(1, n, width, 1000, 1), clustered(2, q, width, 1000, 1)
	for _, s := range []Storage{Float32, Float16, Int8} {
		b.Run(fmt.Sprintf("%s/Q=%d/N=%d/E=%d/K=%d", s, q, n, width, k), func(b *testing.B) {
			x, err := New(width, Config{Storage: s})
			if err != nil {
				b.Fatal(err)
			}
			if err := x.Add(b.Context(), z, nil); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := x.Search(b.Context(), queries, Options{K: k, NoCertificate: true}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*q/b.Elapsed().Seconds(), "queries/s")
		})
	}
}
