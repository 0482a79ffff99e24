package main

import (
	"context"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/loss"
)

// embed returns the embeddings, of unit length, of rows [N, F] by weights.
func embed(backend compute.Backend, of net, weights []*tensors.Tensor, rows []float32, n int) (*embedding.Embeddings,
	error) {
	exec, err := NewExec(backend, func(in []*Node) *Node {
		return loss.Normalize(of.encode(in[0], &params{nodes: in[1:]}))
	})
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	args := []any{tensors.FromFlatDataAndDimensions(rows, n, len(rows)/n)}
	for _, w := range weights {
		args = append(args, w)
	}
	z, err := exec.Call1(args...)
	if err != nil {
		return nil, err
	}
	defer z.FinalizeAll()
	values, err := tensors.CopyFlatData[float32](z)
	return &embedding.Embeddings{Values: values, N: n, E: len(values) / n}, err
}

// mapAtR returns MAP@R of scores [N, N]: row i are those of query i with all items. Queries have no pair with
// themselves; equal scores rank by number.
func mapAtR(ctx context.Context, scores []float32, f *data.Frame) (float64, error) {
	_, label := itemset.ClassNumbers(f)
	n := f.N()
	count := map[int32]int{}
	for _, c := range label {
		count[c]++
	}
	precision := make([]float64, n)
	err := parallel.Each(ctx, n, 0, func(_, i int) error {
		row, r := scores[i*n:(i+1)*n], count[label[i]]-1
		others := make([]int, 0, n-1)
		for j := range n {
			if j != i {
				others = append(others, j)
			}
		}
		slices.SortStableFunc(others, func(a, b int) int {
			switch {
			case row[a] > row[b]:
				return -1
			case row[a] < row[b]:
				return 1
			}
			return 0
		})
		hits := 0
		for place, j := range others[:r] {
			if label[j] == label[i] {
				hits++
				precision[i] += float64(hits) / float64(place+1) / float64(r)
			}
		}
		return nil
	})
	var sum float64
	for _, p := range precision {
		sum += p
	}
	return sum / float64(n), err
}

// mixed returns (1-share) a + share b.
func mixed(a, b []float32, share float32) []float32 {
	out := make([]float32, len(a))
	for i := range a {
		out[i] = (1-share)*a[i] + share*b[i]
	}
	return out
}

// bothWays returns the mean of scores [N, N] and their transpose.
func bothWays(scores []float32, n int) []float32 {
	out := make([]float32, len(scores))
	for i := range n {
		for j := range n {
			out[i*n+j] = (scores[i*n+j] + scores[j*n+i]) / 2
		}
	}
	return out
}
