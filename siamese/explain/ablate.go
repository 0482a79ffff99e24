package explain

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// ablation measures one similarity with some blocks removed.
type ablation struct {
	*blockStudy
	study *explained.BlocksOf   // where the results go
	of    embedding.Source      // of the similarity
	full  *embedding.Embeddings // with all blocks; nil where no intervals are wanted
	// known holds metrics by the set of removed blocks, one byte a block: of two blocks, leaving one out keeps only the
	// other, and nothing is measured twice.
	known map[string]explained.Separation
}

// ablate sets study.Full and study.Blocks: a similarity with all blocks, with each left out, and with each alone. For M
// blocks it embeds the test items 2M+1 times (three times for M = 2).
func (b *blockStudy) ablate(ctx context.Context, study *explained.BlocksOf, of embedding.Source) (err error) {
	a := &ablation{blockStudy: b, study: study, of: of, known: map[string]explained.Separation{}}
	if err := a.all(ctx); err != nil {
		return err
	}
	for k, block := range b.model.Transform.Blocks {
		effect := explained.BlockEffect{Name: block.Name, Columns: block.Width()}
		if err := a.leaveOneOut(ctx, &effect, k); err != nil {
			return fmt.Errorf("without %s: %w", quote.Cut(block.Name, 40), err)
		}
		study.Blocks = append(study.Blocks, effect)
	}
	for k := range study.Blocks {
		effect := &study.Blocks[k]
		if err := a.only(ctx, effect, k); err != nil {
			return fmt.Errorf("only %s: %w", quote.Cut(effect.Name, 40), err)
		}
	}
	return nil
}

// all measures the similarity with all blocks. With intervals it only embeds: every comparison with a block left out
// measures both, because a paired difference needs both at once.
func (a *ablation) all(ctx context.Context) error {
	defer a.advance()
	z, _, err := a.embed(ctx, "all blocks", func(int) bool { return false })
	if err != nil {
		return fmt.Errorf("all blocks: %w", err)
	}
	if a.opt.NoIntervals {
		a.study.Full, err = a.separation(ctx, z)
		return err
	}
	a.full = z
	return nil
}

// leaveOneOut sets effect.LeaveOneOut, the similarity without block k, and with intervals effect.Change and study.Full.
func (a *ablation) leaveOneOut(ctx context.Context, effect *explained.BlockEffect, k int) error {
	defer a.advance()
	z, set, err := a.embed(ctx, "without "+quote.Cut(effect.Name, 40), func(other int) bool { return other == k })
	if err != nil {
		return err
	}
	if a.opt.NoIntervals {
		effect.LeaveOneOut, err = a.separation(ctx, z)
		a.known[set] = effect.LeaveOneOut
		return err
	}
	both, err := stats.Compare(ctx, a.system(a.full), []stats.System{a.system(z)}, a.labels, a.intervals())
	if err != nil {
		return err
	}
	c := both.Comparisons[0]
	a.study.Full, effect.LeaveOneOut = withIntervals(both.Metrics[0]), withIntervals(both.Metrics[1])
	effect.Change = &explained.Change{MAPAtR: c.Differences[stats.MAPAtR], ROCAUC: c.Differences[stats.ROCAUC]}
	a.known[set] = effect.LeaveOneOut
	return nil
}

// only sets effect.Only, the similarity with all blocks but k removed.
func (a *ablation) only(ctx context.Context, effect *explained.BlockEffect, k int) error {
	defer a.advance() // also where nothing is measured: progress counts blocks
	z, set, err := a.embed(ctx, "only "+quote.Cut(effect.Name, 40), func(other int) bool { return other != k })
	if err != nil {
		return err
	}
	if known, ok := a.known[set]; ok {
		effect.Only = known
		return nil
	}
	if a.opt.NoIntervals {
		effect.Only, err = a.separation(ctx, z)
		return err
	}
	metrics, err := stats.Intervals(ctx, a.system(z), a.labels, a.intervals())
	if err != nil {
		return err
	}
	effect.Only = withIntervals(metrics)
	return nil
}

// embed returns the embeddings of the test items with some blocks flat (set to the training mean), and the key of these
// blocks. The embeddings are nil if the metrics for that key are known. what names the blocks in warnings.
func (a *ablation) embed(ctx context.Context, what string,
	flat func(block int) bool) (*embedding.Embeddings, string, error) {
	set := make([]byte, len(a.model.Transform.Blocks))
	for k := range set {
		if flat(k) {
			set[k] = 1
		}
	}
	if _, ok := a.known[string(set)]; ok {
		return nil, string(set), nil
	}
	z, err := a.of(ctx, a.flattened(flat))
	if err != nil {
		return nil, "", err
	}
	if len(z.Zero) > 0 {
		a.warn(a.study.Name, fmt.Sprintf("%s: %d of %d items have a zero embedding: their cosine with anything is 0",
			what, len(z.Zero), z.N))
	}
	return z, string(set), nil
}

// separation returns the metrics of embeddings z [N, E] over all pairs of test items, without intervals.
func (a *ablation) separation(ctx context.Context, z *embedding.Embeddings) (explained.Separation, error) {
	result, err := metric.AllPairs(ctx, z.Values, a.labels,
		metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}}})
	if err != nil {
		return explained.Separation{}, err
	}
	return explained.Separation{MAPAtR: result.Retrieval.MAPAtR, ROCAUC: result.Verification.ROCAUC}, nil
}

// system returns embeddings in the form of package stats. The metrics do not depend on the threshold, but the bins of
// scores for intervals start at it: with the model's, intervals of the trained encoder equal those of [evaluate.Items]
// to the bit.
func (a *ablation) system(z *embedding.Embeddings) stats.System {
	return stats.One(a.study.Name, z.Values, a.model.Threshold)
}

// intervals returns how intervals are found: for other items of the same classes.
func (a *ablation) intervals() stats.Options {
	return stats.Options{By: stats.ByItem, Method: stats.Delta, Seed: a.opt.Explain.Seed}
}

// withIntervals returns the metrics that separate classes, as a separation.
func withIntervals(f *stats.Metrics) explained.Separation {
	mapAtR, rocAUC := f.Estimates[stats.MAPAtR], f.Estimates[stats.ROCAUC]
	return explained.Separation{MAPAtR: mapAtR.Value, ROCAUC: rocAUC.Value,
		Intervals: &explained.SeparationIntervals{MAPAtR: mapAtR, ROCAUC: rocAUC}}
}

// flattened returns the test items with the columns of some blocks set to the mean of the training items, in a copy of
// their features; all else is shared. It takes 4·N·F bytes.
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
