package show

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/study"
)

// Frame displays the first rows of a frame: id, label, domain and a few features from the start of each block.
func Frame(f *data.Frame, rows int) { HTML(FrameHTML(f, rows)) }

// FrameHTML returns what [Frame] displays.
func FrameHTML(f *data.Frame, rows int) string {
	const perBlock = 2 // features shown of a block
	header := []string{"id", "label", "domain"}
	var columns []int
	for _, b := range f.Blocks {
		for c := b.Start; c < min(b.End, b.Start+perBlock); c++ {
			columns, header = append(columns, c), append(header, f.Columns[c])
		}
	}
	var body [][]string
	for i := range min(rows, f.N()) {
		row := []string{f.IDs[i], at(f.Labels, i), at(f.Domains, i)}
		for _, c := range columns {
			row = append(row, strconv.FormatFloat(float64(f.Row(i)[c]), 'g', 4, 32))
		}
		body = append(body, row)
	}
	return TableHTML(fmt.Sprintf("%s; the first %d", f, len(body)), header, body)
}

func at(values []string, i int) string {
	if values == nil {
		return ""
	}
	return values[i]
}

// Reports displays reports as one table: a row for the features without training and one for the trained
// encoder of each, metrics with their intervals where the report has them. The accuracy stands beside that of the same
// threshold on the validation items.
func Reports(reports ...*report.Report) { HTML(ReportsHTML(reports...)) }

// ReportsHTML returns what [Reports] displays.
func ReportsHTML(reports ...*report.Report) string {
	var rows []report.Metrics
	for _, r := range reports {
		for _, f := range r.Rows() {
			f.Name = r.Name + ": " + f.Name
			rows = append(rows, f)
		}
	}
	return metricsHTML("", columnsOf(reports), rows)
}

// columnsOf returns the metrics that any of some reports has in narrow tables.
func columnsOf(reports []*report.Report) []*stats.Metric {
	var out []*stats.Metric
	for _, m := range stats.Registry() {
		if slices.ContainsFunc(reports, func(r *report.Report) bool { return slices.Contains(r.Columns(true), m) }) {
			out = append(out, m)
		}
	}
	return out
}

// metricsHTML returns a table of metrics under a title, with their intervals where they have them.
func metricsHTML(title string, columns []*stats.Metric, list []report.Metrics) string {
	header := []string{"test items: similarity"}
	for _, m := range columns {
		header = append(header, m.Name)
	}
	header = append(header, "accuracy on validation", "threshold")
	var rows [][]string
	note := ""
	for _, f := range list {
		if s := f.Intervals; s != nil {
			note = fmt.Sprintf("in brackets: %g %% intervals for %s", 100*s.Confidence(), s.By.Of())
		}
		row := []string{f.Name}
		for _, m := range columns {
			text := ""
			if v, ok := f.Values[m.Key]; ok {
				text = figure(v, interval(f, m.Key))
			}
			row = append(row, text)
		}
		before := stats.Estimate{}
		if s := f.ValidationIntervals; s != nil {
			before = s.Accuracy
		}
		rows = append(rows, append(row, figure(f.Validation.Accuracy, before), number(f.Threshold)))
	}
	if title != "" && note != "" {
		title += "; "
	}
	return TableHTML(title+note, header, rows)
}

// Protocols displays what protocols say as one table: a row for every method of each, means over folds with their
// standard deviations, and below them a line for every measure: whether the trained encoder is better, and with
// intervals.
func Protocols(r *study.ProtocolReport) { HTML(ProtocolsHTML(r)) }

// ProtocolsHTML returns what [Protocols] displays.
func ProtocolsHTML(r *study.ProtocolReport) string {
	var rows, gains [][]string
	for _, p := range r.Protocols {
		for _, c := range p.Methods {
			row := []string{p.Title() + ": " + c.Name}
			for _, f := range c.Metrics {
				cell := number(f.Value)
				if f.Folds != nil {
					cell += fmt.Sprintf(" ± %.3f", f.Folds.SD)
				}
				row = append(row, cell)
			}
			rows = append(rows, row)
		}
		for _, g := range p.Gains {
			gains = append(gains, []string{p.Title() + ": " + g.String()})
		}
	}
	title := fmt.Sprintf("%d seed(s) on every fold; ± standard deviation over folds", len(r.Seeds))
	return TableHTML(title, append([]string{"test items: similarity"}, study.ProtocolMetrics()...), rows) +
		TableHTML("", []string{"the trained encoder beside the best without training"}, gains)
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }

// figure returns a value with its interval, where there is one.
func figure(v float64, e stats.Estimate) string {
	if e.Method == "" {
		return number(v)
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f]", v, e.Low, e.High)
}
