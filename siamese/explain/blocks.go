package explain

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
)

// BlocksOptions are the options of [Blocks]. The zero value is usable.
type BlocksOptions struct {
	// Explain says how single pairs are explained, and relative to which background.
	Explain Options
	// Pairs of test items to explain, half of them of one class; 0 = 100; 1 is an error.
	Pairs int
	// NoIntervals leaves out the intervals of MAP@R and ROC-AUC: two passes over all pairs of items for each block,
	// instead of nine (six with two blocks).
	NoIntervals bool
	// Progress, where not nil, is called after every ablation and pair with the share of the work done (0 to 1), from
	// the goroutine that called Blocks.
	Progress func(done float64)
}

// Blocks explains the similarities of the items of test by blocks of features: those of the trained encoder, and for
// comparison those of standardised features without training.
//
// Ablation measures MAP@R and ROC-AUC over all pairs with each block left out, and with only each block. A block is
// removed by setting its columns to the mean of the training items. Redundant blocks lose little when left out: look at
// both. The mean is used instead of values of other items (permutation importance, Breiman 2001), which would add noise
// and measure a wrong block instead of none. It needs no seed, and it is 0 for standardised features, which removes a
// block from their cosine exactly.
//
// explained.Attribution is the mean of [Explainer.Pair] over pairs drawn from the labelled items of test. The background is
// opt.Explain.Background, which should be the training items; nil = the items of test.
//
// All metrics have 95 % intervals for other items of the same classes: those over all pairs by [stats.Intervals], as in
// [evaluate.Items]; changes are paired. Means over drawn pairs have those of [stats.PairMeans], for the same
// background.
//
// Nothing is fitted on test, and test is not changed. With a cancelled ctx it returns its error. It returns an error
// for invalid frames, options and models, for a model of several classes an item (Config.LabelSeparator), and for items
// without two classes or a class of two items.
func Blocks(ctx context.Context, backend compute.Backend, m *siamese.Model, test *data.Frame,
	opt BlocksOptions) (*explained.Blocks, error) {
	b := &blockStudy{model: m, backend: backend, test: test, opt: opt}
	if err := b.run(ctx); err != nil {
		return nil, fmt.Errorf("explain blocks: %w", err)
	}
	return &b.out, nil
}

// blockStudy is a block explanation in progress.
type blockStudy struct {
	model      *siamese.Model
	backend    compute.Backend
	test       *data.Frame
	opt        BlocksOptions
	labels     []int32     // class of every test item; one without a label has its own
	match      []int       // place in test of every column of the model
	pairs      pairs.Pairs // of test items, the same for both similarities
	done, work float64     // ablations and pairs
	out        explained.Blocks
}

// run explains the similarities one after another. Features without training come first, as what the encoder is
// compared with.
func (b *blockStudy) run(ctx context.Context) error {
	if err := b.check(); err != nil {
		return err
	}
	// An ablation counts as much as a pair: progress need not be exact.
	b.work = 2 * (1 + 2*float64(len(b.model.Transform.Blocks)) + float64(b.pairs.Len()))
	for _, one := range []struct {
		name       string
		of         embedding.Source
		similarity similarity
	}{
		{report.StandardisedName, embedding.Transformed(b.model.Standard), similarity{transform: b.model.Standard,
			featureShare: b.model.Config.FeatureShare}},
		{report.TrainedName, func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
			return b.model.Embed(ctx, b.backend, f)
		}, trained(b.model)},
	} {
		study := explained.BlocksOf{Name: one.name}
		if err := b.ablate(ctx, &study, one.of); err != nil {
			return fmt.Errorf("%s: %w", quote.Text(one.name), err)
		}
		e, err := explainerOf(ctx, b.backend, one.similarity, b.model.Standard, b.opt.Explain)
		if err != nil {
			return fmt.Errorf("%s: %w", quote.Text(one.name), err)
		}
		// Of few test items the background has fewer than opt.Explain.Items.
		b.warn(one.name, e.warnings...)
		b.out.Background = e.mix.n
		if err := errors.Join(b.attribute(ctx, &study, e), e.Close()); err != nil {
			return fmt.Errorf("%s: %w", quote.Text(one.name), err)
		}
		b.out.Similarities = append(b.out.Similarities, study)
	}
	return nil
}

// check sets labels, match, pairs, defaults of options and the head of the result, or returns what is wrong with model,
// options or test items. Options of single pairs are checked with the first explainer.
func (b *blockStudy) check() error {
	if err := b.model.Validate(); err != nil {
		return err
	}
	if err := itemset.OneClass(b.model.Config.LabelSeparator, "explaining blocks"); err != nil {
		return err
	}
	if err := b.model.Config.Preprocess.Check(b.test); err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	// Columns are matched by name: the frame may have others, and another order.
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
		return option.Errorf("Pairs", "%d must be 2 or more, one of each kind (0 = 100)", b.opt.Pairs)
	case b.opt.Pairs > mostCount:
		return option.Errorf("Pairs", "%d is more than %d", b.opt.Pairs, mostCount)
	case b.opt.Pairs == 0:
		b.opt.Pairs = 100
	}
	explain := &b.opt.Explain
	if explain.Background == nil {
		explain.Background = b.test
	}
	names, labels := itemset.ClassNumbers(b.test)
	if b.pairs, err = sampler.Draw(b.opt.Pairs, explain.Seed); err != nil {
		return err
	}
	b.match, b.labels = match, labels
	b.out = explained.Blocks{Items: b.test.N(), Classes: len(names), Pairs: b.pairs.Len()}
	return nil
}

// advance reports that one more ablation or pair is done.
func (b *blockStudy) advance() {
	b.done++
	if b.opt.Progress != nil {
		b.opt.Progress(min(1, b.done/b.work))
	}
}

// warn adds warnings about the similarity of that name.
func (b *blockStudy) warn(name string, warnings ...string) {
	for _, w := range warnings {
		b.out.Warnings = append(b.out.Warnings, name+": "+w)
	}
}

// attribute sets the attributions of blocks and features over the pairs, and the largest residuals. The features of all
// test items are transformed once, not again for every pair.
func (b *blockStudy) attribute(ctx context.Context, study *explained.BlocksOf, e *Explainer) error {
	rows, err := embedding.TransformedRows(ctx, e.columns, b.test)
	if err != nil {
		return err
	}
	// Parts are kept by pair and not added up: their intervals need each.
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
	return summarise(study, b.pairs, e, cosines, blocks, columns)
}

// grid returns [rows][n] zeroes.
func grid(rows, n int) [][]float64 {
	out := make([][]float64, rows)
	for k := range out {
		out[k] = make([]float64, n)
	}
	return out
}

// pair explains one pair, given its features, each [F]. parts are those of all features, [F]; nil if these are left
// out. e.mu is held.
func (b *blockStudy) pair(ctx context.Context, e *Explainer, left,
	right []float32) (one explained.Pair, parts []float64, err error) {
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
	listFeatures(&one, parts, e.columns, 0)
	return one, parts, nil
}
