package explain

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/stats"
)

// PairExplanation attributes the similarity of two items, relative to that of any two background items: Cosine =
// Baseline + the parts of all blocks + BlocksResidual, and the same with features and Others.
type PairExplanation struct {
	Left   string  `json:"left"`  // id
	Right  string  `json:"right"` // id
	Cosine float64 `json:"cosine"`
	// Baseline is the mean cosine of two different background items.
	Baseline float64 `json:"baseline"`
	// Background is the number of background items.
	Background int `json:"background"`

	// BaselineInterval is the 95 % interval of Baseline for other background items. The cosine is exact and parts are
	// for this background: neither has an interval.
	BaselineInterval stats.Estimate `json:"baseline_interval"`

	// Blocks are in the order of the model's columns.
	Blocks []BlockPart `json:"blocks"`
	// BlocksResidual is Cosine - Baseline minus the parts of blocks: rounding.
	BlocksResidual float64 `json:"blocks_residual"`

	// Features are those with the largest parts, by descending absolute part; none with Options.NoFeatures.
	Features []FeaturePart `json:"features,omitempty"`
	// Others is the sum of the parts of all features that are not listed.
	Others float64 `json:"others"`
	// FeaturesResidual is Cosine - Baseline minus the parts of all features: the error of the integral, which more
	// steps reduce, and jumps of the cosine where an embedding passes zero, which have no slope.
	FeaturesResidual float64 `json:"features_residual"`

	// Warnings are about zero embeddings, whose cosine means nothing, and a large FeaturesResidual.
	Warnings []string `json:"warnings,omitempty"`
}

// BlockPart is the part of a block in a cosine.
type BlockPart struct {
	Name    string `json:"name"`
	Columns int    `json:"columns"` // their number
	// Part is a difference of cosines, negative where the block makes the items less similar than any two.
	Part float64 `json:"part"`
	// StandardError of Part among random orders of the blocks; 0 where it is exact, for up to 10 blocks.
	StandardError float64 `json:"standard_error"`
}

// FeaturePart is the part of a feature in a cosine.
type FeaturePart struct {
	Name  string `json:"name"`
	Block string `json:"block"`
	// Part is a difference of cosines, negative where the feature makes the items less similar than any two.
	Part float64 `json:"part"`
	// Left and Right are the items' values, in standard deviations of the training items from their mean.
	Left  float64 `json:"left"`
	Right float64 `json:"right"`

	column int // of the model
}

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
// Cosine and Baseline must be set. The items' values are left to the caller.
func (p *PairExplanation) listFeatures(parts []float64, columns *preprocess.Transform, count int) {
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
	for _, k := range largest(parts, count) {
		p.Features = append(p.Features, FeaturePart{Name: columns.Columns[k], Block: blockOf(columns, k),
			Part: parts[k], column: k})
		p.Others -= parts[k]
	}
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

// String returns the explanation as text: a line on the cosine, a table of blocks, one of features where there are any,
// and the warnings.
func (p *PairExplanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s and %s: cosine %s, %s to the %s [%s, %s] of any two of %d background items\n",
		quote.Text(p.Left), quote.Text(p.Right), fixed(p.Cosine), signed(p.Cosine-p.Baseline), fixed(p.Baseline),
		fixed(p.BaselineInterval.Low), fixed(p.BaselineInterval.High), p.Background)
	width := len("feature")
	for _, f := range p.Features {
		width = max(width, utf8.RuneCountInString(shown(f.Name)))
	}
	for _, k := range p.Blocks {
		width = max(width, utf8.RuneCountInString(shown(k.Name)))
	}
	fmt.Fprintf(&b, "  %-*s  %8s\n", width, "block", "part")
	for _, k := range p.Blocks {
		fmt.Fprintf(&b, "  %-*s  %8s", width, shown(k.Name), signed(k.Part))
		if k.StandardError > 0 {
			fmt.Fprintf(&b, " ± %.4f (standard error)", k.StandardError)
		}
		fmt.Fprintf(&b, "  of %d columns\n", k.Columns)
	}
	if len(p.Features) > 0 {
		fmt.Fprintf(&b, "  %-*s  %8s  %8s  %8s  (values in standard deviations of training items)\n", width, "feature",
			"part", "left", "right")
		for _, f := range p.Features {
			fmt.Fprintf(&b, "  %-*s  %8s  %8s  %8s\n", width, shown(f.Name), signed(f.Part),
				decimal.Signed(f.Left, 2), decimal.Signed(f.Right, 2))
		}
		fmt.Fprintf(&b, "  %-*s  %8s\n", width, "others", signed(p.Others))
		fmt.Fprintf(&b, "  %-*s  %8s\n", width, "residual", signed(p.FeaturesResidual))
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", quote.Line(w))
	}
	return b.String()
}
