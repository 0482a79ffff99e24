package show

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese"
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
func comparisonOf(c *siamese.Compared) (*comparisonView, error) {
	v := &comparisonView{Verdicts: c.Verdicts()}
	v.Table = table{Left: 1, Caption: "Trained encoders on the same items", Header: []string{"model", "ROC-AUC", "EER", "MAP@R", "Recall@1", "accuracy", "threshold"}}
	var curves []curve
	for k, r := range c.Reports {
		name := modelName(r, k)
		f, s := r.Trained, r.Trained.Intervals
		if s == nil {
			s = &stats.Figures{}
		}
		v.Table.Rows = append(v.Table.Rows, append([]cell{{Text: name}}, sure(f.ROCAUC, s.ROCAUC), sure(f.EER, s.EER), sure(f.MAPAtR, s.MAPAtR),
			sure(f.RecallAt1, s.RecallAt1), sure(f.Accuracy, s.Accuracy), cell{Text: number(f.Threshold)}))
		if r.Details != nil && k < len(colours) {
			curves = append(curves, curve{name, r.Details.Of[0].Curve, nil, f})
		}
	}
	for _, d := range slices.Concat(c.Differences, c.ByClass) {
		v.Differences = append(v.Differences, differences(d))
	}
	both, err := rates(curves)
	if err == nil && !both.empty() {
		v.Sections = []section{both}
	}
	return v, err
}

// modelName returns what tells a report from the others.
func modelName(r *siamese.Report, k int) string {
	if r.Model != "" {
		return r.Model
	}
	return fmt.Sprintf("report %d", k+1)
}

// drawnBy says what intervals by a unit hold for.
var drawnBy = map[stats.Unit]string{stats.ByItem: "other items of the same classes", stats.ByClass: "other classes"}

// differences returns the table of how one system differs from another.
func differences(d *stats.Comparison) table {
	t := table{Left: 1, Header: []string{"figure", d.B, d.A, "difference", "interval", "p"}, Caption: fmt.Sprintf("%s minus %s, with %g %% intervals for %s", d.B, d.A, 100*d.MAPAtR.Level, drawnBy[d.By])}
	for _, f := range []struct {
		name string
		stats.Difference
	}{{"ROC-AUC", d.ROCAUC}, {"EER", d.EER}, {"average precision", d.AveragePrecision}, {"accuracy", d.Accuracy}, {"FPR", d.FPR}, {"FNR", d.FNR}, {"MAP@R", d.MAPAtR}, {"Recall@1", d.RecallAt1}} {
		t.Rows = append(t.Rows, words(f.name, rate(f.B), rate(f.A), fmt.Sprintf("%+.3f", f.Value), fmt.Sprintf("%+.3f to %+.3f", f.Low, f.High), fmt.Sprintf("%.2g", f.Adjusted)))
	}
	t.Note = "Intervals are of the difference on the same items. p is corrected for the number of models (Holm), not for that of figures."
	return t
}
