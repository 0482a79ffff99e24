// Package explain attributes similarities to blocks of features and to single features.
//
// [Pair] explains the cosine of two items by a trained model: how much of it, beyond the cosine of any two items, each
// block and each feature contributes. An [Explainer] does so for many pairs. [Blocks] explains a model on a set of test
// items: its metrics with a block left out and with one block only, and mean parts over many pairs, beside those of
// standardised features without training.
//
// An explanation says what the model uses. It says nothing about causes, and it trains and fits nothing.
package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/stats"
)

// Explainer explains similarities of pairs relative to one background. Its methods are safe for concurrent use; they
// run one at a time. It copies the model's weights, so that the model may change or be closed. Close frees its memory
// on the device.
type Explainer struct {
	opt      Options               // with defaults
	columns  *preprocess.Transform // to the features that are interpolated: those before principal components
	standard *preprocess.Transform // to standard deviations, for the values shown
	warnings []string              // about the background, for every explanation

	mu       sync.Mutex     // guards mix: Close waits for calls
	mix      *mixture       // the graph, with the background on the device
	baseline stats.Estimate // mean cosine of two background items
}

// New returns an explainer of the similarities of m, with up to opt.Items drawn items of opt.Background on the device.
// Close it after use. It returns an error for an invalid model or options (an [option.Error] with the field's name), a
// nil backend, and if opt.Background is nil, has fewer than two items or cannot be embedded.
func New(ctx context.Context, backend compute.Backend, m *siamese.Model, opt Options) (*Explainer, error) {
	e, err := newExplainer(ctx, backend, m, opt)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	return e, nil
}

// newExplainer is [New] without "explain" in its errors.
func newExplainer(ctx context.Context, backend compute.Backend, m *siamese.Model, opt Options) (*Explainer, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return explainerOf(ctx, backend, trained(m), m.Standard, opt)
}

// trained returns the similarity of a model.
func trained(m *siamese.Model) similarity {
	return similarity{m.Transform, m.Encoders(), m.Config.FeatureShare, m.EncoderPLDA, m.FeaturesPLDA,
		m.Config.UnknownShare, m.Gate}
}

// explainerOf returns an explainer of a similarity, so that features without training are explained in the same way.
// standard only serves the values shown.
func explainerOf(ctx context.Context, backend compute.Backend, of similarity, standard *preprocess.Transform,
	opt Options) (*Explainer, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	if opt.Background == nil || opt.Background.N() < 2 {
		return nil, errors.New("background: two or more items are needed: give training items")
	}
	if err := opt.Background.ValidateStructure(); err != nil {
		return nil, fmt.Errorf("background: %w", err)
	}
	if backend, err = device.Plain(backend); err != nil {
		return nil, err
	}
	e := &Explainer{opt: opt, columns: columnsOf(of.transform), standard: standard}
	provenance.Seed(opt.Seed)
	background, err := embedding.TransformedRows(ctx, e.columns, drawItems(opt.Background, opt.Items, opt.Seed))
	if err != nil {
		return nil, fmt.Errorf("background: %w", err)
	}
	if e.mix, err = newMixture(backend, background, of); err != nil {
		return nil, err
	}
	var zero int
	e.baseline, zero, err = e.mix.background()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("background: %w", err), e.mix.close())
	}
	if zero > 0 {
		e.warnings = append(e.warnings,
			fmt.Sprintf("%d of %d background items have a zero embedding: their cosine with anything is 0", zero,
				background.N))
	}
	return e, nil
}

// Close frees the explainer's memory on the device, after an explanation in progress. Later ones return an error.
func (e *Explainer) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.mix.close()
}

// Pair attributes the similarity of items i and j of frame by model m; see [Explainer.Pair], which is faster for many
// pairs, as it embeds the background once. Neither item is used as background, nor another one with their ids: compared
// with itself an item would look more typical than it is. An index out of range is an error.
func Pair(ctx context.Context, backend compute.Backend, m *siamese.Model, frame *data.Frame, i, j int,
	opt Options) (_ *explained.Pair, err error) {
	if err := pairOf(frame, i, frame, j); err != nil {
		return nil, err
	}
	if opt.Background == nil {
		opt.Background = frame
	}
	if err := opt.Background.ValidateStructure(); err != nil {
		return nil, fmt.Errorf("explain: background: %w", err)
	}
	opt.Background = without(opt.Background, frame.IDs[i], frame.IDs[j])
	e, err := New(ctx, backend, m, opt)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return e.Pair(ctx, frame, i, frame, j)
}

