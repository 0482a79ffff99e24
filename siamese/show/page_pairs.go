package show

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// SavePairs is [SavePage] for a report on given pairs: verdict, figures, curves, histograms, reliability and the hardest pairs.
func SavePairs(path string, opt PageOptions, r *report.PairReport) error {
	return save(path, func() (string, error) { return pairsPage(opt, nil, []*report.PairReport{r}) })
}

// SavePairComparison is [SavePairs] for reports of several models on the same given pairs: their differences come first, and
// their curves stand in one plot.
func SavePairComparison(path string, opt PageOptions, c *report.ComparedPairs) error {
	return save(path, func() (string, error) { return pairComparisonPage(opt, c) })
}

func pairComparisonPage(opt PageOptions, c *report.ComparedPairs) (string, error) {
	if err := c.Check(); err != nil {
		return "", fmt.Errorf("page: %w", err)
	}
	view, err := pairComparisonOf(c)
	if err != nil {
		return "", err
	}
	return pairsPage(opt, view, c.Reports)
}

// forOtherPairs is what intervals on given pairs hold for.
const forOtherPairs = "pairs of other items"

// pairComparisonOf returns how models differ on given pairs.
func pairComparisonOf(c *report.ComparedPairs) (*comparisonView, error) {
	var rows []standing
	var curves []curve
	for k, r := range c.Reports {
		name := modelName(r.Model, k)
		rows = append(rows, pairStanding(name, r.Trained))
		if own := pairCurves(r); len(own) > 0 && k < len(colours) {
			curves = append(curves, curve{name, own[0].points, nil, own[0].figures})
		}
	}
	v := &comparisonView{Verdicts: c.Verdicts(), Table: standings("model", pairColumns, rows)}
	v.Table.Caption = "Trained encoders on the same pairs"
	for _, d := range c.Differences {
		v.Differences = append(v.Differences, differences(d.A, d.B, forOtherPairs, pairDifferences(d)))
	}
	return v, v.compare(curves)
}

func pairDifferences(d *stats.PairComparison) []namedDifference {
	return []namedDifference{{"ROC-AUC", d.ROCAUC}, {"EER", d.EER}, {"average precision", d.AveragePrecision}, {"accuracy", d.Accuracy}, {"FPR", d.FPR}, {"FNR", d.FNR}}
}

func pairsPage(opt PageOptions, comparison *comparisonView, reports []*report.PairReport) (string, error) {
	view := pageView{Title: opt.Title, Comparison: comparison}
	for _, r := range reports {
		if err := r.Check(); err != nil {
			return "", fmt.Errorf("page: %w", err)
		}
		one, err := pairReportOf(opt, r)
		if err != nil {
			return "", fmt.Errorf("page: %s: %w", r.Name, err)
		}
		view.Reports = append(view.Reports, one)
	}
	what := "given pairs"
	if reports[0].Labels != nil {
		what = "pairs that labels tell of"
	}
	return view.html("Evaluation on " + what + ": " + reports[0].Name)
}

// pairReportOf returns the view of a report on given pairs.
func pairReportOf(opt PageOptions, r *report.PairReport) (*reportView, error) {
	var rows []standing
	for _, f := range r.Rows() {
		rows = append(rows, pairStanding(f.Name, f))
	}
	findings := r.Findings()
	v := &reportView{
		Title: r.Name, Verdict: findings[0], Findings: findings[1:], Warnings: r.Warnings, Table: contestants(pairColumns, rows, forOtherPairs),
		About: fmt.Sprintf("%d pairs of %d items, %.1f %% of them same by weight", r.Pairs, r.Items, 100*r.Positive),
	}
	if r.Model != "" {
		v.Title = r.Model + ": " + r.Name
	}
	parts := []func() (section, error){
		func() (section, error) { return rates(pairCurves(r)) },
		func() (section, error) { return histograms(pairCurves(r), "All test pairs, by weight.") },
		func() (section, error) { return reliability(r.Probabilities) },
	}
	if r.PairsHash != "" {
		v.Facts = []report.Fact{{Name: "test pairs", Value: r.PairsHash}}
	}
	if d := r.Details; d != nil && len(d.Of) > 0 {
		parts = append(parts, func() (section, error) { return hardest(d.Of[0].Same, d.Of[0].Different, false, opt.Image) })
		config, err := configText(d.Config)
		if err != nil {
			return nil, err
		}
		v.Config, v.Facts = config, append(v.Facts, d.Facts...)
	}
	return v, v.add(parts)
}

// pairCurves returns the curves of a report.
func pairCurves(r *report.PairReport) []curve {
	if r.Details == nil {
		return nil
	}
	var out []curve
	for _, d := range r.Details.Of[:min(len(r.Details.Of), len(colours))] {
		for _, f := range r.Rows() {
			if f.Name == d.Name {
				out = append(out, curve{d.Name, d.Curve, d.Histogram, report.Metrics{Threshold: f.Threshold, FPR: f.FPR, FNR: f.FNR}})
			}
		}
	}
	return out
}
