package siamese

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
)

// integral is ∫ ∂v/∂m (t, …, t) dt over t from 0 to 1, by the midpoint rule over pieces that are short where that errs: what
// the slopes of all features have to add up to over a piece is known from v at its ends.
type integral struct {
	mix     *mixture
	pair    [2]*tensors.Tensor
	columns *data.Transform
	own     []float32
	pieces  []piece
}

// piece is the integral from one t to another.
type piece struct {
	from, to    float64
	first, last float64   // v there
	slope       []float32 // at the middle, [F]
	error       float64   // of the sum over all features
}

// featureParts returns the part of every feature, [F]. Half of the steps are even ones. With the others the piece that errs
// most is cut into three, of which the one in the middle has its slope already: cosines change all at once where embeddings
// come close to zero, and even steps would miss that.
func (e *Explainer) featureParts(ctx context.Context, pair [2]*tensors.Tensor, cosine float64) ([]float64, error) {
	g := &integral{mix: e.mix, pair: pair, columns: e.columns, own: make([]float32, e.mix.f)}
	even := (e.opt.Steps + 1) / 2
	if err := g.cut(ctx, piece{to: 1, first: e.baseline, last: cosine}, even); err != nil {
		return nil, err
	}
	for used := even; used+2 <= e.opt.Steps; used += 2 {
		worst := 0
		for k, p := range g.pieces {
			if math.Abs(p.error) > math.Abs(g.pieces[worst].error) {
				worst = k
			}
		}
		p := g.pieces[worst]
		g.pieces = append(g.pieces[:worst], g.pieces[worst+1:]...)
		if err := g.cut(ctx, p, 3); err != nil {
			return nil, err
		}
	}
	parts := make([]float64, e.mix.f)
	for _, p := range g.pieces {
		for k, v := range p.slope {
			parts[k] += float64(v) * (p.to - p.from)
		}
	}
	return parts, nil
}

// cut adds so many equal pieces of p.
func (g *integral) cut(ctx context.Context, p piece, count int) error {
	length, first := (p.to-p.from)/float64(count), p.first
	for k := range count {
		if err := ctx.Err(); err != nil {
			return err
		}
		one := piece{from: p.from + float64(k)*length, to: p.from + float64(k+1)*length, first: first, last: p.last}
		var err error
		if k == count-1 {
			one.to = p.to
		} else if one.last, _, err = g.mix.at(g.pair, g.all(one.to)); err != nil {
			return err
		}
		if count == 3 && k == 1 && p.slope != nil {
			one.slope = p.slope
		} else if one.slope, err = g.mix.slopeAt(g.pair, g.all((one.from+one.to)/2)); err != nil {
			return err
		}
		one.error = one.last - one.first
		for k, v := range one.slope {
			if v-v != 0 {
				return fmt.Errorf("column %q: the slope of the cosine is %g: look for huge features", g.columns.Columns[k], v)
			}
			one.error -= float64(v) * (one.to - one.from)
		}
		g.pieces = append(g.pieces, one)
		first = one.last
	}
	return nil
}

// all returns m with t for every feature.
func (g *integral) all(t float64) []float32 {
	for k := range g.own {
		g.own[k] = float32(t)
	}
	return g.own
}
