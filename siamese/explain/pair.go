package explain

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/explain/explained"
)

// featureParts returns the part of every feature, [F], by the midpoint rule: part_k = 1/S Σ_s ∂v/∂m_k at m = (s +
// 1/2)/S for S steps. The ends 0 and 1 are never evaluated, where an item with a zero embedding would have no slope.
// ctx ends it between steps. e.mu is held.
func (e *Explainer) featureParts(ctx context.Context, pair [2]*tensors.Tensor) ([]float64, error) {
	parts, own := make([]float64, e.mix.f), make([]float32, e.mix.f)
	for step := range e.opt.Steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for k := range own {
			own[k] = (float32(step) + 0.5) / float32(e.opt.Steps)
		}
		slope, err := e.mix.slopeAt(pair, own)
		if err != nil {
			return nil, err
		}
		for k, v := range slope {
			if v-v != 0 { // infinite, or NaN
				return nil, fmt.Errorf("column %q: the slope of the cosine is %g: look for huge features",
					e.columns.Columns[k], v)
			}
			parts[k] += float64(v) / float64(e.opt.Steps)
		}
	}
	return parts, nil
}

// maxResidual is the largest absolute FeaturesResidual without a warning, as a difference of cosines.
const maxResidual = 0.05

// listFeatures sets Features to the count largest of all parts [F], Others, and FeaturesResidual with its warning.
// Cosine and Baseline must be set. The items' values are left to
// the caller, who gets the columns of the features that are listed.
func listFeatures(p *explained.Pair, parts []float64, columns *preprocess.Transform, count int) (listed []int) {
	p.FeaturesResidual = p.Cosine - p.Baseline
	for _, v := range parts {
		p.FeaturesResidual -= v
		p.Others += v
	}
	if math.Abs(p.FeaturesResidual) > maxResidual {
		p.Warnings = append(p.Warnings,
			fmt.Sprintf("features leave %.4f of the cosine unexplained: take more steps; the rest are jumps of the "+
				"cosine where embeddings pass zero", p.FeaturesResidual))
	}
	// Others starts as the sum of all parts, and loses those that are listed.
	listed = largest(parts, count)
	for _, k := range listed {
		p.Features = append(p.Features, explained.FeaturePart{Name: columns.Columns[k], Block: blockOf(columns, k),
			Part: parts[k]})
		p.Others -= parts[k]
	}
	return listed
}

// largest returns the indices of the count largest absolute values, largest first, ties in order; of all if there are
// fewer.
func largest(values []float64, count int) []int {
	order := make([]int, len(values))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(math.Abs(values[b]), math.Abs(values[a])) })
	return order[:min(count, len(order))]
}

// blockOf returns the name of a column's block. Blocks are ascending and cover all columns.
func blockOf(t *preprocess.Transform, column int) string {
	for _, b := range t.Blocks {
		if column < b.End {
			return b.Name
		}
	}
	return ""
}
