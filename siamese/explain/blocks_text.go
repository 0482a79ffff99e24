package explain

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/stats"
)

// BlockExplanation is what the blocks of source carry of the similarities of items.
type BlockExplanation struct {
	Items      int `json:"items"`
	Classes    int `json:"classes"`
	Pairs      int `json:"pairs"`      // that were explained, half of them same
	Background int `json:"background"` // items that pairs were explained against
	// Similarities are the cosine of standardised features without training, then that of the trained encoder.
	Similarities []BlocksOf `json:"similarities"`
	Warnings     []string   `json:"warnings,omitempty"`
}

// BlocksOf is what blocks and features carry of one kind of similarity.
type BlocksOf struct {
	Name string     `json:"name"`
	Full Separation `json:"full"` // with all blocks

	Baseline  float64         `json:"baseline"`  // mean cosine of two different background items
	Same      float64         `json:"same"`      // mean cosine of the same pairs
	Different float64         `json:"different"` // mean cosine of the different pairs
	Intervals CosineIntervals `json:"intervals"`

	Blocks   []BlockEffect   `json:"blocks"`             // in the order of the model's columns
	Features []FeatureEffect `json:"features,omitempty"` // those with the largest Magnitude first; their intervals do not know that they were chosen for it

	// The largest residual of a pair: see [PairExplanation].
	BlocksResidual   float64 `json:"blocks_residual"`
	FeaturesResidual float64 `json:"features_residual"`
}

// CosineIntervals are 95 % intervals of mean cosines: Baseline for other background items, the others for pairs of other
// items of the same classes. Where a single pair of a kind was drawn, its interval is all that a cosine can be.
type CosineIntervals struct {
	Baseline  stats.Estimate `json:"baseline"`
	Same      stats.Estimate `json:"same"`
	Different stats.Estimate `json:"different"`
	Apart     stats.Estimate `json:"apart"` // Same - Different, what the parts of all blocks add up to
}

// Separation is how well a similarity tells test items apart, over all their pairs.
type Separation struct {
	MAPAtR float64 `json:"map_at_r"`
	ROCAUC float64 `json:"roc_auc"`
	// Intervals are those of both, 95 % for other items of the same classes; nil where none were wanted.
	Intervals *SeparationIntervals `json:"intervals,omitempty"`
}

// SeparationIntervals are the intervals of a [Separation].
type SeparationIntervals struct {
	MAPAtR stats.Estimate `json:"map_at_r"`
	ROCAUC stats.Estimate `json:"roc_auc"`
}

// BlockEffect is what a block does to a similarity.
type BlockEffect struct {
	Name        string     `json:"name"`
	Columns     int        `json:"columns"`
	LeaveOneOut Separation `json:"leave_one_out"` // the block is the training mean
	Only        Separation `json:"only"`          // all other blocks are
	// Change is Without less Whole, with 95 % intervals for other items of the same classes; nil where none were wanted.
	Change *Change `json:"change,omitempty"`
	Attribution
}

// Change is how figures of the same items change.
type Change struct {
	MAPAtR stats.Difference `json:"map_at_r"`
	ROCAUC stats.Difference `json:"roc_auc"`
}

// FeatureEffect is what a feature does to a similarity.
type FeatureEffect struct {
	Name  string `json:"name"`
	Block string `json:"block"`
	Attribution
}

// String returns the explanation as tables of text, two for each kind of similarity.
func (x *BlockExplanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d items of %d classes; %d pairs, half of them same, beside any two of %d background items\n", x.Items, x.Classes, x.Pairs, x.Background)
	for _, s := range x.Similarities {
		s.text(&b)
	}
	fmt.Fprintf(&b, "%s\n", x.IntervalsNote())
	for _, w := range x.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return b.String()
}

// IntervalsNote says what the intervals of the explanation are.
func (x *BlockExplanation) IntervalsNote() string {
	return "in brackets: 95 % intervals for other items of the same classes, beside the same background; of background pairs, for other background items"
}

func (s *BlocksOf) text(b *strings.Builder) {
	width := len("all blocks")
	for _, k := range s.Blocks {
		width = max(width, len(k.Name))
	}
	for _, f := range s.Features {
		width = max(width, len(f.Name))
	}
	i := s.Intervals
	fmt.Fprintf(b, "%s: MAP@R %s, ROC-AUC %s\n", s.Name, s.Full.mapAtR(), s.Full.rocAUC())
	fmt.Fprintf(b, "  mean cosine %s of same, %s of different pairs, %s apart; %s of background pairs\n",
		estimateText(i.Same), estimateText(i.Different), signedText(i.Apart.Interval), estimateText(i.Baseline))
	line := func(format string, cells ...any) {
		fmt.Fprintln(b, strings.TrimRight(fmt.Sprintf(format, append([]any{width}, cells...)...), " "))
	}
	const ablated = "  %-*s  %7v  %-7s  %-24s  %-26s  %-24s"
	line(ablated, "block", "columns", "", "without", "change", "alone")
	for _, k := range s.Blocks {
		var byMAP, byAUC string
		if k.Change != nil {
			byMAP, byAUC = signedText(k.Change.MAPAtR.Interval), signedText(k.Change.ROCAUC.Interval)
		}
		line(ablated, k.Name, k.Columns, "MAP@R", k.LeaveOneOut.mapAtR(), byMAP, k.Only.mapAtR())
		line(ablated, "", "", "ROC-AUC", k.LeaveOneOut.rocAUC(), byAUC, k.Only.rocAUC())
	}
	const carried = "  %-*s  %-26s  %-26s  %-26s  %s"
	carries := func(what string, c AttributionIntervals) {
		line(carried, what, signedText(c.Same.Interval), signedText(c.Different.Interval), signedText(c.Apart.Interval), estimateText(c.Magnitude))
	}
	line(carried, "carries", "of the cosine: same", "different", "apart", "magnitude")
	for _, k := range s.Blocks {
		carries(k.Name, k.Intervals)
	}
	if len(s.Features) == 0 {
		return
	}
	fmt.Fprintf(b, "  feature\n")
	for _, f := range s.Features {
		carries(f.Name, f.Intervals)
	}
	fmt.Fprintf(b, "  features leave at most %.4f of a cosine unexplained\n", s.FeaturesResidual)
}

// mapAtR returns the figure with its interval, where it has one.
func (s Separation) mapAtR() string {
	if s.Intervals == nil {
		return fmt.Sprintf("%.4f", s.MAPAtR)
	}
	return estimateText(s.Intervals.MAPAtR)
}

func (s Separation) rocAUC() string {
	if s.Intervals == nil {
		return fmt.Sprintf("%.4f", s.ROCAUC)
	}
	return estimateText(s.Intervals.ROCAUC)
}

// estimateText returns a figure with its interval.
func estimateText(f stats.Estimate) string {
	return fmt.Sprintf("%.4f [%.4f, %.4f]", f.Value, f.Low, f.High)
}

// signedText returns a difference or a part with its interval.
func signedText(i stats.Interval) string {
	return fmt.Sprintf("%+.4f [%+.4f, %+.4f]", i.Value, i.Low, i.High)
}
