package show

import (
	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/split"
)

// Describe displays what [describe.Frame] found in a frame, such as its classes and duplicate items.
//
//	show.Describe(show.Must(describe.Frame(ctx, frame, describe.Options{})))
func Describe(d *describe.Description) { DescribeOutputs(d).Display() }

// DescribeOutputs returns what [Describe] displays: the HTML and the text of the description itself.
func DescribeOutputs(d *describe.Description) Outputs {
	return Outputs{{Text: quote.Lines(d.String()), HTML: d.HTML()}}
}

// Leakage displays what two sides of a split have in common, a row for every kind of leak; whether that is an error is
// for its Err:
//
//	leaks := show.Must(sides.Leakage(ctx, frame, split.LeakageOptions{}))
//	show.Leakage(leaks)
//	show.OK(leaks.Err())
func Leakage(l *split.Leakage) { LeakageOutputs(l).Display() }

// LeakageOutputs returns what [Leakage] displays: the verdict over a row for every kind of leak, also for those that
// were not looked for.
func LeakageOutputs(l *split.Leakage) Outputs {
	var rows [][]string
	for _, row := range l.Rows() {
		rows = append(rows, row[:])
	}
	return TableOutputs(l.Verdict()+" ("+l.Split+")", []string{"on two sides of the split", "", ""}, rows)
}
