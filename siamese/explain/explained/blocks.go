// Package explained holds what explanations of similarities found: the parts of blocks and features in a cosine, and how well the
// model does without each. Package explain makes them.
package explained

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/stats"
)

// Blocks explains similarities of items by blocks of features.
type Blocks struct {
	Items      int `json:"items"`      // number of test items
	Classes    int `json:"classes"`    // number of their classes
	Pairs      int `json:"pairs"`      // number of explained pairs, half of them same
	Background int `json:"background"` // number of background items
	// Similarities are the cosine of standardised features without training, then that of the trained encoder.
	Similarities []BlocksOf `json:"similarities"`
	Warnings     []string   `json:"warnings,omitempty"`
}

// BlocksOf explains one kind of similarity: its metrics over all pairs of test items, and mean cosines and parts over
// the explained pairs.
type BlocksOf struct {
	// Name is [report.StandardisedName] or [report.TrainedName].
	Name string `json:"name"`
	// Full holds the metrics with all blocks.
	Full Separation `json:"full"`

	// Baseline is the mean cosine of two different background items, Same and Different those of the pairs of each
	// kind.
	Baseline  float64         `json:"baseline"`
	Same      float64         `json:"same"`
	Different float64         `json:"different"`
	Intervals CosineIntervals `json:"intervals"`

	// Blocks are in the order of the model's columns.
	Blocks []BlockEffect `json:"blocks"`
	// Features are those of largest Magnitude, in descending order; none with NoFeatures. Their intervals ignore that
	// they were selected by it, so their magnitudes are overestimated a little.
	Features []FeatureEffect `json:"features,omitempty"`

	// BlocksResidual and FeaturesResidual are the largest absolute residuals of a pair: see [Pair].
	BlocksResidual   float64 `json:"blocks_residual"`
	FeaturesResidual float64 `json:"features_residual"`
}

// CosineIntervals are 95 % intervals of mean cosines: of Baseline for other background items, of the others for pairs
// of other items of the same classes. With a single pair of a kind its interval is [-1, 1].
type CosineIntervals struct {
	Baseline  stats.Estimate `json:"baseline"`
	Same      stats.Estimate `json:"same"`
	Different stats.Estimate `json:"different"`
	Apart     stats.Estimate `json:"apart"` // Same - Different, the sum of the parts of all blocks
}

// Separation holds the metrics of a similarity over all pairs of test items: how well it separates classes.
type Separation struct {
	MAPAtR float64 `json:"map_at_r"`
	ROCAUC float64 `json:"roc_auc"`
	// Intervals are 95 % intervals for other items of the same classes; nil with NoIntervals.
	Intervals *SeparationIntervals `json:"intervals,omitempty"`
}

// SeparationIntervals are the intervals of a [Separation].
type SeparationIntervals struct {
	MAPAtR stats.Estimate `json:"map_at_r"`
	ROCAUC stats.Estimate `json:"roc_auc"`
}

// BlockEffect is the effect of a block on a similarity.
type BlockEffect struct {
	Name    string `json:"name"`
	Columns int    `json:"columns"` // their number
	// LeaveOneOut is the similarity with the block at the training mean, Only that with all other blocks at it.
	LeaveOneOut Separation `json:"leave_one_out"`
	Only        Separation `json:"only"`
	// Change is LeaveOneOut minus Full, with 95 % intervals for other items of the same classes; nil with NoIntervals.
	Change *Change `json:"change,omitempty"`
	Attribution
}

// Change holds differences of metrics on the same test items, with paired intervals: narrower than those of two metrics
// apart suggest.
type Change struct {
	MAPAtR stats.Difference `json:"map_at_r"`
	ROCAUC stats.Difference `json:"roc_auc"`
}

// FeatureEffect is the effect of a feature on a similarity.
type FeatureEffect struct {
	Name  string `json:"name"`
	Block string `json:"block"`
	Attribution
}

// String returns the explanation as tables of text, two for each kind of similarity.
func (x *Blocks) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d items of %d classes; %d pairs, half of them same; baseline: any two of %d background items\n",
		x.Items, x.Classes, x.Pairs, x.Background)
	for _, s := range x.Similarities {
		s.text(&b)
	}
	fmt.Fprintf(&b, "%s\n", x.IntervalsNote())
	for _, w := range x.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", quote.Line(w))
	}
	return b.String()
}

