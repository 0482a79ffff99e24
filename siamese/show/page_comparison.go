package show

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// comparisonView is the part of a page on how models differ.
type comparisonView struct {
	Verdicts    []string // one for every model but the first
	Table       table    // of metrics, a row for each model
	Differences []table  // from the first model, for other items and then for other classes
	Sections    []section
}

// comparisonOf returns how models differ. The comparison must be valid. Plots have as many models as there are colours.
func comparisonOf(c *report.Compared) (*comparisonView, error) {
	var rows []report.Metrics
	var curves []curve
	for k, r := range c.Reports {
		one := r.Trained // a copy, under the model's name
		one.Name = modelName(r.Model, k)
		rows = append(rows, one)
		// Models beyond the colours are in the table but have no curve. Histograms are left out: the plots of each
		// report have them.
		if r.Details != nil && len(r.Details.Of) > 0 && k < len(colours) {
			curves = append(curves, curve{one.Name, r.Details.Of[0].Curve, nil, r.Trained})
		}
	}
	// Reports that are compared are on the same items or pairs: the first one has the columns of all.
	first := c.Reports[0]
	v := &comparisonView{Verdicts: c.Verdicts(), Table: standings("model", first.Columns(false), rows)}
	v.Table.Caption = "Trained encoders on the same items"
	// The caption says what was compared on: pairs that somebody labelled, or all pairs of items.
	if first.GivenPairs {
		v.Table.Caption = "Trained encoders on the same pairs"
	}
	// Differences for other classes are there where the test classes are new.
	for _, d := range slices.Concat(c.Differences, c.ByClass) {
		v.Differences = append(v.Differences, differences(d))
	}
	if header, rows, note := c.Evidence(); rows != nil {
		t := table{Left: 1, Name: "Strength of the evidence", Header: header, Note: note}
		for _, row := range rows {
			t.Rows = append(t.Rows, words(row...))
		}
		v.Sections = append(v.Sections, section{Title: "Strength of the evidence", Tables: []table{t}})
	}
	return v, v.compare(curves)
}

// compare adds the plots of curves, if there are any.
func (v *comparisonView) compare(curves []curve) error {
	all, err := rates(curves)
	if err == nil && !all.empty() {
		v.Sections = append(v.Sections, all)
	}
	return err
}

// modelName returns the name by which model k is told from the others: its file's, or a number from 1.
func modelName(model string, k int) string {
	if model == "" {
		return fmt.Sprintf("report %d", k+1)
	}
	return model
}

// differences returns the table of how one model differs from another: B minus A, with intervals and p-values.
func differences(d *stats.Comparison) table {
	confidence := 100 * d.Confidence()
	t := table{Left: 1, Header: []string{"metric", d.B, d.A, "difference", "interval", "p"}}
	t.Caption = fmt.Sprintf("%s minus %s, with %g %% intervals for %s", d.B, d.A, confidence, d.By.Of())
	// In the order of the registry: the differences themselves are in a map.
	for _, m := range stats.Registry() {
		f, ok := d.Differences[m.Key]
		if !ok {
			continue
		}
		t.Rows = append(t.Rows, words(m.Name, rate(f.B), rate(f.A), signed(f.Value),
			span(f.Low, f.High), fmt.Sprintf("%.2g", f.Adjusted)))
	}
	t.Note = "Intervals are of the difference on the same items. p is adjusted for the number of models (Holm), " +
		"not for that of metrics."
	return t
}
