package explained

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/stats"
)

// Pair attributes the similarity of two items, relative to that of any two background items: Cosine =
// Baseline + the parts of all blocks + BlocksResidual, and the same with features and Others.
type Pair struct {
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
}

// String returns the explanation as text: a line on the cosine, a table of blocks, one of features where there are any,
// and the warnings.
func (p *Pair) String() string {
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
