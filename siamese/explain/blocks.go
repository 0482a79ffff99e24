package explain

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
)

// BlocksOptions says how [Blocks] explains. The zero value is usable.
type BlocksOptions struct {
	Explain Options // how single pairs are explained
	// Pairs of test items that are explained, half of them of one class; 0 = 100.
	Pairs int
	// NoIntervals leaves out those of MAP@R and ROC-AUC, which take nine passes over all pairs of items for each block (six
	// where there are two blocks) instead of two.
	NoIntervals bool
	// Progress, where not nil, is called now and then with the share of the work done (0 to 1).
	Progress func(done float64)
}

// Blocks returns what the blocks of source carry of the similarities of the items of test: of the trained encoder,
// and of standardised features without training beside it.
//
// Ablation asks what is lost without a block, and what a block does alone. A block is taken away by giving all items the
// training items' mean in its columns; then MAP@R and ROC-AUC are measured over all pairs again. Blocks that say the same
// lose little without one another: look at both figures. A mean was chosen, and not the values of other items (permutation
// importance, Breiman 2001): those would set noise between items and ask what a wrong block does, not what none does. A mean
// needs no seed, and it is where standardised features have 0, which takes a block out of their cosine exactly.
//
// Attribution is the mean of [Explainer.Pair] over pairs drawn from the labelled items of test. The background is
// opt.Explain.Background, which should be the training items; nil = the items of test.
//
// All figures have 95 % intervals for other items of the same classes: those of all pairs as [stats.Intervals] has them, by
// items, so that whole, without and alone have the intervals of [evaluate.Items], and changes those of the same items; means over
// drawn pairs as [stats.PairMeans] has them, for other pairs beside the same background.
//
// Nothing is fitted on test. Unsound frames, and items without two classes and a class of two items, are errors.
func Blocks(ctx context.Context, backend compute.Backend, m *siamese.Model, test *data.Frame, opt BlocksOptions) (*BlockExplanation, error) {
	b := &blockStudy{model: m, backend: backend, test: test, opt: opt}
	if err := b.run(ctx); err != nil {
		return nil, fmt.Errorf("explain blocks: %w", err)
	}
	return &b.out, nil
}

// blockStudy is a block explanation that is being made.
type blockStudy struct {
	model      *siamese.Model
	backend    compute.Backend
	test       *data.Frame
	opt        BlocksOptions
	labels     []int32
	match      []int // place in test of every column of the model
	pairs      pairs.Pairs
	done, work float64
	out        BlockExplanation
}

func (b *blockStudy) run(ctx context.Context) error {
	if err := b.check(); err != nil {
		return err
	}
	// An ablation counts as much as a pair: the time of either depends on sizes, and a bar need not be right.
	b.work = 2 * (1 + 2*float64(len(b.model.Transform.Blocks)) + float64(b.pairs.Len()))
	for _, one := range []struct {
		name      string
		of        embedding.Source
		transform *preprocess.Transform
		layers    []encoder.Layer
	}{
		{report.StandardisedName, embedding.Transformed(b.model.Standard), b.model.Standard, nil},
		{report.TrainedName, func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
			return b.model.Embed(ctx, b.backend, f)
		}, b.model.Transform, b.model.Layers},
	} {
		study := BlocksOf{Name: one.name}
		if err := b.ablate(ctx, &study, one.of); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		e, err := explainerOf(ctx, b.backend, one.transform, one.layers, b.model.Config.FeatureShare, b.model.Standard, b.opt.Explain)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		b.warn(one.name, e.warnings...)
		b.out.Background = e.mix.n
		if err := errors.Join(b.attribute(ctx, &study, e), e.Close()); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		b.out.Similarities = append(b.out.Similarities, study)
	}
	return nil
}

func (b *blockStudy) check() error {
	if err := b.model.Validate(); err != nil {
		return err
	}
	if err := itemset.OneClass(b.model.Config.LabelSeparator, "what is lost without a block"); err != nil {
		return err
	}
	if err := b.model.Config.Preprocess.Check(b.test); err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	match, err := b.model.Transform.Match(b.test.Columns)
	if err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	sampler, err := pairs.NewSampler(b.test, pairs.SamplerOptions{WithinDomain: b.model.Config.WithinDomain})
	if err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	switch {
	case b.opt.Pairs < 0 || b.opt.Pairs == 1:
		return fmt.Errorf("pairs is %d: 2 are the least, one of each kind (0 = 100)", b.opt.Pairs)
	case b.opt.Pairs == 0:
		b.opt.Pairs = 100
	}
	explain := &b.opt.Explain
	if explain.Background == nil {
		explain.Background = b.test
	}
	names, labels := itemset.ClassNumbers(b.test)
	b.match, b.labels, b.pairs = match, labels, sampler.Draw(b.opt.Pairs, explain.Seed)
	b.out = BlockExplanation{Items: b.test.N(), Classes: len(names), Pairs: b.pairs.Len()}
	return nil
}

// advance tells that one more ablation or pair is done.
func (b *blockStudy) advance() {
	b.done++
	if b.opt.Progress != nil {
		b.opt.Progress(min(1, b.done/b.work))
	}
}

func (b *blockStudy) warn(name string, warnings ...string) {
	for _, w := range warnings {
		b.out.Warnings = append(b.out.Warnings, name+": "+w)
	}
}

// attribute adds what blocks and features carry of the cosines of the pairs.
func (b *blockStudy) attribute(ctx context.Context, study *BlocksOf, e *Explainer) error {
	rows, err := embedding.TransformedRows(ctx, e.columns, b.test)
	if err != nil {
		return err
	}
	n := b.pairs.Len()
	cosines, blocks, columns := make([]float64, n), grid(len(study.Blocks), n), [][]float64(nil)
	if !e.opt.NoFeatures {
		columns = grid(rows.E, n)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for p := range n {
		one, parts, err := b.pair(ctx, e, rows.Row(int(b.pairs.Left[p])), rows.Row(int(b.pairs.Right[p])))
		if err != nil {
			return fmt.Errorf("items %q and %q: %w", b.test.IDs[b.pairs.Left[p]], b.test.IDs[b.pairs.Right[p]], err)
		}
		cosines[p] = one.Cosine
		for k, part := range one.Blocks {
			blocks[k][p] = part.Part
		}
		for k, part := range parts {
			columns[k][p] = part
		}
		study.BlocksResidual = max(study.BlocksResidual, math.Abs(one.BlocksResidual))
		study.FeaturesResidual = max(study.FeaturesResidual, math.Abs(one.FeaturesResidual))
		b.advance()
	}
	return study.summarise(b.pairs, e, cosines, blocks, columns)
}

// grid returns so many rows of n numbers.
func grid(rows, n int) [][]float64 {
	out := make([][]float64, rows)
	for k := range out {
		out[k] = make([]float64, n)
	}
	return out
}

// pair explains one pair. parts are those of all features.
func (b *blockStudy) pair(ctx context.Context, e *Explainer, left, right []float32) (one PairExplanation, parts []float64, err error) {
	pair, err := e.mix.upload(left, right)
	if err != nil {
		return one, nil, err
	}
	defer func() { err = errors.Join(err, device.Finalize(pair[:]...)) }()
	one.Baseline = e.baseline.Value
	if err := e.blockParts(ctx, &one, pair); err != nil || e.opt.NoFeatures {
		return one, nil, err
	}
	if parts, err = e.featureParts(ctx, pair); err != nil {
		return one, nil, err
	}
	one.listFeatures(parts, e.columns, 0)
	return one, parts, nil
}
