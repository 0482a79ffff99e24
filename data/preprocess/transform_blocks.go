package preprocess

import (
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// fitBlocks multiplies the factors of every block so that its expected squared norm becomes
// that of the mean block, times its weight: with s_b = Σ square_j over the columns of block b, the mean s̄ of the s_b
// that are not 0 and the weight w_b (1 unless given),
//
//	Factor_j ← Factor_j · √(w_b · s̄ / s_b).
//
// square [F] is the mean of the squares of every scaled column. A block that is constant stays zero and counts for
// nothing. A weight for a block that f does not have is an error.
func (t *Transform) fitBlocks(f *data.Frame, square []float64) error {
	var unknown []string
	for name := range t.Spec.BlockWeights {
		if _, err := f.Block(name); err != nil {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		_, err := f.Block(unknown[0]) // which says what blocks there are
		return option.Errorf("block_weights", "%d of %d name no block: %w", len(unknown), len(t.Spec.BlockWeights), err)
	}
	norms := make([]float64, len(f.Blocks))
	var sum float64
	varying := 0 // blocks that are not constant
	for k, b := range f.Blocks {
		for _, s := range square[b.Start:b.End] {
			norms[k] += s
		}
		if norms[k] > 0 {
			sum += norms[k]
			varying++
		}
	}
	// A weight of 0 makes all factors of a block 0, as if it were constant; its columns stay where they are.
	for k, b := range f.Blocks {
		if norms[k] == 0 {
			continue
		}
		weight, ok := t.Spec.BlockWeights[b.Name]
		if !ok {
			weight = 1
		}
		factor := math.Sqrt(weight * sum / float64(varying) / norms[k])
		for j := b.Start; j < b.End; j++ {
			t.Factor[j] = float32(float64(t.Factor[j]) * factor)
		}
	}
	return nil
}
