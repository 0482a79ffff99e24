package pairs

import (
	"math"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/embeddingtest"
)

func TestPairCosines(t *testing.T) {
	z := embeddingtest.EmbeddingsAt(0, 60, 90)
	same, different := CosinesByLabel(z, Pairs{Left: []int32{0, 0, 1}, Right: []int32{1, 2, 2},
		Label: []float32{1, 0, 0}})
	labtest.WantNear(t, "same", same, []float64{0.5}, 1e-6)
	labtest.WantNear(t, "different", different, []float64{0, math.Sqrt(3) / 2}, 1e-6)
}
