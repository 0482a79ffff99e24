package show

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/tables"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// Frame displays the first rows of a frame: id, label and domain, where there are any, and two features from the start
// of each block.
func Frame(f *data.Frame, rows int) { FrameOutputs(f, rows).Display() }

// FrameOutputs returns what [Frame] displays: up to rows rows, fewer if the frame has fewer, none for 0 and less. More
// than 10 scroll, and can be sorted and filtered; as plain text they are the first 10.
func FrameOutputs(f *data.Frame, rows int) Outputs {
	// Thousands of features fit in no table; the first ones of each block show names and scale.
	const perBlock = 2
	header := []string{"id", "label", "domain"}
	var columns []int
	for _, b := range f.Blocks {
		for c := b.Start; c < min(b.End, b.Start+perBlock); c++ {
			columns, header = append(columns, c), append(header, f.Columns[c])
		}
	}
	var body [][]string
	for i := range min(rows, f.N()) {
		// Four digits: enough to recognise a feature, and as many as its column has room for.
		row := []string{f.IDs[i], at(f.Labels, i), at(f.Domains, i)}
		for _, c := range columns {
			row = append(row, strconv.FormatFloat(float64(f.Row(i)[c]), 'g', 4, 32))
		}
		body = append(body, row)
	}
	header, body = tables.Filled(header, body, "label", "domain")
	caption := fmt.Sprintf("%s; the first %d", f, len(body))
	if len(body) <= textRows {
		return TableOutputs(caption, header, body)
	}
	var out Outputs
	out.longTable(caption, header, body)
	return out
}

// at returns value i, "" for a frame without labels or domains.
func at(values []string, i int) string {
	if values == nil {
		return ""
	}
	return values[i]
}

// Reports displays reports as one table: a row for every method of each, baselines before the trained encoder, with the
// metrics that any of them has and their intervals. The accuracy stands beside that of the same threshold on the
// validation items: their difference is the generalisation gap. Below the table are the findings of each, the verdict
// first, and its warnings, such as that its training was cut.
//
//	models := evaluate.One(model)
//	compared := show.Must(evaluate.Items(ctx, backend, models, "new items", val, test, evaluate.Options{}))
//	show.Reports(compared.Reports...)
func Reports(reports ...*report.Report) { ReportsOutputs(reports...).Display() }

// ReportsOutputs returns what [Reports] displays. Reports must not be nil; they are not checked.
func ReportsOutputs(reports ...*report.Report) Outputs {
	var rows []report.Metrics
	for _, r := range reports {
		for _, f := range r.Shown() {
			// f is a copy: the report keeps its names.
			f.Name = r.Name + ": " + f.Name
			rows = append(rows, f)
		}
	}
	var out Outputs
	out.metrics("", columnsOf(reports), rows)
	for _, r := range reports {
		findings := r.Findings()
		out.verdict(r.Name + ": " + findings[0])
		for _, f := range findings[1:] {
			out.note(r.Name + ": " + f)
		}
		for _, w := range r.Warnings {
			out.warning(r.Name + ": " + w)
		}
	}
	return out
}

// columnsOf returns the metrics that any of the reports has in narrow tables, in the order of the registry.
func columnsOf(reports []*report.Report) []*stats.Metric {
	var out []*stats.Metric
	for _, m := range stats.Registry() {
		if slices.ContainsFunc(reports, func(r *report.Report) bool { return slices.Contains(r.Columns(true), m) }) {
			out = append(out, m)
		}
	}
	return out
}

// metrics appends a table of metrics under a title, with their intervals where they have them. A metric that a row
// does not have is an empty cell.
func (o *Outputs) metrics(title string, columns []*stats.Metric, list []report.Metrics) {
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
			// No value is not the same as a value of 0.
			if v, ok := f.Values[m.Key]; ok {
				text = estimate(v, interval(f, m.Key))
			}
			row = append(row, text)
		}
		// The zero estimate has no method, and so no interval.
		before := stats.Estimate{}
		if s := f.ValidationIntervals; s != nil {
			before = s.Accuracy
		}
		rows = append(rows, append(row, estimate(f.Validation.Accuracy, before), number(f.Threshold)))
	}
	if title != "" && note != "" {
		title += "; "
	}
	o.table(title+note, header, rows)
}

// Protocols displays the results of protocols as one table: a row for every method of each, means over folds with their
// standard deviations, and below them a line for every metric: whether the trained encoder is better, with intervals.
//
//	show.Protocols(show.Must(study.RunProtocols(ctx, backend, frame, cfg, study.ProtocolOptions{})))
func Protocols(r *protocol.Report) { ProtocolsOutputs(r).Display() }

// ProtocolsOutputs returns what [Protocols] displays.
func ProtocolsOutputs(r *protocol.Report) Outputs {
	var rows, gains [][]string
	// Rows of one protocol follow each other; each begins with its title, as there is one table for all.
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
	var out Outputs
	out.table(title, append([]string{"test items: similarity"}, protocol.Metrics()...), rows)
	out.table("", []string{"the trained encoder beside the best without training"}, gains)
	return out
}
