package show

import "github.com/go-siamese/lab/siamese/report"

// thresholds returns what thresholds chosen on validation items do on test items, for the trained encoder: accuracy and
// error rates on both, a row for each way of choosing.
func thresholds(d *report.Details) section {
	s := section{Title: "Thresholds of the trained encoder, chosen on validation items",
		Note: "Each was chosen on all pairs of the validation items, but for the first, and then frozen. " +
			"The difference of test and validation is its generalisation gap."}
	// Of the trained encoder only: it is the one whose thresholds are used.
	one := d.Of[0]
	t := table{Left: 1, Header: []string{"chosen by", "threshold", "validation\naccuracy", "\nFPR", "\nFNR",
		"test\naccuracy", "\nFPR", "\nFNR"}, Note: intervalNote(d) + "Accuracy is balanced."}
	for k, x := range one.Thresholds {
		row := words(x.Name, number(x.Threshold))
		// Validation and test stand in the same order, so that a reader can compare column by column.
		for _, value := range []func(report.AtThreshold) float64{
			func(a report.AtThreshold) float64 { return a.Accuracy },
			func(a report.AtThreshold) float64 { return a.FPR },
			func(a report.AtThreshold) float64 { return a.FNR },
		} {
			c := valueOf(one, func(o *report.Detail) float64 { return value(o.Thresholds[k].Validation) })
			// An interval without a width is none.
			if one.Low != nil && one.High != nil &&
				value(one.Low.Thresholds[k].Validation) == value(one.High.Thresholds[k].Validation) {
				c.Small = "" // older files have the value itself at both ends
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, append(row, valueOf(one,
			func(o *report.Detail) float64 { return o.Thresholds[k].Test.Accuracy }),
			valueOf(one, func(o *report.Detail) float64 { return o.Thresholds[k].Test.FPR }),
			valueOf(one, func(o *report.Detail) float64 { return o.Thresholds[k].Test.FNR })))
	}
	s.Tables = []table{t}
	return s
}