// Pair attributes the similarity of item i of a and item j of b to blocks and features.
//
// Let v(m) be the mean cosine of the pair after feature k of both items was interpolated from m_k = 0, the values of
// two different background items, to m_k = 1, their own; the mean is over all ordered pairs of background items. So
// v(0) is the mean cosine of any two items, the Baseline, and v(1) that of the pair. Parts add up to the difference:
//
//   - of blocks, their Shapley values (Shapley 1953; Lundberg and Lee 2017, "A Unified Approach to Interpreting Model
//     Predictions", with features that are left out drawn from a background): the mean over all orders of blocks of
//     what v gains when a block is moved after those before it;
//   - of features, their Aumann-Shapley values ∫ ∂v/∂m_k (t, …, t) dt over t from 0 to 1 (Aumann and Shapley 1974),
//     which are integrated gradients (Sundararajan, Taly and Yan 2017) with the background for a baseline, as expected
//     gradients have it (Erion et al. 2021). They are computed with the midpoint rule at Steps points.
//
// Both add up to Cosine - Baseline, up to their residuals; they need not agree on the sum over a block. A single mean
// item is no baseline: its cosine with itself is 1. Features are interpolated after scaling and before principal
// components, so that parts are always those of columns.
//
// A part shows what the model uses, not what would be true of items changed that way. Exchanging the two items
// exchanges Left and Right and, up to rounding, changes nothing else.
//
// It takes 2^M passes of 2n rows through the encoder for M blocks, or Orders times M for more than 10, and Steps passes
// with gradients for features, where n is the number of background items. ctx ends it between passes. It returns the
// errors of [siamese.Model.Embed], one for an index out of range, and one after Close.
func (e *Explainer) Pair(ctx context.Context, a *data.Frame, i int, b *data.Frame, j int) (*explained.Pair, error) {
	if err := pairOf(a, i, b, j); err != nil {
		return nil, err
	}
	out := &explained.Pair{Left: a.IDs[i], Right: b.IDs[j], Background: e.mix.n, Warnings: slices.Clone(e.warnings)}
	left, err := e.rowsOf(ctx, a, i)
	if err != nil {
		return nil, err
	}
	right, err := e.rowsOf(ctx, b, j)
	if err != nil {
		return nil, err
	}
	// Features are transformed before: that needs no lock, and several goroutines may do it at once.
	e.mu.Lock()
	defer e.mu.Unlock()
	listed, err := e.explain(ctx, out, left.moved, right.moved)
	if err != nil {
		return nil, fmt.Errorf("explain %q and %q: %w", out.Left, out.Right, err)
	}
	for k, column := range listed {
		f := &out.Features[k]
		f.Left, f.Right = float64(left.standard[column]), float64(right.standard[column])
	}
	return out, nil
}

// itemRows are the features of one item, each [F]: those that are interpolated, and standardised ones.
type itemRows struct{ moved, standard []float32 }

// rowsOf returns the features of an item of f, which must be in range. Columns of f are matched by name.
func (e *Explainer) rowsOf(ctx context.Context, f *data.Frame, item int) (itemRows, error) {
	one := f.Select([]int{item})
	moved, err := embedding.TransformedRows(ctx, e.columns, one)
	if err != nil {
		return itemRows{}, fmt.Errorf("explain: the model's features: %w", err)
	}
	standard, err := embedding.TransformedRows(ctx, e.standard, one)
	if err != nil {
		return itemRows{}, fmt.Errorf("explain: standardised features: %w", err)
	}
	return itemRows{moved.Values, standard.Values}, nil
}

// explain sets all of out but ids, values and background, given the features of the pair's items, each [F], and returns
// the columns of its Features. e.mu is held.
func (e *Explainer) explain(ctx context.Context, out *explained.Pair, left, right []float32) (listed []int,
	err error) {
	pair, err := e.mix.upload(left, right)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, device.Finalize(pair[:]...)) }()
	out.Baseline, out.BaselineInterval = e.baseline.Value, e.baseline
	if err := e.blockParts(ctx, out, pair); err != nil || e.opt.NoFeatures {
		return nil, err
	}
	parts, err := e.featureParts(ctx, pair)
	if err != nil {
		return nil, err
	}
	return listFeatures(out, parts, e.columns, e.opt.Features), nil
}

// blockParts sets the cosine, the parts of blocks with their residual, and a warning for zero embeddings, given the
// items' features on the device. out.Blocks must be empty. e.mu is held.
func (e *Explainer) blockParts(ctx context.Context, out *explained.Pair, pair [2]*tensors.Tensor) error {
	values := &blockValues{mix: e.mix, pair: pair, blocks: e.columns.Blocks, present: make([]float32, e.mix.f),
		baseline: e.baseline.Value}
	// With all features its own, every row of a side is the item itself: the mean is its cosine.
	cosine, zero, err := values.all()
	if err != nil {
		return err
	}
	out.Cosine = cosine
	if zero > 0 {
		out.Warnings = append(out.Warnings, "an item of the pair has a zero embedding: its cosine with anything is 0")
	}
	parts, standardErrors, err := values.parts(ctx, cosine, e.opt)
	if err != nil {
		return err
	}
	out.BlocksResidual = out.Cosine - e.baseline.Value
	for k, b := range e.columns.Blocks {
		part := explained.BlockPart{Name: b.Name, Columns: b.Width(), Part: parts[k]}
		if standardErrors != nil {
			part.StandardError = standardErrors[k]
		}
		out.Blocks = append(out.Blocks, part)
		out.BlocksResidual -= part.Part
	}
	return nil
}

// pairOf returns an error if a frame is nil or inconsistent, or item i of a or item j of b does not exist.
func pairOf(a *data.Frame, i int, b *data.Frame, j int) error {
	if a == nil || b == nil {
		return errors.New("explain: a frame is nil")
	}
	if err := errors.Join(a.ValidateStructure(), b.ValidateStructure()); err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	if i < 0 || i >= a.N() || j < 0 || j >= b.N() {
		return fmt.Errorf("explain: items %d and %d of frames with %d and %d items", i, j, a.N(), b.N())
	}
	return nil
}
