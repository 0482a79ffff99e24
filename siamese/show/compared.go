package show

import (
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"

	"github.com/go-siamese/lab/siamese/report"
)

// Compared displays how several models do on the same items: which is better, with intervals, whether each is better
// than not training, the metrics of all, their differences from the first model's, and their ROC and DET in one plot.
// Errors are those of [ComparedHTML].
//
//	opt := evaluate.Options{Details: true}
//	compared := show.Must(evaluate.Items(ctx, backend, models, "new items", val, test, opt))
//	show.OK(show.Compared(compared))
func Compared(c *report.Compared) error {
	content, err := ComparedHTML(c)
	if err == nil {
		HTML(content)
	}
	return err
}

// ComparedHTML returns what [Compared] displays. Differences are there as far as the comparison has them, curves where
// the reports have details. It returns an error when there is no report, or one is invalid.
func ComparedHTML(c *report.Compared) (string, error) {
	if err := c.Check(); err != nil {
		return "", err
	}
	view, err := comparisonOf(c)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, verdict := range view.Verdicts {
		b.WriteString(verdictHTML(verdict))
	}
	// Which model is better says nothing about whether any is better than no training: that has a verdict of its own.
	for k, r := range c.Reports {
		findings := r.Findings()
		said := findings[:1]
		if r.NewClasses && r.Comparison != nil && r.Queries == 0 {
			said = findings[:2] // for other classes, and for other items of these classes
		}
		b.WriteString(verdictHTML(fmt.Sprintf("%s beside what needs no training: %s", modelName(r.Model, k),
			strings.Join(said, "; "))))
	}
	// Given pairs have no number of classes to tell.
	first := c.Reports[0]
	title := fmt.Sprintf("%s: %d items of %d classes", first.Name, first.Items, first.Classes)
	if first.GivenPairs {
		title = first.Name + ": " + first.About()
	}
	b.WriteString(metricsHTML(title, columnsOf(c.Reports), methodsOf(c)))
	for _, t := range view.Differences {
		b.WriteString(t.inline())
	}
	for _, s := range view.Sections {
		b.WriteString(s.inline())
	}
	return b.String(), nil
}

// methodsOf returns the metrics of all reports; what several have in common, as they have baselines, stands once,
// without the name of a model.
func methodsOf(c *report.Compared) []report.Metrics {
	var out, seen []report.Metrics // seen has the names of the reports, out those of the table
	for k, r := range c.Reports {
		for _, f := range r.Rows() {
			// Values are compared and not only names: models trained on other items have other baselines of one name.
			same := func(o report.Metrics) bool {
				return o.Name == f.Name && o.Threshold == f.Threshold && maps.Equal(o.Values, f.Values)
			}
			if slices.ContainsFunc(seen, same) {
				continue
			}
			seen = append(seen, f)
			// What only this report has needs the model's name to be told from the others.
			if !slices.ContainsFunc(c.Reports[k+1:],
				func(o *report.Report) bool { return slices.ContainsFunc(o.Rows(), same) }) {
				f.Name = modelName(r.Model, k) + ": " + f.Name
			}
			out = append(out, f)
		}
	}
	return out
}

// Rates displays the ROC and DET curves of a report: of the trained encoder, and of the best features without training.
// Errors are those of [RatesHTML].
//
//	compared := show.Must(report.Load("reports.json"))
//	show.OK(show.Rates(compared.Reports[0]))
func Rates(r *report.Report) error { return displaySection(RatesHTML(r)) }

// RatesHTML returns what [Rates] displays. It returns an error when the report has no details (see [evaluate.Options])
// or is invalid.
func RatesHTML(r *report.Report) (string, error) {
	return sectionHTML(r, "curves: evaluate with Options.Details",
		func() (section, error) { return rates(curvesOf(r)) })
}

// Reliability displays the reliability of the trained encoder's probabilities: whether of the pairs with probability
// 0.7 to be the same 70 % are. Errors are those of [ReliabilityHTML].
//
//	compared := show.Must(report.Load("reports.json"))
//	show.OK(show.Reliability(compared.Reports[0]))
func Reliability(r *report.Report) error { return displaySection(ReliabilityHTML(r)) }

// ReliabilityHTML returns what [Reliability] displays. It returns an error when the report has no probabilities, as of
// a model without calibration, or is invalid.
func ReliabilityHTML(r *report.Report) (string, error) {
	return sectionHTML(r, "probabilities: train with Config.Calibration",
		func() (section, error) { return reliability(r.Probabilities) })
}

// displaySection displays content, unless there is an error, which it returns.
func displaySection(content string, err error) error {
	if err == nil {
		HTML(content)
	}
	return err
}

// sectionHTML returns a section of the page of a valid report; without says in the error what the report lacks, and
// what to do about it, when the section is empty.
func sectionHTML(r *report.Report, without string, of func() (section, error)) (string, error) {
	if err := r.Check(); err != nil {
		return "", err
	}
	s, err := of()
	if err == nil && s.empty() {
		err = fmt.Errorf("report %q has no %s", r.Name, without)
	}
	if err != nil {
		return "", err
	}
	return s.inline(), nil
}

// inline returns the section as HTML for a notebook, with styles of its own instead of those of a page.
func (s section) inline() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<div style="font-weight:bold;padding:4px 0">%s</div>`, html.EscapeString(s.Title))
	if s.Note != "" {
		b.WriteString(noteHTML(s.Note))
	}
	for _, p := range s.Pictures {
		fmt.Fprintf(&b, "<div>%s</div>", p)
	}
	for _, t := range s.Tables {
		b.WriteString(t.inline())
	}
	return b.String()
}

// inline returns the table as HTML for a notebook: what stands below a value on a page follows it in brackets. Shades
// and bold type are left out.
func (t table) inline() string {
	header := slices.Clone(t.Header)
	for k := range header {
		// Names of columns on a page have line breaks; a repeated name has only the second line.
		header[k] = strings.TrimSpace(strings.ReplaceAll(header[k], "\n", " "))
	}
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		for _, c := range row {
			text := c.Text
			if c.Small != "" {
				text += " [" + c.Small + "]"
			}
			rows[i] = append(rows[i], text)
		}
	}
	out := TableHTML(t.Caption, header, rows)
	if t.Note != "" {
		out += noteHTML(t.Note)
	}
	return out
}

// noteHTML returns a line of small print.
func noteHTML(text string) string {
	return fmt.Sprintf(`<div style="font-size:12px;opacity:0.75;padding:2px 0">%s</div>`, html.EscapeString(text))
}

// verdictHTML returns a sentence that stands out, as the verdict on a page does.
func verdictHTML(text string) string {
	return fmt.Sprintf(`<div style="border-left:4px solid #0072b2;padding:4px 10px;margin:4px 0">%s</div>`,
		html.EscapeString(text))
}
