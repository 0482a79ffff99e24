package show

import "github.com/go-siamese/lab/data/split"

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
