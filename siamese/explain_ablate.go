package siamese

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
)

// ablate measures a similarity with all blocks, without each and with each alone.
func (b *blockStudy) ablate(ctx context.Context, study *BlocksOf, of features) error {
	blocks := b.model.Transform.Blocks
	measured := map[string]Separation{} // of two blocks, one without the other is the other alone
	measure := func(what string, flat func(block int) bool) (Separation, error) {
		defer b.advance(1)
		set := make([]byte, len(blocks))
		for k := range blocks {
			if flat(k) {
				set[k] = 1
			}
		}
		out, ok := measured[string(set)]
		if ok {
			return out, nil
		}
		z, err := of(ctx, b.flattened(flat))
		if err != nil {
			return Separation{}, fmt.Errorf("%s: %w", what, err)
		}
		if len(z.Zero) > 0 {
			b.warn(study.Name, fmt.Sprintf("%s: %d of %d items have a zero embedding: their similarity with anything is 0", what, len(z.Zero), z.N))
		}
		result, err := metric.AllPairs(ctx, z.Values, b.labels, metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}}})
		if err != nil {
			return Separation{}, fmt.Errorf("%s: %w", what, err)
		}
		out = Separation{MAPAtR: result.Retrieval.MAPAtR, ROCAUC: result.Verification.ROCAUC}
		measured[string(set)] = out
		return out, nil
	}
	var err error
	if study.Whole, err = measure("all blocks", func(int) bool { return false }); err != nil {
		return err
	}
	for k, block := range blocks {
		effect := BlockEffect{Name: block.Name, Columns: block.Width()}
		if effect.Without, err = measure("without "+block.Name, func(other int) bool { return other == k }); err != nil {
			return err
		}
		if effect.Alone, err = measure(block.Name+" alone", func(other int) bool { return other != k }); err != nil {
			return err
		}
		study.Blocks = append(study.Blocks, effect)
	}
	return nil
}

// flattened returns the test items with the training items' mean in the columns of some blocks.
func (b *blockStudy) flattened(which func(block int) bool) *data.Frame {
	out := *b.test
	out.X = append([]float32(nil), b.test.X...)
	for k, block := range b.model.Transform.Blocks {
		if !which(k) {
			continue
		}
		for i := range out.N() {
			row := out.Row(i)
			for c := block.Start; c < block.End; c++ {
				row[b.match[c]] = b.model.Standard.Centre[c]
			}
		}
	}
	return &out
}
