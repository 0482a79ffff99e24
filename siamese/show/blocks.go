package show

import (
	"fmt"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/stats"
)

// Blocks displays what blocks of features carry of the similarities of items: with features trained and untrained.
func Blocks(x *siamese.BlockExplanation) { HTML(BlocksHTML(x)) }

// BlocksHTML returns what [Blocks] displays: a row for each block of each kind of similarity, and one with all blocks; and,
// where the explanation has intervals, how figures change without each block.
func BlocksHTML(x *siamese.BlockExplanation) string {
	var rows, changes [][]string
	var level float64
	signed := func(v float64) string { return fmt.Sprintf("%+.3f", v) }
	for _, s := range x.Similarities {
		rows = append(rows, []string{s.Name + ": all blocks", number(s.Whole.MAPAtR), number(s.Whole.ROCAUC), "", "",
			signed(s.Same - s.Baseline), signed(s.Different - s.Baseline), signed(s.Same - s.Different)})
		for _, b := range s.Blocks {
			rows = append(rows, []string{fmt.Sprintf("%s: %s (%d columns)", s.Name, b.Name, b.Columns),
				number(b.Without.MAPAtR), number(b.Without.ROCAUC), number(b.Alone.MAPAtR), number(b.Alone.ROCAUC),
				signed(b.Same), signed(b.Different), fmt.Sprintf("%+.3f ± %.3f", b.Apart(), b.ApartError)})
			if b.Change != nil {
				level = b.Change.MAPAtR.Level
				changes = append(changes, []string{s.Name + ": without " + b.Name, change(b.Change.MAPAtR), change(b.Change.ROCAUC)})
			}
		}
	}
	title := fmt.Sprintf("%d items of %d classes; parts of the cosines of %d pairs, beside those of any two of %d background items; ± standard errors", x.Items, x.Classes, x.Pairs, x.Background)
	out := TableHTML(title, []string{"similarity: block", "MAP@R without", "ROC-AUC without", "MAP@R alone", "ROC-AUC alone", "part in same pairs", "in different pairs", "apart"}, rows)
	if changes == nil {
		return out
	}
	title = fmt.Sprintf("How figures change; in brackets: %g %% intervals for other items of the same classes", 100*level)
	return out + TableHTML(title, []string{"similarity", "MAP@R", "ROC-AUC"}, changes)
}

// change returns a difference with its interval.
func change(d stats.Difference) string {
	return fmt.Sprintf("%+.3f [%+.3f, %+.3f]", d.Value, d.Low, d.High)
}
