package show

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/stats"
)

// Blocks displays what blocks of features contribute to the similarities of items, with training and without.
//
//	opt := explain.BlocksOptions{Explain: explain.Options{Background: train}}
//	show.Blocks(show.Must(explain.Blocks(ctx, backend, model, test, opt)))
func Blocks(x *explained.Blocks) { BlocksOutputs(x).Display() }

// BlocksOutputs returns what [Blocks] displays, two tables: how well each kind of similarity separates classes with all
// blocks, without each and with each alone; and the mean parts of blocks in the cosines of same and of different pairs.
// Values have their intervals, as far as the explanation has them.
func BlocksOutputs(x *explained.Blocks) Outputs {
	// apart are the rows of the first table, parts those of the second. Rows of a similarity follow each other; the one
	// of all blocks comes first, because the others are compared with it.
	var apart, parts [][]string
	for _, s := range x.Similarities {
		full := apartCells(s.Full)
		apart = append(apart, []string{s.Name + ": all blocks", full[0], "", "", full[1], "", ""})
		i := s.Intervals
		parts = append(parts, []string{s.Name + ": mean cosines (" + i.Baseline.String() + " of background pairs)",
			i.Same.String(), i.Different.String(), change(i.Apart.Interval), ""})
		for _, b := range s.Blocks {
			name := fmt.Sprintf("%s: %s (%d columns)", s.Name, b.Name, b.Columns)
			without, only := apartCells(b.LeaveOneOut), apartCells(b.Only)
			// Changes have no value without an interval: it would only repeat the difference of two cells.
			var byMAP, byAUC string
			if b.Change != nil {
				byMAP, byAUC = change(b.Change.MAPAtR.Interval), change(b.Change.ROCAUC.Interval)
			}
			apart = append(apart, []string{name, without[0], byMAP, only[0], without[1], byAUC, only[1]})
			c := b.Intervals
			parts = append(parts, []string{name, change(c.Same.Interval), change(c.Different.Interval),
				change(c.Apart.Interval), c.Magnitude.String()})
		}
	}
	var out Outputs
	out.table(fmt.Sprintf("How well %d items of %d classes are told apart; %s", x.Items, x.Classes,
		x.IntervalsNote()),
		[]string{"similarity: block", "MAP@R without", "change", "alone", "ROC-AUC without", "change", "alone"},
		apart)
	out.table(fmt.Sprintf("Parts of the cosines of %d pairs, beside those of any two of %d background items", x.Pairs,
		x.Background), []string{"similarity: block", "in same pairs", "in different pairs", "apart", "magnitude"},
		parts)
	return out
}

// apartCells returns MAP@R and ROC-AUC with their intervals, where they have them.
func apartCells(s explained.Separation) [2]string {
	intervals := s.Intervals
	if intervals == nil {
		intervals = &explained.SeparationIntervals{}
	}
	return [2]string{estimate(s.MAPAtR, intervals.MAPAtR), estimate(s.ROCAUC, intervals.ROCAUC)}
}

// change returns a difference or a part with its interval, all with their signs.
func change(i stats.Interval) string {
	return fmt.Sprintf("%s [%s, %s]", signed(i.Value), signed(i.Low), signed(i.High))
}
