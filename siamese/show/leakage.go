package show

import "github.com/go-siamese/lab/data/split"

// Leakage displays what two sides of a split have in common; whether that is an error is for its Err:
//
//	leakage := show.Must(split.Leakage(ctx, frame, data.LeakageOptions{}))
//	show.Leakage(leakage)
//	show.OK(leakage.Err())
func Leakage(l *split.Leakage) { HTML(LeakageHTML(l)) }

// LeakageHTML returns what [Leakage] displays.
func LeakageHTML(l *split.Leakage) string {
	var rows [][]string
	for _, row := range l.Rows() {
		rows = append(rows, row[:])
	}
	return TableHTML(l.Verdict()+" ("+l.Split+")", []string{"on two sides of the split", "", ""}, rows)
}
