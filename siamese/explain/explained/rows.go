package explained

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// String returns the tables of this kind of similarity, as they are in those of a [Blocks].
func (s *BlocksOf) String() string {
	var b strings.Builder
	s.text(&b)
	return b.String()
}

// String returns the metrics in one line.
func (s Separation) String() string {
	return fmt.Sprintf("MAP@R %s, ROC-AUC %s", s.mapAtR(), s.rocAUC())
}

// String returns the intervals in one line.
func (s SeparationIntervals) String() string {
	return fmt.Sprintf("MAP@R %s, ROC-AUC %s", estimateText(s.MAPAtR), estimateText(s.ROCAUC))
}

// String returns the intervals in one line.
func (c CosineIntervals) String() string {
	return fmt.Sprintf("mean cosine %s of same, %s of different pairs, %s apart; %s of background pairs",
		estimateText(c.Same), estimateText(c.Different), signedText(c.Apart.Interval), estimateText(c.Baseline))
}

// String returns the differences in one line.
func (c Change) String() string {
	return fmt.Sprintf("MAP@R %s, ROC-AUC %s", signedText(c.MAPAtR.Interval), signedText(c.ROCAUC.Interval))
}

// String returns the effect of the block in one line: the metrics without it and with it alone, and its parts.
func (e BlockEffect) String() string {
	return fmt.Sprintf("%s (%d columns): without it %s; only it %s; %s", quote.Text(e.Name), e.Columns, e.LeaveOneOut,
		e.Only, e.Attribution)
}

// String returns the effect of the feature in one line.
func (f FeatureEffect) String() string {
	return fmt.Sprintf("%s of block %s: %s", quote.Text(f.Name), quote.Text(f.Block), f.Attribution)
}

// String returns the attribution in one line.
func (c Attribution) String() string {
	return fmt.Sprintf("%s in same, %s in different pairs, magnitude %s", signed(c.Same), signed(c.Different),
		fixed(c.Magnitude))
}

// String returns the intervals in one line.
func (i AttributionIntervals) String() string {
	return fmt.Sprintf("%s in same, %s in different pairs, %s apart, magnitude %s", signedText(i.Same.Interval),
		signedText(i.Different.Interval), signedText(i.Apart.Interval), estimateText(i.Magnitude))
}

// String returns "hog: +0.1200 (1764 columns)", with the standard error where there is one.
func (p BlockPart) String() string {
	text := fmt.Sprintf("%s: %s", quote.Text(p.Name), signed(p.Part))
	if p.StandardError > 0 {
		text += fmt.Sprintf(" ± %.4f", p.StandardError)
	}
	return fmt.Sprintf("%s (%d columns)", text, p.Columns)
}

// String returns the part of the feature and the values of the two items in one line.
func (p FeaturePart) String() string {
	return fmt.Sprintf("%s of block %s: %s, values %s and %s standard deviations", quote.Text(p.Name),
		quote.Text(p.Block), signed(p.Part), decimal.Signed(p.Left, 2), decimal.Signed(p.Right, 2))
}
