package siamese

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// ablation measures one similarity with some blocks taken away.
type ablation struct {
	*blockStudy
	study *BlocksOf
	of    features
	known map[string]ablated // of at most two blocks, where one without the other is the other alone
}

// ablated is what a similarity is without some blocks.
type ablated struct {
	Separation
	z *Embeddings
}

// ablate measures a similarity with all blocks, without each and with each alone.
func (b *blockStudy) ablate(ctx context.Context, study *BlocksOf, of features) error {
	a := &ablation{blockStudy: b, study: study, of: of, known: map[string]ablated{}}
	whole, err := a.measure(ctx, "all blocks", func(int) bool { return false })
	if err != nil {
		return err
	}
	study.Whole = whole.Separation
	for k, block := range b.model.Transform.Blocks {
		rest, err := a.measure(ctx, "without "+block.Name, func(other int) bool { return other == k })
		if err != nil {
			return err
		}
		alone, err := a.measure(ctx, block.Name+" alone", func(other int) bool { return other != k })
		if err != nil {
			return err
		}
		effect := BlockEffect{Name: block.Name, Columns: block.Width(), Without: rest.Separation, Alone: alone.Separation}
		if !b.opt.NoIntervals {
			if effect.Change, err = b.change(ctx, whole.z, rest.z); err != nil {
				return fmt.Errorf("without %s: intervals: %w", block.Name, err)
			}
		}
		study.Blocks = append(study.Blocks, effect)
	}
	return nil
}

// measure returns what the similarity is with some blocks flat.
func (a *ablation) measure(ctx context.Context, what string, flat func(block int) bool) (ablated, error) {
	defer a.advance(1)
	blocks := a.model.Transform.Blocks
	set := make([]byte, len(blocks))
	for k := range blocks {
		if flat(k) {
			set[k] = 1
		}
	}
	if out, ok := a.known[string(set)]; ok {
		return out, nil
	}
	z, err := a.of(ctx, a.flattened(flat))
	if err != nil {
		return ablated{}, fmt.Errorf("%s: %w", what, err)
	}
	if len(z.Zero) > 0 {
		a.warn(a.study.Name, fmt.Sprintf("%s: %d of %d items have a zero embedding: their similarity with anything is 0", what, len(z.Zero), z.N))
	}
	result, err := metric.AllPairs(ctx, z.Values, a.labels, metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}}})
	if err != nil {
		return ablated{}, fmt.Errorf("%s: %w", what, err)
	}
	out := ablated{Separation{MAPAtR: result.Retrieval.MAPAtR, ROCAUC: result.Verification.ROCAUC}, z}
	if len(blocks) <= 2 {
		a.known[string(set)] = out
	}
	return out, nil
}

// change returns how figures of the test items change from one similarity to another, with intervals for other items of
// the same classes.
func (b *blockStudy) change(ctx context.Context, from, to *Embeddings) (*Change, error) {
	const unused = 0 // threshold: neither figure looks at one
	c, err := stats.Compare(ctx, stats.One("all", from.Values, unused), stats.One("without", to.Values, unused), b.labels,
		stats.Options{By: stats.ByItem, Method: stats.Linear, Seed: b.opt.Explain.Seed})
	if err != nil {
		return nil, err
	}
	return &Change{MAPAtR: c.MAPAtR, ROCAUC: c.ROCAUC}, nil
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
