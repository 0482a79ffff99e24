package preprocess

import (
	"context"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/numeric"
	"github.com/go-siamese/lab/data/parallel"
)

// gramDepth is how many places of the vectors are multiplied at a time, so that the vectors are never in float64 as a
// whole. Sums run over panels of this depth: another value gives other bits.
const gramDepth = 512

// gram returns the scalar products [n, n] of n vectors of a length. fill writes the places
// [from, to) of all vectors to panel [n, to-from]. The products of a place are added in order,
// so that the bits do not depend on the number of cores. The cost is O(n²·length); the vectors are never in memory as a
// whole. It ends early, with its error, when ctx does.
func gram(ctx context.Context, n, length int, fill func(panel []float64, from, to int)) (*mat.SymDense, error) {
	out := blas64.General{Rows: n, Cols: n, Stride: n, Data: make([]float64, n*n)}
	// One panel is enough, since it is used up before the next is filled.
	panel := make([]float64, n*min(length, gramDepth))
	tiles := (n + numeric.GramTile - 1) / numeric.GramTile
	var pairs [][2]int // of tiles: the upper triangle
	for a := range tiles {
		for b := a; b < tiles; b++ {
			pairs = append(pairs, [2]int{a * numeric.GramTile, b * numeric.GramTile})
		}
	}
	for from := 0; from < length; from += gramDepth {
		depth := min(gramDepth, length-from)
		fill(panel[:n*depth], from, from+depth)
		part := func(at int) blas64.General {
			end := min(at+numeric.GramTile, n)
			return blas64.General{Rows: end - at, Cols: depth, Stride: depth, Data: panel[at*depth : end*depth]}
		}
		// Tiles of the products are disjoint, so that no two goroutines add to one number. One panel is finished before
		// the next: this fixes the order of the sums.
		err := parallel.Each(ctx, len(pairs), 0, func(_, k int) error {
			left, right := part(pairs[k][0]), part(pairs[k][1])
			to := blas64.General{Rows: left.Rows, Cols: right.Rows, Stride: n,
				Data: out.Data[pairs[k][0]*n+pairs[k][1]:]}
			blas64.Gemm(blas.NoTrans, blas.Trans, 1, left, right, 1, to)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return mat.NewSymDense(n, out.Data), nil // which looks at the upper triangle only
}

// pcaFit holds what the panels of the fit are computed from: the frame's columns go through the first stages again for
// every panel, instead of being kept in float64, which would take twice the memory of the frame.
type pcaFit struct {
	t     *Transform // with all stages before the components fitted
	f     *data.Frame
	items []int // to fit on
}

// mean sets t.Mean, the means of the scaled columns.
func (p *pcaFit) mean(ctx context.Context) error {
	width := p.f.F()
	p.t.Mean = make([]float32, width)
	return parallel.Each(ctx, (width+numeric.FitTile-1)/numeric.FitTile, 0, func(_, k int) error {
		from, to := k*numeric.FitTile, min(width, (k+1)*numeric.FitTile)
		var sums [numeric.FitTile]float64
		var buffer [numeric.FitTile]float32
		row := buffer[:to-from]
		for _, i := range p.items {
			p.t.stages(row, p.f.Row(i)[from:to], from)
			for j, v := range row {
				sums[j] += float64(v)
			}
		}
		for j := range row {
			p.t.Mean[from+j] = float32(sums[j] / float64(len(p.items)))
		}
		return nil
	})
}

// columnPanel writes the items [from, to) of the centred columns to panel [F, to-from], for the columns' products.
func (p *pcaFit) columnPanel(panel []float64, from, to int) {
	depth := to - from
	const step = 16 // items at a time: the panel is written by cache lines
	parallel.For((depth+step-1)/step, func(k int) {
		buffer := make([]float32, p.f.F())
		for r := k * step; r < min(depth, (k+1)*step); r++ {
			p.t.stages(buffer, p.f.Row(p.items[from+r]), 0)
			for j, v := range buffer {
				panel[j*depth+r] = float64(v) - float64(p.t.Mean[j])
			}
		}
	})
}

// itemPanel writes the columns [from, to) of the centred items to panel [n, to-from], for the items' products. to-from
// is at most gramDepth.
func (p *pcaFit) itemPanel(panel []float64, from, to int) {
	depth := to - from
	parallel.For(len(p.items), func(i int) {
		var buffer [gramDepth]float32
		row := buffer[:depth]
		p.t.stages(row, p.f.Row(p.items[i])[from:to], from)
		for j, v := range row {
			panel[i*depth+j] = float64(v) - float64(p.t.Mean[from+j])
		}
	})
}

// fromItems returns the components [F, K], of some length, that belong to eigenvectors [n, K] of
// the items' products: the sums of the centred items with these weights, Xᵀ·U for the centred X [n, F]. The caller
// scales them to unit length.
func (p *pcaFit) fromItems(ctx context.Context, weights blas64.General) (blas64.General, error) {
	n, width, k := len(p.items), p.f.F(), weights.Cols
	out := blas64.General{Rows: width, Cols: k, Stride: k, Data: make([]float64, width*k)}
	panel := make([]float64, n*min(width, gramDepth))
	for from := 0; from < width; from += gramDepth {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		depth := min(gramDepth, width-from)
		p.itemPanel(panel[:n*depth], from, from+depth)
		part := blas64.General{Rows: n, Cols: depth, Stride: depth, Data: panel[:n*depth]}
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, part, weights, 0,
			blas64.General{Rows: depth, Cols: k, Stride: k, Data: out.Data[from*k : (from+depth)*k]})
	}
	return out, nil
}
