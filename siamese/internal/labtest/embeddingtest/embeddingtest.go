// Package embeddingtest gives tests embeddings with known cosines.
package embeddingtest

import (
	"math"
	"math/rand/v2"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// EmbeddingsAt returns unit vectors in the plane at angles in degrees.
func EmbeddingsAt(degrees ...float64) *embedding.Embeddings {
	z := &embedding.Embeddings{N: len(degrees), E: 2}
	for _, d := range degrees {
		s, c := math.Sincos(d * math.Pi / 180)
		z.Values = append(z.Values, float32(c), float32(s))
	}
	return z
}

// RandomEmbeddings returns n embeddings of e numbers in random directions.
func RandomEmbeddings(rng *rand.Rand, n, e int) *embedding.Embeddings {
	z := &embedding.Embeddings{N: n, E: e}
	for range n {
		for _, v := range labtest.OracleUnit(labtest.Widen(labtest.Normals(rng, e, 1))) {
			z.Values = append(z.Values, float32(v))
		}
	}
	return z
}
