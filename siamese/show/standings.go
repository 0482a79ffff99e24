package show

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// standings returns the table of metrics of methods, a row for each, with their intervals and thresholds. first is the
// head of the column of names. Names of metrics are broken into lines, which keeps columns narrow.
func standings(first string, columns []*stats.Metric, rows []report.Metrics) table {
	t := table{Name: "Metrics", Left: 1, Header: []string{first}}
	for _, m := range columns {
		t.Header = append(t.Header, strings.ReplaceAll(m.Name, " ", "\n"))
	}
	t.Header = append(t.Header, "threshold")
	for _, r := range rows {
		row := words(r.Name)
		for _, m := range columns {
			v, ok := r.Values[m.Key]
			if !ok {
				row = append(row, cell{Text: report.Undefined})
				continue
			}
			row = append(row, withInterval(v, interval(r, m.Key)))
		}
		t.Rows = append(t.Rows, append(row, cell{Text: number(r.Threshold)}))
	}
	return t
}

// interval returns the estimate of a metric by its key; it has no Method where there is none.
func interval(m report.Metrics, key string) stats.Estimate {
	if m.Intervals == nil {
		return stats.Estimate{}
	}
	return m.Intervals.Estimates[key]
}

// methods returns the table of what a report compares, the best of every column marked.
func methods(r *report.Report) table {
	// All columns, unlike in a notebook: a page scrolls sideways.
	columns, rows := r.Columns(false), r.Shown()
	t := standings("similarity", columns, rows)
	for k, m := range columns {
		// Better is 1 or -1, and 0 for a rate that is lowered at the cost of another one.
		if _, defined := rows[0].Values[m.Key]; defined && m.Better != 0 {
			markBest(t.Rows, 1+k, func(row int) float64 { return float64(m.Better) * rows[row].Values[m.Key] })
		}
	}
	// All rows have the same kind of interval, if they have one.
	for _, one := range rows {
		if s := one.Intervals; s != nil {
			t.Note = fmt.Sprintf("Below each metric: its %g %% interval, for %s. ", 100*s.Confidence(), s.By.Of())
		}
	}
	t.Note += atThreshold
	return t
}

// atThreshold is the note below tables of metrics.
const atThreshold = "Accuracy is balanced; accuracy, FPR and FNR are at the threshold, which was chosen on " +
	"validation items. Bold: the best of a column, whether the difference is clear or not."

// markBest marks the highest value of a column; of equal ones the first. value returns that of a row. There must be a
// row.
func markBest(rows [][]cell, column int, value func(row int) float64) {
	best := 0
	for k := range rows {
		if value(k) > value(best) {
			best = k
		}
	}
	rows[best][column].Best = true
}