// IntervalsNote describes the intervals of the explanation in one line.
func (x *Blocks) IntervalsNote() string {
	return "in brackets: 95 % intervals for other items of the same classes and the same background; " +
		"of background pairs, for other background items"
}

// text writes the tables of one kind of similarity: metrics by block, then attributions by block and by feature.
func (s *BlocksOf) text(b *strings.Builder) {
	width := len("all blocks")
	for _, k := range s.Blocks {
		width = max(width, utf8.RuneCountInString(shown(k.Name)))
	}
	for _, f := range s.Features {
		width = max(width, utf8.RuneCountInString(shown(f.Name)))
	}
	i := s.Intervals
	fmt.Fprintf(b, "%s: MAP@R %s, ROC-AUC %s\n", quote.Text(s.Name), s.Full.mapAtR(), s.Full.rocAUC())
	fmt.Fprintf(b, "  mean cosine %s of same, %s of different pairs, %s apart; %s of background pairs\n",
		estimateText(i.Same), estimateText(i.Different), signedText(i.Apart.Interval), estimateText(i.Baseline))
	line := func(format string, cells ...any) {
		fmt.Fprintln(b, strings.TrimRight(fmt.Sprintf(format, append([]any{width}, cells...)...), " "))
	}
	const ablated = "  %-*s  %7v  %-7s  %-24s  %-26s  %-24s"
	line(ablated, "block", "columns", "", "left out", "change", "only")
	for _, k := range s.Blocks {
		var byMAP, byAUC string
		if k.Change != nil {
			byMAP, byAUC = signedText(k.Change.MAPAtR.Interval), signedText(k.Change.ROCAUC.Interval)
		}
		line(ablated, shown(k.Name), k.Columns, "MAP@R", k.LeaveOneOut.mapAtR(), byMAP, k.Only.mapAtR())
		line(ablated, "", "", "ROC-AUC", k.LeaveOneOut.rocAUC(), byAUC, k.Only.rocAUC())
	}
	const attributed = "  %-*s  %-26s  %-26s  %-26s  %s"
	attribution := func(what string, c AttributionIntervals) {
		line(attributed, what, signedText(c.Same.Interval), signedText(c.Different.Interval),
			signedText(c.Apart.Interval), estimateText(c.Magnitude))
	}
	line(attributed, "attribution", "same pairs", "different pairs", "apart", "magnitude")
	for _, k := range s.Blocks {
		attribution(shown(k.Name), k.Intervals)
	}
	if len(s.Features) == 0 {
		return
	}
	fmt.Fprintf(b, "  feature\n")
	for _, f := range s.Features {
		attribution(shown(f.Name), f.Intervals)
	}
	fmt.Fprintf(b, "  features leave at most %.4f of a cosine unexplained\n", s.FeaturesResidual)
}

// shown returns the name of a block or feature as tables of text show it, cut where it is long.
func shown(name string) string { return quote.Cut(name, 40) }

// mapAtR formats MAP@R with its interval, if it has one.
func (s Separation) mapAtR() string {
	if s.Intervals == nil {
		return fmt.Sprintf("%.4f", s.MAPAtR)
	}
	return estimateText(s.Intervals.MAPAtR)
}

// rocAUC formats ROC-AUC in the same way.
func (s Separation) rocAUC() string {
	if s.Intervals == nil {
		return fmt.Sprintf("%.4f", s.ROCAUC)
	}
	return estimateText(s.Intervals.ROCAUC)
}

// estimateText formats an estimate with its interval.
func estimateText(f stats.Estimate) string {
	return fmt.Sprintf("%s [%s, %s]", fixed(f.Value), fixed(f.Low), fixed(f.High))
}

// signedText formats a difference or a part with its interval.
func signedText(i stats.Interval) string {
	return fmt.Sprintf("%s [%s, %s]", signed(i.Value), signed(i.Low), signed(i.High))
}

// fixed and signed write a cosine or a metric with four digits, signed with "+" in front of what is above 0.
func fixed(v float64) string  { return decimal.Fixed(v, 4) }
func signed(v float64) string { return decimal.Signed(v, 4) }
