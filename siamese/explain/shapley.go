package explain

import (
	"context"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// blockValues computes v of a pair for sets of blocks whose features are the pair's own: the game of which the parts of
// blocks are the Shapley values.
type blockValues struct {
	mix      *mixture
	pair     [2]*tensors.Tensor // features of the items, on the device
	blocks   []data.Block       // the players: columns of the model
	present  []float32          // m, [F]: 1 for the columns of the blocks in the set, else 0; overwritten
	baseline float64            // v of no block
}

// set gives the columns of a block the value own of m.
func (b *blockValues) set(block int, own float32) {
	for k := b.blocks[block].Start; k < b.blocks[block].End; k++ {
		b.present[k] = own
	}
}

// all returns v of all blocks, which is the cosine of the pair, and the number of zero embeddings among 2n.
func (b *blockValues) all() (value float64, zero int, err error) {
	for k := range b.present {
		b.present[k] = 1
	}
	return b.mix.at(b.pair, b.present)
}

// parts returns the part of every block in v(all) - v(none), [M], and standard errors if they are estimates (nil =
// exact). all is v of all blocks.
func (b *blockValues) parts(ctx context.Context, all float64,
	opt Options) (parts, standardErrors []float64, err error) {
	if len(b.blocks) <= exactBlocks {
		parts, err = b.exact(ctx, all)
		return parts, nil, err
	}
	return b.sampled(ctx, all, opt)
}

// exact returns the Shapley values from all 2^M sets of blocks: with s of M blocks before it, the gain of a block
// weighs s! (M-s-1)! / M!, the share of orders in which just these come before it.
func (b *blockValues) exact(ctx context.Context, all float64) ([]float64, error) {
	count := len(b.blocks)
	values := make([]float64, 1<<count) // by the bits of the blocks in a set
	values[0], values[len(values)-1] = b.baseline, all
	for set := 1; set < len(values)-1; set++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for k := range count {
			b.set(k, float32(set>>k&1))
		}
		var err error
		if values[set], _, err = b.mix.at(b.pair, b.present); err != nil {
			return nil, err
		}
	}
	return shapley(values, count), nil
}

// shapley returns the Shapley values of a game of M players, given the value of every set, [2^M], by its bits. The
// weight s! (M-s-1)! / M! is computed as 1 / (M · binomial(M-1, s)), which needs no factorials. It takes O(M 2^M)
// operations.
func shapley(values []float64, players int) []float64 {
	weight := make([]float64, players) // of a gain, by the size of the set before it
	for s := range weight {
		weight[s] = 1 / (float64(players) * binomial(players-1, s))
	}
	parts := make([]float64, players)
	// Every set counts for each player outside it, as what came before that player.
	for set := range values {
		size := 0
		for k := range players {
			size += set >> k & 1
		}
		for k := range players {
			if set>>k&1 == 0 {
				parts[k] += weight[size] * (values[set|1<<k] - values[set])
			}
		}
	}
	return parts
}

// binomial returns n! / (k! (n-k)!), exact for the small n used here.
func binomial(n, k int) float64 {
	out := 1.0
	for i := range k {
		out = out * float64(n-i) / float64(i+1)
	}
	return out
}

// sampled returns estimates of the Shapley values and their standard errors: the mean gain of a block over random
// orders (Castro, Gómez and Tejada 2009, "Polynomial calculation of the Shapley value based on sampling") and their
// reverses, which reduces the errors: what a block gains early it does not gain late. Their sum is exact.
//
// A standard error is that of the mean over independent pairs of an order and its reverse; with one such pair it is 0,
// for unknown. All pairs of items use the same orders of a seed.
func (b *blockValues) sampled(ctx context.Context, all float64,
	opt Options) (parts, standardErrors []float64, err error) {
	count, orders := len(b.blocks), (opt.Orders+1)/2
	parts, standardErrors = make([]float64, count), make([]float64, count)
	rng := streams.Rand(opt.Seed, streams.Orders)
	// gains are those of one order and its reverse, squares the sums of squares of half of them, by block.
	gains, squares := make([]float64, count), make([]float64, count)
	for range orders {
		clear(gains)
		order := rng.Perm(count)
		for range 2 {
			if err := b.walk(ctx, order, all, gains); err != nil {
				return nil, nil, err
			}
			slices.Reverse(order)
		}
		for k, g := range gains {
			parts[k] += g / 2
			squares[k] += g * g / 4
		}
	}
	n := float64(orders)
	for k := range parts {
		parts[k] /= n
		if orders > 1 {
			standardErrors[k] = math.Sqrt(max(0, squares[k]/n-parts[k]*parts[k]) / (n - 1))
		}
	}
	return parts, standardErrors, nil
}

// walk adds to gains the gain in v of each block when blocks are added in the given order. all is v of all blocks,
// which saves the last pass.
func (b *blockValues) walk(ctx context.Context, order []int, all float64, gains []float64) error {
	clear(b.present)
	before := b.baseline
	for at, k := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.set(k, 1)
		after := all
		if at < len(order)-1 {
			var err error
			if after, _, err = b.mix.at(b.pair, b.present); err != nil {
				return err
			}
		}
		gains[k] += after - before
		before = after
	}
	return nil
}
