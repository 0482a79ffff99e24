package show

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-siamese/lab/siamese/report"
)

// Compared displays how several models do on the same items: which is better, with intervals, whether each is better
// than not training, the metrics of all, their differences from the first model's, and their ROC and DET in one plot.
// Errors are those of [ComparedOutputs].
//
//	opt := evaluate.Options{Details: true}
//	compared := show.Must(evaluate.Items(ctx, backend, models, "new items", val, test, opt))
//	show.OK(show.Compared(compared))
func Compared(c *report.Compared) error {
	return displayed(ComparedOutputs(c))
}

// ComparedOutputs returns what [Compared] displays. Differences are there as far as the comparison has them, curves
// where the reports have details. It returns an error when there is no report, or one is invalid.
func ComparedOutputs(c *report.Compared) (Outputs, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	view, err := comparisonOf(c)
	if err != nil {
		return nil, err
	}
	var out Outputs
	for _, verdict := range view.Verdicts {
		out.verdict(verdict)
	}
	// Which model is better says nothing about whether any is better than no training: that has a verdict of its own.
	for k, r := range c.Reports {
		findings := r.Findings()
		said := findings[:1]
		if r.NewClasses && r.Comparison != nil && r.Queries == 0 {
			said = findings[:2] // for other classes, and for other items of these classes
		}
		out.verdict(fmt.Sprintf("%s beside what needs no training: %s", modelName(r.Model, k),
			strings.Join(said, "; ")))
	}
	for k, r := range c.Reports {
		for _, w := range r.Warnings {
			out.warning(modelName(r.Model, k) + ": " + w)
		}
	}
	// Given pairs have no number of classes to tell.
	first := c.Reports[0]
	title := fmt.Sprintf("%s: %d items of %d classes", first.Name, first.Items, first.Classes)
	if first.GivenPairs {
		title = first.Name + ": " + first.About()
	}
	out.metrics(title, columnsOf(c.Reports), methodsOf(c))
	for _, t := range view.Differences {
		t.onto(&out)
	}
	for _, s := range view.Sections {
		if err := s.onto(&out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// methodsOf returns the metrics of all reports; what several have in common, as they have baselines, stands once,
// without the name of a model.
func methodsOf(c *report.Compared) []report.Metrics {
	var out, seen []report.Metrics // seen has the names of the reports, out those of the table
	for k, r := range c.Reports {
		for _, f := range r.Shown() {
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
				func(o *report.Report) bool { return slices.ContainsFunc(o.Shown(), same) }) {
				f.Name = modelName(r.Model, k) + ": " + f.Name
			}
			out = append(out, f)
		}
	}
	return out
}

// Rates displays the ROC and DET curves of a report: of the trained encoder, and of the best features without training.
// Errors are those of [RatesOutputs].
//
//	compared := show.Must(report.Load("reports.json"))
//	show.OK(show.Rates(compared.Reports[0]))
func Rates(r *report.Report) error { return displayed(RatesOutputs(r)) }

// RatesOutputs returns what [Rates] displays. It returns an error when the report has no details (see
// [evaluate.Options]) or is invalid.
func RatesOutputs(r *report.Report) (Outputs, error) {
	return sectionOutputs(r, "curves: evaluate with Options.Details",
		func() (section, error) { return rates(curvesOf(r)) })
}

// Reliability displays how far the trained encoder can be believed: whether of the pairs with probability 0.7 to be the
// same 70 % are, and how strong the evidence of its similarities is (package forensic). Errors are those of
// [ReliabilityOutputs].
//
//	compared := show.Must(report.Load("reports.json"))
//	show.OK(show.Reliability(compared.Reports[0]))
func Reliability(r *report.Report) error { return displayed(ReliabilityOutputs(r)) }

// ReliabilityOutputs returns what [Reliability] displays. A model without calibration has no probabilities, and evidence
// without likelihood ratios. It returns an error when the report has neither, as of pairs of one kind, or is invalid.
func ReliabilityOutputs(r *report.Report) (Outputs, error) {
	ofEvidence := func() (section, error) { return evidence(r.Evidence) }
	if r.Probabilities == nil && r.Evidence != nil {
		return sectionOutputs(r, "evidence", ofEvidence)
	}
	out, err := sectionOutputs(r, "probabilities: train with Config.Calibration",
		func() (section, error) { return reliability(r.Probabilities) })
	if err != nil || r.Evidence == nil {
		return out, err
	}
	more, err := sectionOutputs(r, "evidence", ofEvidence)
	return append(out, more...), err
}

// sectionOutputs returns a section of the page of a valid report; without says in the error what the report lacks, and
// what to do about it, when the section is empty.
func sectionOutputs(r *report.Report, without string, of func() (section, error)) (Outputs, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	s, err := of()
	if err == nil && s.empty() {
		err = fmt.Errorf("report %q has no %s", r.Name, without)
	}
	if err != nil {
		return nil, err
	}
	var out Outputs
	err = s.onto(&out)
	return out, err
}

// onto appends the section for a notebook: its drawings, but not the pictures that only a page has.
func (s section) onto(out *Outputs) error {
	out.title(s.Title)
	out.note(s.Note)
	for _, d := range s.Drawings {
		if err := out.draw(d); err != nil {
			return err
		}
	}
	for _, t := range s.Tables {
		t.onto(out)
	}
	return nil
}

// onto appends the table for a notebook: what stands below a value on a page follows it in brackets. Shades
// and bold type are left out.
func (t table) onto(out *Outputs) {
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
	out.table(t.Caption, header, rows)
	out.note(t.Note)
}
