package show

import (
	"fmt"
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
// encoder of each, figures with their intervals where the report has them. The accuracy stands beside that of the same
// threshold on the validation items.
func Reports(reports ...*report.Report) { HTML(ReportsHTML(reports...)) }

// ReportsHTML returns what [Reports] displays.
func ReportsHTML(reports ...*report.Report) string {
	var rows []namedFigures
	for _, r := range reports {
		for _, f := range r.Rows() {
			rows = append(rows, namedFigures{r.Name + ": " + f.Name, f})
		}
	}
	return figuresHTML("", rows)
}

// namedFigures are figures under a name of their own.
type namedFigures struct {
	name string
	report.Metrics
}

// figuresHTML returns a table of figures under a title, with their intervals where they have them.
func figuresHTML(title string, list []namedFigures) string {
	var rows [][]string
	sureness := ""
	for _, f := range list {
		sure := f.Intervals
		if sure == nil {
			sure = &stats.Metrics{}
		} else {
			sureness = fmt.Sprintf("in brackets: %g %% intervals for %s", 100*sure.MAPAtR.Confidence, sure.By.Of())
		}
		before := number(f.Validation.Accuracy)
		if s := f.ValidationIntervals; s != nil {
			before = figure(f.Validation.Accuracy, s.Accuracy)
		}
		rows = append(rows, []string{
			f.name, figure(f.MAPAtR, sure.MAPAtR), figure(f.RecallAt1, sure.RecallAt1), figure(f.ROCAUC, sure.ROCAUC),
			figure(f.EER, sure.EER), figure(f.Accuracy, sure.Accuracy), before, number(f.Threshold),
		})
	}
	if title != "" && sureness != "" {
		title += "; "
	}
	return TableHTML(title+sureness, []string{"test items: similarity", "MAP@R", "Recall@1", "ROC-AUC", "EER", "accuracy", "on validation", "threshold"}, rows)
}

// Protocols displays what protocols say as one table: a row for every contestant of each, means over folds with their
// standard deviations, and below them a line for every measure: whether the trained encoder is better, and how sure.
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

// figure returns a figure with its interval, where there is one.
func figure(v float64, sure stats.Estimate) string {
	if sure.Method == "" {
		return number(v)
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f]", v, sure.Low, sure.High)
}
