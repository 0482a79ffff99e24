package show

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// comparisonView is the part of a page on how models differ.
type comparisonView struct {
	Verdicts    []string
	Table       table
	Differences []table
	Sections    []section
}

// comparisonOf returns how models differ.
func comparisonOf(c *report.Compared) (*comparisonView, error) {
	var rows []standing
	var curves []curve
	for k, r := range c.Reports {
		name := modelName(r.Model, k)
		rows = append(rows, itemStanding(name, r.Trained))
		if r.Details != nil && k < len(colours) {
			curves = append(curves, curve{name, r.Details.Of[0].Curve, nil, r.Trained})
		}
	}
	v := &comparisonView{Verdicts: c.Verdicts(), Table: standings("model", itemColumns, rows)}
	v.Table.Caption = "Trained encoders on the same items"
	for _, d := range slices.Concat(c.Differences, c.ByClass) {
		v.Differences = append(v.Differences, differences(d.A, d.B, d.By.Of(), itemDifferences(d)))
	}
	return v, v.compare(curves)
}

// compare adds the plots of curves.
func (v *comparisonView) compare(curves []curve) error {
	all, err := rates(curves)
	if err == nil && !all.empty() {
		v.Sections = append(v.Sections, all)
	}
	return err
}

// modelName returns what tells model k from the others.
func modelName(model string, k int) string {
	if model == "" {
		return fmt.Sprintf("report %d", k+1)
	}
	return model
}

// namedDifference is a difference with the name of its figure.
type namedDifference struct {
	name string
	stats.Difference
}

func itemDifferences(d *stats.Comparison) []namedDifference {
	return []namedDifference{{"ROC-AUC", d.ROCAUC}, {"EER", d.EER}, {"average precision", d.AveragePrecision}, {"accuracy", d.Accuracy}, {"FPR", d.FPR}, {"FNR", d.FNR},
		{"MAP@R", d.MAPAtR}, {"Recall@1", d.RecallAt1}}
}

// differences returns the table of how system b differs from a, with intervals for what.
func differences(a, b, what string, list []namedDifference) table {
	t := table{Left: 1, Header: []string{"figure", b, a, "difference", "interval", "p"}, Caption: fmt.Sprintf("%s minus %s, with %g %% intervals for %s", b, a, 100*list[0].Confidence, what)}
	for _, f := range list {
		t.Rows = append(t.Rows, words(f.name, rate(f.B), rate(f.A), fmt.Sprintf("%+.3f", f.Value), fmt.Sprintf("%+.3f to %+.3f", f.Low, f.High), fmt.Sprintf("%.2g", f.Adjusted)))
	}
	t.Note = "Intervals are of the difference on the same items. p is corrected for the number of models (Holm), not for that of figures."
	return t
}
